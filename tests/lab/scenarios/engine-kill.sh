# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the engine is killed many times under traffic, then restarted for an upgrade: no session, address or count is lost
# topology: nat 3
# option: kills 10 how often
# kills: l2tpd
# needs: ours charon-systemd swanctl xl2tpd pppd freeradius python3
# limit: 150 + 8 * KILLS

RANDOM=20260 # the moments are the same in each run, as far as they can be

new_engine() {
	local pid
	pid=$(engine_pid)
	seen "process $pid"
	[ -n "$pid" ] && [ "$pid" != "$1" ] && gateway_ask status
}

# One after the other, each after a moment of its life; every tenth one before it is ready.
kill_many() {
	local n=0 pid last=
	while [ $n -lt $KILLS ]; do
		pid=$(engine_pid)
		[ -n "$pid" ] && [ "$pid" != "$last" ] || { nap 0.05; continue; }
		if [ $((n % 10)) != 9 ]; then
			gateway_ask version
			nap "0.$((RANDOM % 90 + 10))"
		fi
		on gw kill -KILL "$pid" && n=$((n + 1))
		last=$pid
	done
	seen "$n times"
}

# What names the sessions: ids, users, addresses.
sessions() {
	gateway_list session | grep -oE '"(session-id|tunnel-id|user|peer-ip|ifname|state|acct-session-id)": "[^"]*"' | paste -sd' '
}

same_sessions() {
	local now
	now=$(sessions)
	echo "before: $1"
	echo "now:    $now"
	seen "$(gateway_list session | wc -l) sessions with the same ids, users and addresses"
	[ -n "$now" ] && [ "$1" = "$now" ]
}

ping_start() {
	start "$1" ping ping -n -i 0.2 $LAN
}

# How many were lost; a tick of them may be on their way at the end.
ping_lost() {
	local host sent got all=0 lost=0
	for host; do
		stop "$host" ping INT
		read -r sent got < <(sed -n 's/\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$LAB_OUT/$host/ping.log")
		tail -n 3 "$LAB_OUT/$host/ping.log"
		all=$((all + sent)) lost=$((lost + sent - got))
	done
	seen "$lost of $all pings lost"
	[ "$all" -gt 0 ] && [ "$lost" -le 2 ]
}

counter_above() {
	local now
	now=$(counter "$1")
	seen "$1 $now"
	[ "${now:-0}" -gt "$2" ]
}

kernel_tunnels() {
	equals "$1" "$(on gw ip l2tp show tunnel | grep -c '^Tunnel')" "kernel tunnels:"
}

radius_user alice "wonder land"
radius_user bob "builder"
radius_start
gateway_ike
gateway_conf_radius
on gw sh -c 'echo "l2tp { hello = 5s }" >>/etc/l2tpd/l2tpd.conf'
charon_start gw
gateway_start
for host in c1 c2 c3; do
	client_ike $host
done
client_conf c1 alice "wonder land"
client_conf c2 bob "builder"
client_conf c3 bob "builder"
check "client 1 calls" client_connect c1
check "client 2 calls" client_connect c2
wait_for 30 "client 1 is up" client_up c1
wait_for 30 "client 2 is up" client_up c2
wait_for 10 "l2tpd knows" gateway_has 2 lease
before=$(sessions)
ping_start c1
ping_start c2
check "the engine is killed" kill_many
wait_for 30 "another one runs" gateway_ask status
wait_for 30 "the sessions are what they were" same_sessions "$before"
wait_for 30 "with their addresses" gateway_has 2 lease
check "traffic has not stopped" ping_lost c1 c2
check "the counters went on" counter_above tunnels_up 1
check "the crashes are in the log" log_has gw l2tpd 'restored.*tunnels=2 sessions=2'
acks=$(counter rx_acks)
wait_for 30 "the clients answer the next HELLOs" counter_above rx_acks "$((acks + 3))"
check "and are both there" gateway_has 2 session
check "client 3 calls" client_connect c3
wait_for 30 "it is up" client_up c3

before=$(sessions)
engine=$(engine_pid)
check "l2tpctl restart-engine" on gw l2tpctl restart-engine
wait_for 30 "another engine runs" new_engine "$engine"
wait_for 30 "with the sessions of the one before" same_sessions "$before"
check "client 1 reaches the LAN" reaches c1 $LAN
check "a wrong configuration" on gw sh -c 'cp /etc/l2tpd/l2tpd.conf /run/lab/good.conf && echo "lns" >>/etc/l2tpd/l2tpd.conf'
engine=$(engine_pid)
check "is no reason to let the engine go" not on gw l2tpctl restart-engine
check "it runs on" equals "$engine" "$(engine_pid)" "process"
on gw cp /run/lab/good.conf /etc/l2tpd/l2tpd.conf

client_hang_up c1
wait_for 45 "client 1 hangs up: its session ends in order" gateway_has 2 session
check "which the log says" log_has gw l2tpd 'session: down.*user="alice"'
check "l2tpctl disconnects client 2" on gw l2tpctl disconnect tunnel "$(gateway_list session | sed -n '1s/.*"tunnel-id": "\([0-9]*\)".*/\1/p')"
wait_for 30 "which is gone then" gateway_has 1 session
wait_for 60 "so has the kernel, when nothing can come from the others any more" kernel_tunnels 1
check "l2tpd stops" gateway_stop
wait_for 30 "and nothing is left" none_of gw pppd
