# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: users tied to certificates, a limit per identity, and clients that IKE refuses while l2tpd is drained or away
# topology: nat 3
# needs: ours charon-systemd swanctl xl2tpd pppd freeradius openssl python3
# limit: 240

# client_cert HOST NAME: it calls with this certificate from now on.
client_cert() {
	pki_give "$1" "$2"
	client_ike "$1"
	on "$1" sed -i -e "s/local { auth = psk }/local { auth = pubkey\n certs = $2.pem }/" -e 's/auth = psk$/auth = pubkey/' \
		/etc/swanctl/conf.d/l2tp.conf
	running "$1" charon-systemd || charon_start "$1"
	on "$1" swanctl --load-all --noprompt >"$LAB_OUT/$1/swanctl.log" 2>&1
}

# failed_as USER REGEX: an attempt of that user is listed, with the identity.
failed_as() {
	gateway_list failure | grep "\"user\": \"$1\"" | grep '"identity": "[^"]*CN=alice' | grep -E "$2" || { gateway_list failure; return 1; }
}

# refused_by_ike HOST: at once, and the client hears it.
refused_by_ike() {
	local before
	before=$(grep -c AUTHENTICATION_FAILED "$LAB_OUT/$1/charon.log")
	! ike_up "$1" || return 1
	log_has "$1" charon 'received AUTHENTICATION_FAILED' && [ "$(grep -c AUTHENTICATION_FAILED "$LAB_OUT/$1/charon.log")" -gt "$before" ]
}

established() {
	grep -c 'IKE_SA vpn\[[0-9]*\] established' "$LAB_OUT/$1/charon.log"
}

has_more() {
	[ "$(established "$1")" -gt "$2" ]
}

has_passed() {
	[ "${EPOCHREALTIME%.*}" -ge "$1" ]
}

check "a CA and the gateway's certificate" pki_new
check "alice's" pki_issue alice "/O=Example/OU=staff/CN=alice"
check "bob's, who has his name in an address of mail only" pki_issue bob "/O=Example/CN=laptop 17" email:bob@example.com
check "carol's" pki_issue carol "/O=Example/CN=carol"
check "dave's" pki_issue dave "/O=Example/CN=dave"

radius_user alice "wonder land"
radius_user bob "can we fix it"
radius_start
gateway_ike
on gw sed -i -e 's/# certs = .*/certs = gw.pem/' -e "s/# id = .*/id = $GW/" -e 's/# cacerts = /cacerts = /' /etc/swanctl/conf.d/l2tp.conf
on gw sed -i 's/# refuse_after = .*/refuse_after = 1s/' /etc/strongswan.d/charon/l2tp.conf
gateway_user
charon_start gw
gateway_conf_radius "limits { tunnels-per-identity = 1 }"
on gw sed -i -e 's/radius = corp/& \n rule own { identity = { "CN=%, O=Example", "%@example.com" } }/' /etc/l2tpd/l2tpd.conf
gateway_start

client_cert c1 alice
client_conf c1 bob "can we fix it"
check "alice's certificate: IPsec" client_connect c1
wait_for 30 "with bob's name and password: refused, and listed with both" failed_as bob 'no rule of lns default fits'
check "as a failed authentication" failed_as bob '"stage": "auth"'
wait_for 20 "the client hears of it" log_has c1 pppd 'authentication failed|Access denied'
check "though RADIUS took the password" log_has radius radiusd 'Login OK: \[bob'
wait_for 20 "its session is gone" gateway_has 0 session
check "it leaves" ike_down c1
wait_for 20 "and its tunnel" gateway_has 0 tunnel

stop c1 xl2tpd
client_conf c1 alice "wonder land"
check "alice's certificate again" client_connect c1
wait_for 30 "with alice's name: up" client_up c1
client_cert c2 bob
client_conf c2 bob "can we fix it"
check "bob's certificate" client_connect c2
wait_for 30 "bob by his address of mail: up" client_up c2

client_cert c3 alice
client_conf c3 alice "wonder land"
check "alice's certificate on a second computer" client_connect c3
wait_for 20 "one tunnel of an identity is the limit" gateway_failed 'limit of 1 tunnels per IKE identity'
check "it leaves" ike_down c3
stop c3 xl2tpd

check "l2tpctl drain" on gw l2tpctl drain
check "l2tpctl status" on gw l2tpctl status
say_block <"$LAB_OUT/last"
client_cert c3 carol
check "carol is refused by IKE, at once" refused_by_ike c3
wait_for 5 "and listed with the reason" gateway_failed 'takes nobody new'
before=$(established c1)
check "alice authenticates again meanwhile" on c1 swanctl --rekey --ike vpn --reauth
wait_for 20 "and has a new IKE_SA" has_more c1 "$before"
check "her session lives" reaches c1 $LAN
check "bob's too" reaches c2 $LAN
check "l2tpctl undrain" on gw l2tpctl undrain
check "carol gets an SA" ike_up c3
check "she leaves" ike_down c3

check "l2tpd stops" gateway_stop
wait_for 10 "charon knows" log_has gw charon 'l2tp: l2tpd is away'
wait_for 10 "that was not a restart" has_passed $((${EPOCHREALTIME%.*} + 3))
client_cert c3 dave
check "dave is refused by IKE, at once" refused_by_ike c3
check "charon's log has the reason" log_has gw charon "l2tp: refusing .*dave.* l2tpd is away"
gateway_start
wait_for 10 "l2tpd is back" log_has gw l2tpd charon-connected
wait_for 10 "dave gets an SA" ike_up c3
say_block <<<"$(on gw l2tpctl show failures)"
