# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: a session from call to hang-up with AddressSanitizer and UBSan in l2tpd and both plugins: clean
# topology: nat 1
# needs: sanitized charon-systemd swanctl pppd freeradius python3
# limit: 240

# charon and pppd were built without: what their plugin needs of the sanitizers has to be there before they start.
# Leaks are l2tpd's to answer for; the two hosts leave some of their own behind.
plugin=$(on gw sh -c 'ls /usr/lib/l2tpd/pppd-*/l2tpd.so')
preload=$(on gw ldd "$plugin" | awk '/lib(a|ub)san/ { printf "%s%s", n++ ? ":" : "", $3 }')
options="log_path=/var/log/lab/sanitizer:halt_on_error=1"

has_sanitizers() {
	seen "$preload"
	[[ $preload == *libasan* ]]
}

sanitized() {
	on gw grep -q libasan "/proc/$1/maps"
}

check "the plugins are built with sanitizers" has_sanitizers
file gw /usr/sbin/pppd-sanitized 0755 <<-END
	#!/bin/sh
	export LD_PRELOAD=$preload ASAN_OPTIONS=$options:detect_leaks=0 UBSAN_OPTIONS=$options:print_stacktrace=1
	exec /usr/sbin/pppd "\$@"
END
radius_user alice "wonder land"
radius_start
gateway_ike
gateway_conf_radius
echo 'daemon { pppd = /usr/sbin/pppd-sanitized }' | on gw sh -c "cat >>/etc/l2tpd/l2tpd.conf"
CHARON_ENV="LD_PRELOAD=$preload ASAN_OPTIONS=$options:detect_leaks=0 UBSAN_OPTIONS=$options:print_stacktrace=1" charon_start gw
check "charon runs with them" sanitized "$(pid_of gw charon-systemd)"
GATEWAY_ENV="ASAN_OPTIONS=$options:detect_leaks=1 UBSAN_OPTIONS=$options:print_stacktrace=1"
gateway_start
client_ike c1
charon_start c1
check "IPsec" ike_up c1
for method in mschapv2 chap pap; do
	lac_start c1 --user alice --password "wonder land" --auth $method --ping $LAN --text "with $method"
	wait_for 60 "$method: the client is up and reaches the LAN" lac_answered c1 10
	check "$method: pppd runs with them" sanitized "$(on gw pgrep -x pppd | head -1)"
	check "$method: it hangs up" stop c1 lac
	wait_for 30 "$method: it is gone" gateway_has 0 session
	# The gateway closes an SA that has had no tunnel for a moment, on a slow machine just before the next call.
	ike_down c1 >"$LAB_OUT/c1/ike_down.log"
	check "IPsec again" ike_up c1
done
lac_start c1 --user alice --password "looking glass"
wait_for 60 "a wrong password is refused" lac_said c1 "ppp failed"
check "l2tpd stops, and leaks nothing" gateway_stop
check "charon stops" charon_stop gw
