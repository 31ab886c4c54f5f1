# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What is kept for the person who has to find out why a scenario failed.

# The kernel's messages since the scenario began.
dmesg_since() {
	dmesg | tail -n "+$((${LAB_DMESG_BEFORE:-0} + 1))"
}

# The state of the kernel and of every host, in the results folder.
evidence_collect() {
	local host
	dmesg_since >"$LAB_OUT/dmesg"
	for host in $(hosts); do
		on "$host" sh -c '
			show() { echo "=== $*"; "$@" 2>&1; echo; }
			show ps -eo pid,ppid,user,stat,etimes,args --forest
			show ip -d addr
			show ip route
			show ip -s xfrm state
			show ip xfrm policy
			show grep -v "	0\$" /proc/net/xfrm_stat
			show ss -anup
			show ip l2tp show tunnel
			show ip l2tp show session
			show cat /proc/net/pppol2tp
			show nft list ruleset
			[ -S /run/charon.vici ] && show swanctl --list-sas
			show ls -l /run /run/l2tpd' >"$LAB_OUT/$host/state" 2>&1
	done
}

# Crashed processes, sanitizer reports and kernel complaints; silent when there are none.
# evidence_of_crash SCENARIO-FILE
evidence_of_crash() {
	local core
	for core in "$LAB_OUT"/*/core.*; do
		[ -e "$core" ] && echo "a process crashed: ${core#"$LAB_OUT/"}"
	done
	grep -alE 'ERROR: (Address|Leak)Sanitizer|runtime error:' "$LAB_OUT"/*/*.log "$LAB_OUT"/*/sanitizer.* 2>/dev/null |
		sed "s|^$LAB_OUT/|a sanitizer reported in |"
	# A process that changed its user leaves no core; its monitor tells.
	[ "$(header "$1" kills)" ] || grep -aHE 'engine-crashed|Assertion|Segmentation' "$LAB_OUT"/*/l2tpd.log 2>/dev/null | sed "s|^$LAB_OUT/||"
	dmesg_since | grep -E 'WARNING: |BUG: |Oops|general protection|refcount' | head -5
}
