# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the kernel runs and has PPP, L2TP and ESP; hosts and networks come up
# topology: nat 1
# needs: ip nft
# group: core

kernel_has() {
	local module
	for module in l2tp_ppp esp4 esp6 xfrm_user nft_chain_nat ppp_generic; do
		modprobe "$module" || return 1
	done
	seen "kernel $(uname -r)"
}

masqueraded() {
	seen "$(captured switch outer | head -1 | cut -d' ' -f2-6)"
	[ -n "$(captured switch outer src host $NAT)" ] && [ -z "$(captured switch outer not host $NAT)" ]
}

check "modules load" kernel_has
capture switch outer-gw outer icmp
check "a client behind the NAT reaches the gateway" reaches c1 $GW
check "the gateway reaches its LAN" reaches gw $LAN
release switch outer
check "outside, only the NAT's address is seen" masqueraded
echo one | file c1 /etc/lab-test
check "each host has files of its own" not on gw test -e /etc/lab-test
