# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: sequence numbers on data: for a client that requires them, for all, and not at all
# topology: outer 1
# needs: ours pppd python3

# serve WHEN: the server with this value of "sequencing".
serve() {
	gateway_conf_local "sequencing = $1"
	gateway_start
}

# numbered FIRST: the client has seen numbers on all data from its packet number FIRST on.
numbered() {
	lac_said c1 "sequence numbers" || return
	[[ $SEEN =~ ^on\ ([0-9]+)\ of\ ([0-9]+),\ in\ order$ ]] && [ "${BASH_REMATCH[1]}" -gt 10 ] &&
		[ $((BASH_REMATCH[2] - BASH_REMATCH[1])) -lt "$1" ]
}

client() { lac_start c1 --user alice --password "wonder land" --auth mschapv2 --ping $LAN --text "numbered" "$@"; }

serve on-request
client --count 10
wait_for 30 "without asking: echo requests come back" lac_answered c1 10
wait_for 10 "no data has a number" lac_said c1 "sequence numbers *on 0 of"
client --count 10 --sequencing
wait_for 30 "asked for in ICCN: echo requests come back" lac_answered c1 10
wait_for 10 "the server numbers its data" numbered 4
check "the server stops" gateway_stop

serve never
client --sequencing
wait_for 20 "never: the call is refused" lac_said c1 "call ended *result 5"
check "with the reason" log_has c1 lac "has sequencing = never"
check "the server stops" gateway_stop

serve always
client --count 10
wait_for 30 "always: echo requests come back" lac_answered c1 10
wait_for 10 "the server numbers its data" numbered 4
check "the server stops" gateway_stop
