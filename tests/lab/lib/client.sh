# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Real clients: the distribution's xl2tpd and pppd.

# client_conf HOST USER PASSWORD [PPPD OPTION]...: port 1701 on both sides, as Windows does it.
client_conf() {
	local host=$1 user=$2 password=$3 option
	shift 3
	file "$host" /etc/xl2tpd/xl2tpd.conf 0600 <<-END
		[global]
		port = 1701
		debug tunnel = yes
		debug state = yes
		[lac vpn]
		lns = $GW
		pppoptfile = /etc/ppp/options.vpn
		length bit = yes
	END
	{
		printf '%s\n' noauth noccp nodefaultroute debug "logfile /var/log/lab/pppd.log" "mtu 1400" "mru 1400" \
			"lcp-echo-interval 5" "lcp-echo-failure 3" refuse-eap
		printf 'name "%s"\npassword "%s"\n' "$user" "$password"
		for option in "$@"; do
			printf '%s\n' "$option"
		done
	} | file "$host" /etc/ppp/options.vpn 0600
	client_ip_up "$host"
}

# client_ip_up HOST: what its pppds run once they have an address.
client_ip_up() {
	# The release's scripts would edit resolv.conf and the like; ours gives the one route that the scenarios use.
	on "$1" rm -rf /etc/ppp/ip-up.d /etc/ppp/ip-down.d
	file "$1" /etc/ppp/ip-up 0755 <<-END
		#!/bin/sh
		ip route add $LAN_NET dev \$1 metric \$((1 + \${1#ppp})) && touch /run/lab/ppp-up && echo \$1 >/run/lab/\${6:-ppp}
	END
}

# client_connect HOST: IPsec, then L2TP and PPP, as one click does it.
client_connect() {
	running "$1" charon-systemd || charon_start "$1"
	running "$1" xl2tpd || client_start "$1"
	ike_up "$1" || return 1
	client_call "$1"
}

# client_start HOST: xl2tpd is there and has not called yet.
client_start() {
	on "$1" mkdir -p /run/xl2tpd
	start "$1" xl2tpd xl2tpd -D -C /run/xl2tpd/l2tp-control
	soon 10 on "$1" test -p /run/xl2tpd/l2tp-control || fail "xl2tpd on $1" "$(cat "$LAB_OUT/$1/xl2tpd.log")"
}

client_call() {
	on "$1" rm -f /run/lab/ppp-up
	on "$1" sh -c 'echo "c vpn" >/run/xl2tpd/l2tp-control'
}

client_hang_up() {
	on "$1" sh -c 'echo "d vpn" >/run/xl2tpd/l2tp-control'
}

# client_up HOST: its PPP interface has an address, and the route is there.
client_up() {
	local address
	address=$(client_address "$1")
	[ -n "$address" ] && on "$1" test -e /run/lab/ppp-up || { tail -n 12 "$LAB_OUT/$1/pppd.log" "$LAB_OUT/$1/xl2tpd.log"; return 1; }
	seen "$address"
}

client_address() {
	on "$1" ip -4 -o addr show dev ppp0 2>/dev/null | sed -n 's/.*inet \([0-9.]*\).*/\1/p'
}

client_down() {
	! on "$1" ip link show dev ppp0
}

# lac_start HOST [OPTION]...: the scripted client of tests/lab/lac calls SERVER, else the gateway; its log is lac.log, that of an
# earlier call lac-N.log.
lac_start() {
	local host=$1 log=$LAB_OUT/$1/lac.log n=1
	shift
	while [ -e "${log%.log}-$n.log" ]; do
		n=$((n + 1))
	done
	[ ! -e "$log" ] || mv "$log" "${log%.log}-$n.log"
	start "$host" lac env PYTHONPATH=/lab/tree/tests/lab PYTHONDONTWRITEBYTECODE=1 python3 -u -m lac --server "${SERVER:-$GW}" "$@"
}

# lac_up HOST [OPTION]...: alice calls through IPsec, and her echoes from the LAN are answered.
lac_up() {
	local host=$1
	shift
	check "$host: IPsec" ike_up "$host"
	lac_start "$host" --user alice --password "wonder land" --ping "$LAN" "$@"
	wait_for 30 "$host is up" lac_answered "$host" 5
}

# lac_said HOST WHAT: a line of its log that begins so.
lac_said() {
	log_has "$1" lac "^$2" && seen "$(echo "$SEEN" | sed -E "s/^$2 *//")"
}

# lac_answered HOST COUNT: at least so many echoes came back, and nothing that was meant for somebody else.
lac_answered() {
	local answered
	answered=$(sed -n 's/^echo  *\([0-9]*\) answered.*/\1/p' "$LAB_OUT/$1/lac.log" | tail -1)
	seen "${answered:-0} echoes answered"
	log_has_not "$1" lac '^foreign|failed|^socket' && [ "${answered:-0}" -ge "$2" ]
}

# lac_answers HOST: sets answers, so far.
lac_answers() {
	answers=$(sed -n 's/^echo  *\([0-9]*\) answered.*/\1/p' "$LAB_OUT/$1/lac.log" | tail -1)
}

# lac_goes_on HOST...: each gets twenty answers to what it asks from now on.
lac_goes_on() {
	local host answers enough=()
	for host; do
		lac_answers "$host"
		enough+=($((${answers:-0} + 20)))
	done
	for host; do
		soon 30 lac_answered "$host" "${enough[0]}" || { tail -n 5 "$LAB_OUT/$host/lac.log"; return 1; }
		enough=("${enough[@]:1}")
	done
	seen "20 answers more for each"
}

# all_go_on SESSIONS HOST...: nobody has lost one of so many sessions, or a tunnel, so far, and each of these hosts gets answers.
all_go_on() {
	local sessions=$1
	shift
	lac_goes_on "$@" && gateway_has "$sessions" session >/dev/null && log_has_not gw l2tpd 'tunnel: down|session: down' || return 1
	seen "20 answers more for each, no session or tunnel was down"
}

# lac_lost HOST [PERCENT]: it hangs up, and has lost less of its echoes than that.
lac_lost() {
	local lost all
	stop "$1" lac || { tail -n 5 "$LAB_OUT/$1/lac.log"; return 1; }
	read -r _ lost _ all _ < <(grep '^lost' "$LAB_OUT/$1/lac.log")
	seen "$lost of $all echoes"
	[ -z "${2:-}" ] || [ $((lost * 100)) -lt $((all * $2)) ]
}

# load_ready HOST: l2tpload is there, the only one of our parts that a client has.
load_ready() {
	file "$1" /usr/bin/l2tpload 0755 <"$(find "$LAB/stage/plain/usr" -name l2tpload -type f)"
}

# load_ran HOST OPTION...: many clients with PPP; all of them came up, and what was asked for after that went well.
load_ran() {
	local host=$1 status
	shift
	on "$host" l2tpload --ppp mschapv2 --output kv "$@" "$GW" >"$LAB_OUT/$host/load.kv" 2>"$LAB_OUT/$host/load.log"
	status=$?
	seen "$(load_said "$host" sessions_up) up, $(load_said "$host" sessions_failed) failed, p50 $(load_said "$host" time_setup_p50_us) us," \
		"p99 $(load_said "$host" time_setup_p99_us) us"
	cat "$LAB_OUT/$host/load.log"
	grep '^reason=' "$LAB_OUT/$host/load.kv"
	return $status
}

# load_said HOST FIELD
load_said() {
	sed -n "s/^$2=//p" "$LAB_OUT/$1/load.kv"
}

# lac_word HOST WHAT N: the Nth word of what it last said of that
lac_word() {
	sed -n "s/^$2  *\(.*\)/\1/p" "$LAB_OUT/$1/lac.log" | tail -1 | cut -d' ' -f"$3"
}
