# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: halves of l2tpd are killed: the monitor starts the engine again, nothing is left behind, clients get in again
# topology: nat 1
# kills: l2tpd
# needs: ours charon-systemd swanctl pppd freeradius tcpdump python3

# The engine is the half that is not root.
engine_pid() {
	on gw pgrep -u l2tpd -x l2tpd
}

new_engine() {
	local pid
	pid=$(engine_pid)
	seen "process $pid"
	[ -n "$pid" ] && [ "$pid" != "$1" ] && gateway_ask status
}

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
engine=$(engine_pid)
on gw kill -KILL "$engine"
wait_for 20 "the monitor has started another engine" new_engine "$engine"
check "and said why" log_has gw l2tpd 'engine-crashed'
wait_for 30 "no session of the dead one is left" gateway_has 0 session
wait_for 20 "and no pppd" none_of gw pppd
wait_for 20 "the client hears of it by the end of its SA" sas_are c1 0
stop c1 lac KILL
release switch wire
check "meanwhile nothing left the gateway in the clear" only_ipsec
check "IPsec" ike_up c1
lac_start c1 --user alice --password "wonder land" --ping $LAN
wait_for 30 "the client is up again" lac_answered c1 5

on gw kill -KILL "$(pid_of gw l2tpd)"
wait_for 20 "without the monitor everything of it ends" not on gw pgrep -x 'l2tpd|pppd'
check "and the kernel has no tunnel" equals 0 "$(on gw ip l2tp show tunnel | grep -c '^Tunnel')" "kernel tunnels:"
