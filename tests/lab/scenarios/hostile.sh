# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: floods of junk and mutated messages, half-open calls, stolen ids, every message in every state: an honest client gets in all the while
# topology: nat 2
# needs: ours pppd python3
# limit: 420

# begin: a server, an honest client that was there and is gone, and what the engine is like then.
begin() {
	hostile_conf
	gateway_start
	honest "in peace"
	wait_for 45 "its tunnel is gone" gateway_has 0 tunnel
	engine=$(engine_pid)
	memory_before=$(engine_kib)
	lines_before=$(log_lines)
}

finish() {
	wait_for 60 "nothing is left of any tunnel" gateway_has 0 tunnel
	wait_for 20 "no pppd is left" none_of gw pppd
	memory_back "in the end" "$memory_before" 2048
	unharmed "in the end" 45000
	check "l2tpctl show counters" on gw l2tpctl show counters
	say_block <"$LAB_OUT/last"
	check "l2tpd stops in order" gateway_stop
}

# victim_keeps: the session that was attacked goes on, in the tunnel that it had.
victim_keeps() {
	lac_answered c2 "$(($1 + 10))" && gateway_list tunnel | grep -q "\"tunnel-id\": \"$tunnel\""
}

# steal HOST: what it sends into the tunnel of client 2 is nothing to that.
steal() {
	local answered
	lac_start c2 --user bob --password builder --auth chap --ping "$LAN"
	wait_for 10 "somebody has a session" lac_answered c2 5
	tunnel=$(lac_word c2 "tunnel up" 3) session=$(lac_word c2 "session up" 3)
	check "another sends StopCCN, CDN, HELLO and ICRQ into it, with all likely numbers" hostile "$1" steal "$tunnel" "$session"
	answered=$(sed -n 's/^echo  *\([0-9]*\) answered.*/\1/p' "$LAB_OUT/c2/lac.log" | tail -1)
	wait_for 10 "who does not notice" victim_keeps "$answered"
	check "and hangs up in order" stop c2 lac
}

printf '%s\n' 'alice * wonderland *' 'bob * builder *' | file gw /etc/ppp/chap-secrets 0600
host_add stranger
plug stranger outer 192.0.2.66/24
many_addresses stranger 192.0.2.66

begin
hostile_start stranger --seed 1 --sources "$HOSTILE_NET" flood 20000
honest "during a flood"
wait_for 120 "the flood ends" not running stranger hostile
check "20,000 datagrams" hostile_done stranger
unharmed "after the flood" 20000
wait_for 60 "nothing is left of any tunnel" gateway_has 0 tunnel
memory_back "after the flood" "$memory_before" 2048
memory_once=$(engine_kib)
check "the same again, from other seeds" hostile stranger --seed 5 --sources "$HOSTILE_NET" flood 20000
wait_for 60 "nothing is left of any tunnel" gateway_has 0 tunnel
memory_back "after the second flood" "$memory_once" 1024
check "2,000 half-open calls from as many addresses" hostile stranger --sources "$HOSTILE_NET" half-open 2000
honest "with them open"
check "and 2,000 from one address" hostile stranger half-open 2000
honest "with those open"
check "every message in every state" hostile stranger --sources "$HOSTILE_NET" states
check "calls that are hung up at once" hostile stranger churn 300
check "windows that lie" hostile stranger windows
honest "then"
steal stranger
finish
