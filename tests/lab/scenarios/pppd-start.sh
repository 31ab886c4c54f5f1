# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: pppds forked and executed: the client's first LCP packet is kept, nobody waits for an answer to goodbye, and no client negotiates for ever
# topology: outer 1
# needs: ours pppd python3 tcpdump
# limit: 400

# conf HOW [LINE-OF-LNS]
conf() {
	gateway_conf_local "${2:-}" "daemon { pppd-start = $1 }"
}

# call [OPTION]...: PPP of this client sends nothing twice, so what is lost is missed.
call() {
	lac_start c1 --user alice --password "wonder land" --auth mschapv2 --retry 600 "$@"
}

# Nothing can start a pppd until the client has sent all that it sends by itself.
call_early() {
	on gw pkill -STOP -o -x l2tpd
	call --lcp-first
	soon 20 lac_said c1 "session up"
	on gw pkill -CONT -o -x l2tpd
}

# goodbyes COUNT: so many Terminate-Requests have gone to the client
goodbyes() {
	equals "$1" "$(captured switch calls -v 2>/dev/null | grep -c 'Term-Request')" "Terminate-Requests:"
}

# named_like PATTERN: what ps shows of the session's pppd
named_like() {
	seen "$(on gw pgrep -x -a pppd | grep -oE "l2tpd-session $1")"
	[ -n "$SEEN" ]
}

# too_often COUNT: so many pppds have said so; in l2tpd's own line stands who hung up first, which may be the client.
too_often() {
	equals "$1" "$(grep -c '^l2tpd: the client has started to negotiate anew more than 10 times' "$LAB_OUT/gw/l2tpd.log")" "sessions ended for it:"
}

printf '#!/bin/sh\ntouch /run/script-ran\n' | file gw /etc/ppp/ip-pre-up 0755
echo 'no-such-option' | file gw /etc/l2tpd/wrong
conf fork "pppd-options = /etc/l2tpd/wrong"
gateway_start
wait_for 20 "wrong options are said at the start" log_has gw l2tpd 'no-waiting-pppd lns=default reason="pppd refused its options'
gateway_stop

capture switch outer-gw calls udp port 1701
ended=0
for how in fork exec; do
	conf $how
	gateway_start
	[ $how = exec ] || wait_for 20 "one pppd waits" on gw pgrep -x pppd-waiting
	call_early
	wait_for 30 "$how: a client that says everything once is up" lac_said c1 "ppp up"
	check "$how: ps tells which session it is" named_like '[0-9]+/[0-9]+'
	check "$how: it hangs up" stop c1 lac
	wait_for 10 "$how: no pppd waits for it to say goodbye" none_of gw pppd
	call --start-over 100
	wait_for 60 "$how: one that negotiates without end is told to go" lac_said c1 "ppp closed"
	ended=$((ended + 1))
	wait_for 10 "$how: for a reason" too_often $ended
	wait_for 20 "$how: and it is gone" none_of gw pppd
	gateway_stop
	check "$how: nothing stays behind" none_of gw pppd-waiting
done
check "goodbye was said once each time" goodbyes 4
check "no script of pppd was run" on gw test ! -e /run/script-ran
