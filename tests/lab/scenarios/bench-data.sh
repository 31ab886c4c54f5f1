# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: what a data packet costs with many tunnels, and beside bare ESP; for tests/bench/run data, which explains the figures
# topology: outer 2
# needs: ours charon-systemd swanctl xl2tpd pppd
# group: bench
# limit: 100000

# Servers of lib/servers.sh with so many tunnels; ESP proposals of IKE; how often each thing is done, and how often that is done for a median;
# and LAB/out/flood sends.
: "${BENCH_SERVERS:=l2tpd xl2tpd}" "${BENCH_TUNNELS:=}" "${BENCH_CIPHERS:=}" "${BENCH_COUNT:=1000}" "${BENCH_ROUNDS:=1}"
ROWS=$LAB/out/data.tsv # on the machine at once
UNIT=$([ "$JOB_COUNT" ] && echo instructions || echo time)
US=10.20.0.1 # inside PPP
SMALL=64     # bytes of a datagram whose cost is that of its headers

file c1 /usr/bin/l2tpload 0755 <"$(find "$LAB/stage/plain/usr" -name l2tpload -type f)"
modprobe -a l2tp_ppp
# Limits are for one address.
for i in {1..10}; do
	on c1 "$LAB/busybox" ip addr add "192.0.2.$((100 + i))/24" dev outer
done
for host in gw c2; do
	file $host /usr/bin/flood 0755 <"$LAB/out/flood"
	in_memory $host /usr/bin/flood
done

# Nothing is to be refused that was only set up too quickly.
conf_l2tpd() {
	gateway_conf <<-END
		listen { addresses = $GW
		         ipsec = $1 }
		l2tp { hello = 1h }
		limits { tunnels = 9000
		         half-open = 9000
		         tunnel-rate = 0
		         tunnel-rate-per-address = 0 }
		pool office { addresses = 10.20.0.10-10.20.0.99 }
		lns default { pool = office
		              local-address = $US
		              lcp-echo-interval = 1h
		              auth = local }
	END
}

# crowd SERVER NAME ADDRESSES FIRST N: idle tunnels of others, which stay until crowd_end.  Ours come from clients that dial.  Servers that
# share the port give the kernel a tunnel only with its first session, and a pppd for each would not fit: for them the kernel gets the same
# sockets and tunnels without.
crowd() {
	[ "$5" -gt 0 ] || return 0
	if [ "$1" = l2tpd ]; then
		start c1 "$2" l2tpload --sessions 0 --tunnels "$5" --shared --bind "$3" --rate 200 --hold 1000000 --end vanish "$GW"
	else
		start gw "$2" flood crowd "$GW" 192.0.2.101 "$4" "$5"
	fi
}

crowd_end() {
	local host name
	for host in c1 gw; do
		for name in before after; do
			! running $host $name || stop $host $name KILL
		done
	done
}

# So many tunnels the kernel has on the gateway.
kernel_tunnels() {
	local count
	count=$(on gw ip l2tp show tunnel | grep -c '^Tunnel')
	seen "$count"
	[ "$count" -ge "$1" ]
}

# flood HOST ADDRESS PORT SIZE: nanoseconds, which are instructions where these are counted, of a datagram.
flood() {
	on "$1" flood send "$2" "$3" "$4" "$BENCH_COUNT"
}

# Sets round_trip to those of an echo through the session; up and down of a datagram.  It fails where nothing comes back.
look() {
	round_trip=$(on c2 flood echo "$US" "$BENCH_COUNT") || return
	up=$(flood c2 "$US" 9 $SMALL)
	down=$(flood gw "$(client_address c2)" 9 $SMALL)
}

sinks() {
	local host
	for host in gw c2; do
		running $host sink || start $host sink flood sink 9
		soon 10 grep -q ready "$LAB_OUT/$host/sink.log"
	done
}

# client_begins COMMAND...: by which it gets in.
client_begins() {
	"$@" || fail "the client calls" "$(tail -n 5 "$LAB_OUT/c2/xl2tpd.log")"
	soon 120 client_up c2 || fail "the client is up" "$(tail -n 5 "$LAB_OUT/c2/pppd.log")"
	sinks
	look # what is needed for the first time
}

client_ends() {
	local program
	for program in xl2tpd charon-systemd; do
		! running c2 $program || on c2 kill -KILL "$(pid_of c2 $program)"
	done
	on c2 pkill -KILL pppd
	soon 60 client_down c2
	on c2 ip xfrm state flush
	on c2 ip xfrm policy flush
}

# measure SERVER TUNNELS: one row
measure() {
	local server=$1 n=$2 round_trip up down
	say_step "$server, $n tunnels"
	server_conf "$server"
	[ "$server" != l2tpd ] || conf_l2tpd none
	server_start "$server" server
	# The latest socket is found first, so the one that is used is neither first nor last.
	crowd "$server" before 192.0.2.101-192.0.2.105 10000 $(((n - 1) / 2))
	soon 3600 kernel_tunnels $(((n - 1) / 2)) || say_note "only $SEEN tunnels"
	client_conf c2 user password
	client_start c2
	client_begins client_call c2
	crowd "$server" after 192.0.2.106-192.0.2.110 30000 $((n / 2))
	soon 3600 kernel_tunnels "$n" || say_note "only $SEEN tunnels"
	n=$SEEN
	if look; then
		printf '%s\t' tunnels "$server" "$2" "$n" "$round_trip" "$up" "$down" >>"$ROWS"
		echo >>"$ROWS"
		say_passed "$server, $n tunnels" "echo $round_trip, up $up, down $down instructions"
	else
		[ "$server" != l2tpd ] || fail "$server, $n tunnels" "no echo came back"
		say_note "$server, $n tunnels: its session does not answer any more; no figures"
	fi
	client_ends
	crowd_end
	counted_end server
	soon 60 none_of gw pppd
	soon 60 kernel_tunnels 0
}

# bare CIPHER: ESP in transport mode for UDP port 10 between the same two, without anything of ours, by the kernel's words for it.
bare() {
	local host from to dir other words sha1=(auth-trunc "hmac(sha1)" "0x$(printf %040d 7)" 96)
	case $1 in
	*gcm16) words=(aead "rfc4106(gcm(aes))" "0x$(printf %040d 7)" 128) ;;
	null-*) words=(enc "ecb(cipher_null)" "" "${sha1[@]}") ;;
	*) words=(enc "cbc(aes)" "0x$(printf %032d 7)" "${sha1[@]}") ;;
	esac
	for host in gw c2; do
		for dir in 1 2; do
			from=$GW to=192.0.2.12
			[ $dir = 1 ] || from=192.0.2.12 to=$GW
			on $host ip xfrm state add src "$from" dst "$to" proto esp spi 0xabc$dir reqid 4242 mode transport "${words[@]}" || return
			other=out
			[ "$host$dir" = gw1 ] || [ "$host$dir" = c22 ] || other=in
			on $host ip xfrm policy add src "$from" dst "$to" proto udp dport 10 dir $other tmpl proto esp reqid 4242 mode transport || return
		done
	done
}

# median NUMBER...
median() {
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# beside CIPHER: the largest packets, and small ones, through L2TP in ESP and in bare ESP.
beside() {
	local cipher=$1 mtu bare_mtu round big=() small=() bare_big=() bare_small=()
	say_step "ESP, $cipher"
	on gw "$LAB/busybox" sh -c 'rm -f /etc/swanctl/conf.d/*'
	gateway_ike
	gateway_esp "$cipher"
	ESP=$cipher client_ike c2
	charon_start gw
	conf_l2tpd required
	echo 'user * password *' | file gw /etc/ppp/chap-secrets 0600
	counted server server_l2tpd_start
	soon 60 server_l2tpd_ready
	client_conf c2 user password "mtu 1500" "mru 1500"
	client_begins client_connect c2
	mtu=$(on c2 cat /sys/class/net/ppp0/mtu)
	bare "$cipher" || fail "bare ESP"
	start gw sink-bare flood sink 10
	soon 10 grep -q ready "$LAB_OUT/gw/sink-bare.log"
	bare_mtu=$(bare_mtu "$cipher")
	flood c2 "$GW" 10 $SMALL >/dev/null # what is needed for the first time
	for ((round = 0; round < BENCH_ROUNDS; round++)); do
		big+=("$(flood c2 "$US" 9 $((mtu - 28)))") bare_big+=("$(flood c2 "$GW" 10 $((bare_mtu - 28)))")
		small+=("$(flood c2 "$US" 9 $SMALL)") bare_small+=("$(flood c2 "$GW" 10 $SMALL)")
	done
	printf '%s\t' "$UNIT" "$cipher" "$((mtu - 28))" "$(median "${big[@]}")" "$(median "${small[@]}")" \
		"$((bare_mtu - 28))" "$(median "${bare_big[@]}")" "$(median "${bare_small[@]}")" >>"$ROWS"
	echo >>"$ROWS"
	say_passed "ESP, $cipher" "$(tail -n 1 "$ROWS")"
	client_ends
	stop gw sink-bare KILL
	counted_end server
	charon_stop gw
	on gw ip xfrm state flush
	on gw ip xfrm policy flush
}

# The largest IP packet that goes whole through bare ESP without UDP, of 1500 bytes outside: see tests/unit/check_mtu.c.
bare_mtu() {
	case $1 in
	*gcm16) echo $((20 + (1500 - 20 - 8 - 8 - 16) / 4 * 4 - 2)) ;;
	null-*) echo $((20 + (1500 - 20 - 8 - 12) / 4 * 4 - 2)) ;;
	*) echo $((20 + (1500 - 20 - 8 - 16 - 12) / 16 * 16 - 2)) ;;
	esac
}

for n in $BENCH_TUNNELS; do
	for server in $BENCH_SERVERS; do
		measure "$server" "$n"
	done
done
for cipher in $BENCH_CIPHERS; do
	beside "$cipher"
done
