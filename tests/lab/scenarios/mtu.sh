# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the largest packet goes whole, one byte more does not: six ciphers with and without NAT and UDP, over IPv4 and IPv6
# topology: nat 2
# needs: ours charon-systemd swanctl xl2tpd pppd tcpdump python3
# limit: 240

# What each client's ESP looks like, and what is left of 1500 bytes; by hand, see tests/unit/check_mtu.c.
declare -A server=([c1]=$GW [c2]=$GW [c3]=$GW [c4]=$GW [c5]=$GW6 [c6]=$GW6)
declare -A esp=([c1]=aes256gcm16 [c2]=aes256-sha256 [c3]=aes128-sha1 [c4]=3des-sha1 [c5]=aes128gcm16 [c6]=aes128-sha1)
declare -A fits=([c1]=1418 [c2]=1402 [c3]=1418 [c4]=1426 [c5]=1406 [c6]=1386)
declare -A looks=([c1]="AES-GCM behind a NAT" [c2]="AES-CBC, SHA-256 behind a NAT" [c3]="AES-CBC, SHA1" [c4]="3DES, SHA1"
	[c5]="AES-GCM over IPv6" [c6]="AES-CBC, SHA1 over IPv6 in UDP")
clients=(c1 c2 c3 c4 c5 c6)

# word KEY JSON: the value of that key.
word() {
	sed -n "s/.*\"$1\": \"\([^\"]*\)\".*/\1/p" <<<"$2"
}

# session_of USER: as the daemon lists it.
session_of() {
	gateway_list session | grep "\"user\": \"$1\""
}

# has_mtu CLIENT MTU: so the daemon says, and so it is.
has_mtu() {
	local session interface
	session=$(session_of "$1") || return 1
	# Who asks for one session, has it looked at anew.
	on gw l2tpctl show session "$(word session-id "$session")"
	session=$(session_of "$1")
	interface=$(on gw cat "/sys/class/net/$(word ifname "$session")/mtu")
	seen "$(word outer-mtu "$session") - $(word overhead "$session") = $(word mtu "$session"), $(word cipher "$session"); interface $interface"
	[ "$(word mtu "$session")" = "$2" ] && [ "$interface" = "$2" ]
}

# calls CLIENT [OPTION]...: it asks the LAN for echoes of its largest packets, and says the length in its L2TP header, as Windows does.
calls() {
	local client=$1
	shift
	SERVER=${server[$client]} lac_start "$client" --user "$client" --password secret --auth chap --ping $LAN --size "${fits[$client]}" \
		--mru 1500 --interval 0.5 "$@"
}

# An SA that nobody uses is closed, so each of them calls as soon as it has one.
connects() {
	charon_start "$1"
	ike_up "$1" && calls "$1"
}

# Where the gateway sees it, as a filter for tcpdump.
source_of() {
	local session remote
	session=$(session_of "$1")
	remote=$(gateway_list sa | grep "\"mark\": \"$(word mark "$session")\"")
	remote=$(word remote "$remote")
	case $remote in
	"[2001:db8::"*) remote=${remote#[}; echo "src host ${remote%]*}" ;;
	$NAT:*) echo "src host $NAT and udp src port ${remote##*:}" ;;
	*) echo "src host ${remote%:*}" ;;
	esac
}

# The first pieces of packets, and later ones.
FRAGMENTS='(ip[6:2] & 0x3fff != 0 or ip6[6] = 44)'
FIRST_FRAGMENTS='(ip[6:2] & 0x3fff = 0x2000 or (ip6[6] = 44 and ip6[42:2] & 0xfff9 = 1))'

none_in_pieces() {
	local pieces
	pieces=$(captured switch "$1" "$FRAGMENTS")
	echo "$pieces"
	seen "$(captured switch "$1" "greater 1400" | wc -l) of more than 1400 bytes, none of them in pieces"
	[ -z "$pieces" ] && captured switch "$1" "greater 1400" | grep -q .
}

comes_in_pieces() {
	local pieces
	pieces=$(captured switch more "$FIRST_FRAGMENTS and ${from[$1]}" | wc -l)
	seen "$pieces packets in pieces"
	[ "$pieces" -gt 0 ]
}

# too_long CLIENT: the LAN is told that a packet of one byte more does not fit.
too_long() {
	local answer address
	address=$(word peer-ip "$(session_of "$1")")
	answer=$(on lan ping -n -M "do" -c 1 -W 2 -s $((fits[$1] + 1 - 28)) "$address")
	echo "$answer"
	seen "$(echo "$answer" | grep -oE '(Frag needed|Message too long).*' | head -1)"
	[[ $answer == *"mtu"*"${fits[$1]}"* ]]
}

# mss_in HOST NAME MSS FILTER: all SYNs that were recorded there have it.
mss_in() {
	local list
	list=$(captured "$1" "$2" "tcp[tcpflags] & tcp-syn != 0 and $4" | sed -n 's/.*mss \([0-9]*\).*/\1/p')
	seen "$(echo "$list" | paste -sd' ')"
	[ "$(sort -u <<<"$list")" = "$3" ]
}

# noted CLIENT REGEX: what the administrator is told of its MTU.
noted() {
	local note
	note=$(word mtu-note "$(session_of "$1")")
	seen "\"$note\""
	[[ $note =~ $2 ]]
}

# fetches HOST FROM: a megabyte by TCP.
fetches() {
	on "$1" /lab/busybox wget -q -O - "http://$2/megabyte" | wc -c | grep -x 1048576
}

serves() {
	on "$1" mkdir -p /srv/lab
	on "$1" dd if=/dev/zero of=/srv/lab/megabyte bs=1M count=1 2>/dev/null
	start "$1" httpd /lab/busybox httpd -f -p 80 -h /srv/lab
}

# Else the first SA waits for the kernel, which tests a cipher when it loads it.
modprobe -qa des3_ede-x86_64
for user in "${clients[@]}" c7; do
	echo "$user * secret *"
done | file gw /etc/ppp/chap-secrets 0600
gateway_conf <<-END
	listen { addresses = { $GW, "$GW6" } }
	l2tp { hello = 5s }
	pool office { addresses = 10.20.0.10-10.20.0.99 }
	lns default { pool = office
	              local-address = 10.20.0.1
	              auth = { local, chap } }
END
GATEWAY_ADDRESSES="$GW, $GW6" gateway_ike
charon_start gw
gateway_start
for client in "${clients[@]}"; do
	[ "$client" = c1 ] || [ "$client" = c2 ] || client_outside "$client" "1${client#c}"
	SERVER=${server[$client]} ESP=${esp[$client]} client_ike "$client" "$([ "$client" != c6 ] || echo encap = yes)"
done
capture switch outer-gw whole
check "IPsec for all" together 1 connects "${clients[@]}"
for client in "${clients[@]}"; do
	wait_for 45 "${looks[$client]}: ${fits[$client]} bytes come back" lac_answered "$client" 10
	check "the daemon has worked it out" has_mtu "$client" "${fits[$client]}"
	check "the LAN is told of it" too_long "$client"
done
release switch whole
check "on the wire every packet was whole" none_in_pieces whole
check "l2tpctl show session" on gw l2tpctl show session "$(word session-id "$(session_of c1)")"
say_block <"$LAB_OUT/last"

declare -A from
for client in "${clients[@]}"; do
	from[$client]=$(source_of "$client")
done
capture switch outer-gw more
for client in "${clients[@]}"; do
	on "$client" kill -USR1 "$(pid_of "$client" lac)"
	wait_for 10 "${looks[$client]}: $((fits[$client] + 1)) bytes come in pieces" comes_in_pieces "$client"
done
release switch more

on gw ip route add 192.0.2.13 dev outer mtu 1400
wait_for 15 "a path gets narrower: l2tpd notices by itself" log_has gw l2tpd 'session: mtu .*outer-mtu=1400'
check "the interface follows" has_mtu c3 1322
on gw ip route change 192.0.2.13 dev outer mtu 576
check "still narrower: not below IPv4's least" has_mtu c3 576
check "with words" noted c3 "in fragments"
on gw ip route del 192.0.2.13 dev outer
check "as wide as before" has_mtu c3 1418
check "a client hangs up" stop c2 lac
ike_down c2
check "it comes again" ike_up c2
calls c2 --mru 1300
wait_for 30 "and wants no more than 1300" has_mtu c2 1300

# A router with a mind of its own: its PPP would take more, and so it says in TCP.
client_outside c7 17
client_ike c7
client_conf c7 c7 secret refuse-mschap-v2 "mtu 1500" "mru 1500"
check "a Linux client calls" client_connect c7
wait_for 30 "it is up" client_up c7
check "its MTU is what we offered" equals 1418 "$(on c7 cat /sys/class/net/ppp0/mtu)" "MTU"
on c7 ip link set ppp0 mtu 1500
serves lan
serves radius
capture switch outer-gw tcp host 192.0.2.17
capture lan eth syn tcp
capture c7 ppp0 syn tcp
capture radius eth syn tcp
check "it fetches a megabyte from the LAN" fetches c7 $LAN
check "so does the LAN from another network, beside us" fetches lan $RADIUS
release lan syn
release c7 syn
release radius syn
release switch tcp
check "the LAN was asked for segments that fit" mss_in lan syn 1378 "dst host $LAN and dst port 80"
check "the client too" mss_in c7 syn 1378 "src host $LAN"
check "others were left alone" mss_in radius syn 1460 "dst host $RADIUS"
check "on the wire every packet was whole" none_in_pieces tcp
