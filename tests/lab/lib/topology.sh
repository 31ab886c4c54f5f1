# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The networks of a scenario.
#
#   c1 .11 ─┐                                              ┌─ lan     10.0.0.2
#   c2 .12 ─┼─ 192.168.1.0/24 ─ nat ─ 192.0.2.0/24 ─ gw ──┤
#   cN      ─┘               .1     .2  (switch)  .1     .1 └─ radius  10.0.1.2
#
# The nat rewrites as home routers do: every client has the same address outside.  The switch is a bridge outside every
# host, so a capture there is what an eavesdropper sees.

GW=192.0.2.1 NAT=192.0.2.2 LAN=10.0.0.2 RADIUS=10.0.1.2 LAN_NET=10.0.0.0/24

# topology nat N      gateway and N clients behind one NAT
# topology outer N    gateway and N clients c1.. at 192.0.2.11.. on the outer network itself
# topology gateway    the gateway with its inner networks only
# topology none       no host
topology() {
	local kind=${1:-none} clients=${2:-0} i
	say_step "hosts and networks"
	[ "$kind" = none ] && return
	ip link add switch type bridge forward_delay 0
	ip link set switch up
	host_add gw
	gateway_user
	plug gw outer 192.0.2.1/24
	host_add lan
	host_add radius
	wire gw lan 10.0.0.1/24 lan eth 10.0.0.2/24
	wire gw radius 10.0.1.1/24 radius eth 10.0.1.2/24
	on lan "$LAB/busybox" ip route add default via 10.0.0.1
	on radius "$LAB/busybox" ip route add default via 10.0.1.1
	on gw "$LAB/busybox" sysctl -q -w net.ipv4.ip_forward=1
	case $kind in
	nat)
		host_add nat
		plug nat outer 192.0.2.2/24
		on nat ip link add inner type bridge forward_delay 0
		interface_up nat inner 192.168.1.1/24
		on nat "$LAB/busybox" sysctl -q -w net.ipv4.ip_forward=1
		on nat nft -f - <<-END
			table ip home {
			        chain leave { type nat hook postrouting priority srcnat; oifname outer masquerade; }
			}
		END
		for ((i = 1; i <= clients; i++)); do
			host_add "c$i"
			wire "c$i" eth "192.168.1.$((10 + i))/24" nat "to-c$i"
			on nat ip link set "to-c$i" master inner
			on "c$i" "$LAB/busybox" ip route add default via 192.168.1.1
		done
		;;
	outer)
		for ((i = 1; i <= clients; i++)); do
			host_add "c$i"
			plug "c$i" outer "192.0.2.$((10 + i))/24"
		done
		;;
	esac
	return 0
}

# plug HOST INTERFACE ADDRESS: a port of the switch, named outer-HOST there.
plug() {
	local pid
	host_pid "$1"
	ip link add "$2" netns "$pid" type veth peer name "outer-$1"
	ip link set "outer-$1" master switch up
	interface_up "$1" "$2" "$3"
}

# wire HOST INTERFACE ADDRESS HOST INTERFACE [ADDRESS]
wire() {
	local pid one
	host_pid "$1"
	one=$pid
	host_pid "$4"
	ip link add "$2" netns "$one" type veth peer name "$5" netns "$pid"
	interface_up "$1" "$2" "$3"
	interface_up "$4" "$5" "${6:-}"
}

interface_up() {
	[ -z "$3" ] || on "$1" "$LAB/busybox" ip addr add "$3" dev "$2"
	on "$1" "$LAB/busybox" ip link set "$2" up
}
