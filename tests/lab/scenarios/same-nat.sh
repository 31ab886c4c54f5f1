# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: many clients behind one NAT, all with UDP port 1701 and tunnel id 1: each has its own traffic at once, and all call again
# topology: nat CLIENTS
# option: clients 6 how many
# needs: ours charon-plugin charon-systemd swanctl pppd freeradius python3
# limit: 90 + 12 * CLIENTS
# memory: 1024 + 40 * CLIENTS

AT_ONCE=4 # so many start their programs at the same time

# prepare HOST: a charon for each, as real machines have it
prepare() {
	client_ike "$1" "dpd_delay = 0s" "proposals = aes128-sha256-ecp256" && charon_start "$1"
}

connect() {
	ike_up "$1" && call "$1"
}

# The text in its echo requests is what no other client sends.
call() {
	lac_start "$1" --user "$1" --password "password of $1" --give-up 600 --ping $LAN --text "only $1 sends this" --interval "$interval"
}

# Half of them go without a word, and call through the SA that they have; half hang up in order, and begin with IKE.
call_again() {
	if [ $((${1#c} % 2)) = 1 ]; then
		stop "$1" lac KILL
		call "$1"
	else
		stop "$1" lac
		ike_down "$1" # unless the gateway was quicker
		connect "$1"
	fi
}

hang_up() {
	stop "$1" lac && ike_down "$1"
}

# all_said WHAT: every client's log has such a line, and none of trouble.
all_said() {
	local logs=("$LAB_OUT"/c*/lac.log) count
	grep -HE '^(foreign|socket|unreadable|ended)|failed' "${logs[@]}" && return 1
	count=$(grep -lE "^$1" "${logs[@]}" | wc -l)
	seen "$count of $CLIENTS"
	[ "$count" = "$CLIENTS" ]
}

# Equal outside, and each with an SA, a session and an address of its own.
all_listed() {
	local tunnels sessions
	gateway_has "$CLIENTS" sa && gateway_has "$CLIENTS" tunnel && gateway_has "$CLIENTS" session || return
	tunnels=$(gateway_list tunnel | grep "\"peer\": \"$NAT:1701\"" | grep -c '"peer-tunnel-id": "1"')
	sessions=$(gateway_list session | sed -n 's/.*"peer-ip": "\([^"]*\)".*/\1/p' | sort -u | wc -l)
	seen "$tunnels tunnels to $NAT:1701 with the client's id 1, $sessions addresses inside," \
		"$(on gw sed -n 's/^MemAvailable: *\([0-9]*\)...\( .*\)/\1 M/p' /proc/meminfo)B free in the machine"
	[ "$tunnels" = "$CLIENTS" ] && [ "$sessions" = "$CLIENTS" ]
}

all=$(seq -f 'c%g' "$CLIENTS")
interval=$(awk "BEGIN { print 0.05 * $CLIENTS }")
for client in $all; do
	radius_user "$client" "password of $client"
done
radius_start
gateway_ike
gateway_conf_radius
charon_start gw
gateway_start
# shellcheck disable=SC2086 # several hosts
{
	check "$CLIENTS clients have a charon each" together $AT_ONCE prepare $all
	check "all connect" together $AT_ONCE connect $all
	wait_for 60 "all are up" all_said "ppp up"
	check "equal outside, told apart by their SAs" all_listed
	wait_for 60 "all of them get answers, each to its own text only" all_said "echo .*[1-9]0 answered"
	check "no packet met the wrong SA" equals 0 "$(xfrm_dropped XfrmInTmplMismatch)" "mismatches counted by the kernel:"
	check "all call again, half of them through the SA that they have" together $AT_ONCE call_again $all
	wait_for 60 "all are up again" all_said "ppp up"
	wait_for 60 "and each gets its own answers again" all_said "echo .*[1-9]0 answered"
	wait_for 30 "nobody is there twice" all_listed
	check "all hang up in order" together $AT_ONCE hang_up $all
}
wait_for 60 "nothing is left of them" gateway_empty
