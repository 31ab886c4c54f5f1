# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a scenario's file says about itself, in comment lines of the form "# key: value":
#   what      one line for --list
#   topology  the hosts, see topology.sh
#   needs     programs it cannot do without; "ours" stands for our own parts, "charon-plugin" for one, "sanitized" for a build of them with sanitizers
#   limit     seconds it may take, default 150
#   kills     what it kills itself, which then is no crash
#   group     "core" scenarios are what --core runs; --all leaves out "bench", which tests/bench/run runs

# header FILE KEY
header() {
	sed -n "s/^# $2: *//p;/^[^#]/q" "$1"
}

# What FILE needs and this machine has not; nothing when it can run.
needs_missing() {
	local need
	for need in $(header "$1" needs); do
		case $need in
		ours) [ -e "$LAB/stage/plain/usr/sbin/l2tpd" ] || echo "our own parts are not built (--build DIR)" ;;
		sanitized) [ -e "$LAB/stage/sanitized/usr/sbin/l2tpd" ] || echo "no build with sanitizers (--sanitized DIR)" ;;
		charon-plugin) [ -e "$LAB/stage/plain/usr/lib/ipsec/plugins/libstrongswan-l2tp.so" ] || echo "our charon plugin is not built (--build DIR)" ;;
		kl2tpd) command -v kl2tpd >/dev/null || echo "kl2tpd is not installed (of github.com/katalix/go-l2tp; anywhere in the PATH)" ;;
		*) command -v "$need" >/dev/null || echo "$need is not installed" ;;
		esac
	done | paste -sd, | sed 's/,/, /g'
}
