# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a scenario's file says about itself, in comment lines of the form "# key: value":
#   what      one line for --list
#   topology  the hosts, see topology.sh
#   needs     programs it cannot do without; "ours" stands for our own parts, "charon-plugin" for one, "sanitized" for a build of them with sanitizers
#   option    NAME DEFAULT TEXT: `run SCENARIO --NAME 50` is the variable NAME of the scenario, in capitals; may be repeated
#   limit     seconds it may take, default 150; may count with options
#   memory    MB that it needs where that is more than usual; may count with options
#   kills     what it kills itself, which then is no crash
#   group     "core" scenarios are what --core runs; --all leaves out "bench", which tests/bench/run runs, and "new",
#             which has not yet been seen to pass from its beginning to its end

# header FILE KEY
header() {
	sed -n "s/^# $2: *//p;/^[^#]/q" "$1"
}

# options_set FILE: its options get their defaults where nothing else was said.
options_set() {
	local name value _
	while read -r name value _; do
		name=$(option_variable "$name")
		export "$name=${!name:-$value}"
	done < <(header "$1" option)
}

# option_variable NAME: --slow-start is SLOW_START
option_variable() {
	echo "$1" | tr 'a-z-' 'A-Z_'
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
