# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the monitor, which keeps everything, is killed and restarted: all sessions end, clients learn of it, nothing is left behind
# topology: nat 1
# kills: l2tpd
# needs: ours charon-systemd swanctl pppd freeradius tcpdump python3

# What the client sends into its lost tunnel may not be quoted in an ICMP error, and no pppd may say goodbye in the clear.
only_ipsec() {
	local other
	other=$(captured switch wire "src host $GW and $OUTSIDERS")
	echo "$other"
	seen "$(captured switch wire "host $NAT and udp port 4500" | grep -c 'ESP(') of ESP in UDP," \
		"$(printf '%s' "${other:+$other$'\n'}" | wc -l) others"
	[ -z "$other" ]
}

radius_user alice "wonder land"
radius_start
gateway_ike
gateway_conf_radius
client_ike c1
charon_start gw
gateway_start
charon_start c1
check "IPsec" ike_up c1
lac_start c1 --user alice --password "wonder land" --ping $LAN
wait_for 30 "the client is up" lac_answered c1 5
capture switch outer-gw wire
on gw kill -KILL "$(pid_of gw l2tpd)"
wait_for 20 "without the monitor everything of it ends" not on gw pgrep -x 'l2tpd|pppd'
check "and the kernel has no tunnel" equals 0 "$(on gw ip l2tp show tunnel | grep -c '^Tunnel')" "kernel tunnels:"
gateway_start
wait_for 30 "when it runs again the client hears of it by the end of its SA" sas_are c1 0
stop c1 lac KILL
release switch wire
check "meanwhile nothing left the gateway in the clear" only_ipsec
check "IPsec" ike_up c1
lac_start c1 --user alice --password "wonder land" --ping $LAN
wait_for 30 "the client is up again" lac_answered c1 5
check "with the only session" gateway_has 1 session
