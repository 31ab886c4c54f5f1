# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The networks of a scenario.
#
#   c1 .11 ─┐                                              ┌─ lan     10.0.0.2
#   c2 .12 ─┼─ 192.168.1.0/24 ─ nat ─ 192.0.2.0/24 ─ gw ──┤
#   cN      ─┘               .1     .2  (switch)  .1     .1 └─ radius  10.0.1.2
#
# The nat rewrites as home routers do: every client has the same address outside.  The switch is a bridge outside every
# host, so a capture there is what an eavesdropper sees.  Outside there is IPv6 as well: the host at 192.0.2.N is 2001:db8::N.

GW=192.0.2.1 GW6=2001:db8::1 NAT=192.0.2.2 LAN=10.0.0.2 RADIUS=10.0.1.2 LAN_NET=10.0.0.0/24

# topology nat N      gateway and N clients behind one NAT
# topology outer N    gateway and N clients c1.. at 192.0.2.11.. on the outer network itself
# topology gateway    the gateway with its inner networks only
# topology none       no host
topology() {
	local kind=${1:-none} clients=()
	mapfile -t clients < <(seq -f 'c%g' $((${2:-0})))
	say_step "hosts and networks"
	[ "$kind" = none ] && return
	ip link add switch type bridge forward_delay 0
	ip link set switch up
	host_add gw
	gateway_user
	plug gw outer 192.0.2.1/24 2001:db8::1/64
	host_add lan
	host_add radius
	wire gw lan 10.0.0.1/24 lan eth 10.0.0.2/24
	wire gw radius 10.0.1.1/24 radius eth 10.0.1.2/24
	on lan "$LAB/busybox" ip route add default via 10.0.0.1
	on radius "$LAB/busybox" ip route add default via 10.0.1.1
	on gw "$LAB/busybox" sysctl -q -w net.ipv4.ip_forward=1
	case $kind in
	nat)
		nat_add nat 2
		together 3 client_of_nat "${clients[@]}"
		;;
	outer) together 3 client_of_switch "${clients[@]}" ;;
	esac || fail "hosts and networks" "$(cat "$LAB_OUT"/c*/client_of_*.log)"
	return 0
}

client_of_nat() {
	client_inside nat "$1" $((10 + ${1#c}))
}

client_of_switch() {
	client_outside "$1" $((10 + ${1#c}))
}

# nat_add HOST N: a home router at 192.0.2.N.
nat_add() {
	host_add "$1"
	plug "$1" outer "192.0.2.$2/24"
	on "$1" ip link add inner type bridge forward_delay 0
	interface_up "$1" inner 192.168.1.1/24
	on "$1" "$LAB/busybox" sysctl -q -w net.ipv4.ip_forward=1
	on "$1" nft -f - <<-END
		table ip home {
		        chain leave { type nat hook postrouting priority srcnat; oifname outer masquerade; }
		}
	END
}

# client_inside NAT HOST N: a host at 192.168.1.N behind it.
client_inside() {
	host_add "$2"
	wire "$2" eth "192.168.1.$3/24" "$1" "to-$2"
	on "$1" "$LAB/busybox" ip link set "to-$2" master inner
	on "$2" "$LAB/busybox" ip route add default via 192.168.1.1
}

# client_outside HOST N: a host at 192.0.2.N and 2001:db8::N.
client_outside() {
	host_add "$1"
	plug "$1" outer "192.0.2.$2/24" "2001:db8::$2/64"
}

# plug HOST INTERFACE ADDRESS...: a port of the switch, named INTERFACE-HOST there.
plug() {
	local pid host=$1 interface=$2
	shift 2
	host_pid "$host"
	ip link add "$interface" netns "$pid" type veth peer name "$interface-$host"
	ip link set "$interface-$host" master switch up
	interface_up "$host" "$interface" "$@"
}

# wire HOST INTERFACE ADDRESS HOST INTERFACE [ADDRESS]
wire() {
	local pid one
	host_pid "$1"
	one=$pid
	host_pid "$4"
	ip link add "$2" netns "$one" type veth peer name "$5" netns "$pid"
	interface_up "$1" "$2" "$3"
	interface_up "$4" "$5" ${6:+"$6"}
}

# interface_up HOST INTERFACE [ADDRESS]...
interface_up() {
	local host=$1 interface=$2 address
	shift 2
	for address; do
		on "$host" "$LAB/busybox" ip addr add "$address" dev "$interface"
	done
	on "$host" "$LAB/busybox" ip link set "$interface" up
}
