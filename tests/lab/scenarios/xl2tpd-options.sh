# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: xl2tpd with each of its options that a server notices, each on a client of its own, all at the same time; and all ways to hang up
# topology: outer 9
# needs: ours xl2tpd pppd
# limit: 240

# option HOST SECTION LINE: into the client's xl2tpd.conf
option() {
	on "$1" sed -i "/^\[$2\]/a $3" /etc/xl2tpd/xl2tpd.conf
}

# user_has USER KEY VALUE: the session of that user is up, and the list says so of it.
user_has() {
	local line
	line=$(gateway_list session | grep "\"user\": \"$1\"")
	echo "$line"
	seen "$(grep -oE "\"$2\": \"[^\"]*\"" <<<"$line")"
	grep -q '"state": "up"' <<<"$line" && grep -qE "\"$2\": \"$3\"" <<<"$line"
}

# tunnel_has HOST KEY VALUE: the list says so of a tunnel with that client.
tunnel_has() {
	local list
	list=$(gateway_list tunnel | grep "\"peer\": \"192.0.2.1${1#c}:1701\"")
	echo "$list"
	seen "$(grep -m 1 -oE "\"$2\": \"$3\"" <<<"$list")"
	[ -n "$SEEN" ]
}

# sessions_of HOST COUNT: so many, and all are up
sessions_of() {
	local list
	list=$(gateway_list session | grep "\"peer\": \"192.0.2.1${1#c}:1701\"")
	echo "$list"
	! grep -v '"state": "up"' <<<"$list" | grep -q . && equals "$2" "$(grep -c . <<<"$list")" "sessions:"
}

# tunnels_of HOST COUNT: so many, established
tunnels_of() {
	equals "$2" "$(gateway_list tunnel | grep "\"peer\": \"192.0.2.1${1#c}:1701\"" | grep -c '"state": "established"')" "tunnels:"
}

# field_of tunnel|session HOST KEY: of the client's latest
field_of() {
	gateway_list "$1" | grep "\"peer\": \"192.0.2.1${2#c}:1701\"" | sed -n "s/.*\"$3\": \"\([^\"]*\)\".*/\1/p" | tail -1
}

killed() {
	stop "$1" xl2tpd KILL
	on "$1" pkill -KILL -x pppd
	soon 5 client_down "$1"
}

up_again() {
	local now
	now=$(field_of session "$1" session-id)
	seen "session $now after $2"
	[ -n "$now" ] && [ "$now" != "$2" ] && reaches "$1" "$LAN" && seen "session $now after $2"
}

clients="c1 c2 c3 c4 c5 c6 c7 c8 c9"
gateway_conf <<-END
	listen { addresses = $GW
	         ipsec = none }
	l2tp { hello = 5s
	       retry-max = 3 }
	pool office { addresses = 10.20.0.10-10.20.0.29 }
	lns default { pool = office
	              local-address = 10.20.0.1
	              auth = { local, mschapv2, chap, pap } }
	peer two { addresses = 192.0.2.12
	           secret-file = /etc/l2tpd/tunnel.secret }
	peer nine { addresses = 192.0.2.19
	            secret-file = /etc/l2tpd/tunnel.secret }
END
echo secret-of-a-tunnel | file gw /etc/l2tpd/tunnel.secret 0600
for client in $clients; do
	echo "user-$client * \"secret of $client\" *"
done >"$LAB_OUT/secrets"
file gw /etc/ppp/chap-secrets 0600 <"$LAB_OUT/secrets"
file gw /etc/ppp/pap-secrets 0600 <"$LAB_OUT/secrets"
gateway_start
for client in $clients; do
	client_conf $client user-$client "secret of $client"
done

option c1 "lac vpn" "length bit = no"
option c1 "lac vpn" "flow bit = yes"
option c1 "lac vpn" "tx bps = 10000000"
option c1 "lac vpn" "rx bps = 100000"
option c2 "lac vpn" "hidden bit = yes"
option c2 "lac vpn" "hostname = a-name-as-long-as-xl2tpd-lets-it-be.example.with.many.labels.in.it.and.more"
option c2 "lac vpn" "challenge = yes"
echo '* * secret-of-a-tunnel' | file c2 /etc/xl2tpd/l2tp-secrets 0600
option c3 "lac vpn" "tunnel rws = 1"
option c3 "lac vpn" "call rws = 10"
option c3 global "max retries = 2"
option c4 "lac vpn" "refuse chap = yes" # MD5 only; the others are pppd's to refuse
# shellcheck disable=SC2016 # the last line, for sed
on c4 sed -i '$a refuse-mschap\nrefuse-mschap-v2' /etc/ppp/options.vpn
option c5 "lac vpn" "refuse pap = yes"
option c5 "lac vpn" "require authentication = no"
option c6 "lac vpn" "autodial = yes"
option c6 "lac vpn" "redial = yes"
option c6 "lac vpn" "redial timeout = 1"
option c6 "lac vpn" "max redials = 5"
# A second session in the same tunnel ("c TUNNEL") is not to be had from xl2tpd 1.3.18: it crashes.
on c7 sh -c 'sed -n "/^lns/,\$p" /etc/xl2tpd/xl2tpd.conf | sed "1i [lac second]" >>/etc/xl2tpd/xl2tpd.conf'
option c8 "lac vpn" "require authentication = yes"
printf '%s\n' auth require-chap | on c8 sh -c 'sed -i /^noauth/d /etc/ppp/options.vpn; cat >>/etc/ppp/options.vpn'
option c9 "lac vpn" "challenge = yes"
echo '* * another-secret' | file c9 /etc/xl2tpd/l2tp-secrets 0600

for client in $clients; do
	client_start $client
	[ $client = c6 ] || client_call $client
done
wait_for 40 "no length bit, sequence numbers wanted, speeds: up" user_has user-c1 state up
wait_for 20 "hidden bit, and both sides prove to know the secret: up" user_has user-c2 state up
check "with the long name" tunnel_has c2 host-name 'a-name-as-long[^"]*'
wait_for 20 "a window of one message: up" user_has user-c3 state up
wait_for 20 "refuses every CHAP: up with PAP" user_has user-c4 auth pap
wait_for 20 "refuses PAP: up" user_has user-c5 auth '(mschapv2|chap)'
wait_for 20 "dials by itself: up" user_has user-c6 state up
wait_for 20 "one to call again: up" user_has user-c7 state up
for client in c1 c2 c3 c4 c5 c6 c7; do
	wait_for 10 "$client: has its route" client_up $client
	check "$client: reaches the LAN" reaches $client "$LAN"
done
wait_for 20 "a client that wants us to authenticate ends its call" gateway_failed 'hung up'
check "one with another tunnel secret is refused" gateway_failed 'secret|authentication'

on c7 sh -c 'echo "c second" >/run/xl2tpd/l2tp-control'
wait_for 20 "a second lac section to the same server" sessions_of c7 2
check "in a tunnel of its own, between the same ports" tunnels_of c7 2
on c7 sh -c 'echo "d second" >/run/xl2tpd/l2tp-control'
wait_for 20 "one of them is hung up" sessions_of c7 1
check "the other reaches the LAN" reaches c7 "$LAN"

session=$(field_of session c6 session-id)
check "the administrator ends a session" on gw l2tpctl disconnect user user-c6
wait_for 30 "the client dials again by itself" up_again c6 "$session"
session=$(field_of session c5 session-id)
check "xl2tpd is killed" killed c5
client_start c5
client_call c5
wait_for 60 "a new one is served beside what is left of the old" up_again c5 "$session"
client_hang_up c1
wait_for 20 "one hangs up" sessions_of c1 0
check "another one's pppd ends" on c2 pkill -TERM -x pppd
wait_for 20 "and with it its session" sessions_of c2 0
stop c3 xl2tpd
wait_for 20 "xl2tpd is stopped, which ends its tunnel" sessions_of c3 0
check "the administrator ends a tunnel" on gw l2tpctl disconnect tunnel "$(field_of tunnel c4 tunnel-id)"
wait_for 20 "the client was told" client_down c4
check "l2tpd stops in order" gateway_stop
for client in c5 c6 c7; do
	wait_for 20 "$client was told" client_down $client
done
check "no pppd stays behind" none_of gw pppd
