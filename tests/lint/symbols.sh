#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# symbols.sh: our plugins give their hosts no symbol but the entry.  symbols.sh FILE SYMBOL...: the same for one file.
set -eu

check() { # FILE ALLOWED...
	file=$1
	shift
	# shellcheck disable=SC2046 # one symbol a word
	set -- "$*" $(nm -D --defined-only "$file" | awk '{ print $NF }')
	allowed=" $1 "
	shift
	for symbol; do
		case $allowed in
		*" $symbol "*) ;;
		*) echo "$file exports $symbol"; status=1 ;;
		esac
	done
	seen=$((seen + 1))
}

# gnutls draws the same random numbers in all children of a waiting pppd: pppd-plugin/wait.c
check_libraries() { # FILE
	if readelf -d "$1" | grep -E 'NEEDED.*lib(radcli|gnutls)'; then
		echo "$1 loads a library that a waiting pppd must not hold"
		status=1
	fi
}

status=0 seen=0
if [ $# -gt 0 ]; then
	check "$@"
else
	charon="charon-plugin/.libs/libstrongswan-l2tp.so"
	pppd="pppd-plugin/.libs/l2tpd.so"
	radcli="pppd-plugin/.libs/l2tpd-radcli.so"
	[ ! -e "$charon" ] || check "$charon" l2tp_plugin_create l2tp_plugin_version
	[ ! -e "$pppd" ] || check "$pppd" plugin_init pppd_version
	[ ! -e "$pppd" ] || check_libraries "$pppd"
	[ ! -e "$radcli" ] || check "$radcli" l2tpd_radcli_read
	[ $seen -gt 0 ] || { echo "neither plugin is built here"; exit 77; }
fi
exit $status
