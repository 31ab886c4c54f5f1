# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: EAP is passed through to RADIUS, whatever method: MS-CHAPv2, MD5, TLS, PEAP, and refusals of each kind
# topology: outer 5
# needs: ours pppd freeradius python3 openssl

radius_user alice "wonder land"
radius_user bob builder 'EAP-Type := MD5'
radius_user client "" 'EAP-Type := TLS'
radius_user carol "pass word"
radius_eap c1 c2 c3 c4 c5
radius_start
gateway_conf_auth ""
gateway_start

# call HOST USER PASSWORD METHOD [OPTION]...: an EAP client that also pings the LAN.
call() {
	local host=$1 user=$2 password=$3 method=$4
	shift 4
	lac_start "$host" --auth eap --user "$user" --password "$password" --eap "$method" --ping "$LAN" --ca /etc/eap/ca.crt "$@"
}

call c1 alice "wonder land" mschapv2
call c2 bob builder md5
call c3 client "" tls --cert /etc/eap/client.crt --key /etc/eap/client.key
call c4 carol "pass word" peap --eap-identity carol
wait_for 20 "MS-CHAPv2 inside EAP" lac_said c1 "authenticated"
wait_for 20 "MD5 inside EAP" lac_said c2 "authenticated"
wait_for 30 "TLS, in fragments" lac_said c3 "authenticated"
wait_for 30 "PEAP, with MS-CHAPv2 in it" lac_said c4 "authenticated"
for client in c1 c2 c3 c4; do
	wait_for 20 "$client reaches the LAN" lac_answered $client 5
done
check "all by EAP" equals 4 "$(gateway_list session | grep -c '"auth": "eap"')" sessions
check "with the user's name" eval "gateway_list session | grep '\"user\": \"carol\"'"

call c5 alice "looking glass" mschapv2
wait_for 20 "a wrong password: the client hears EAP-Failure" lac_said c5 "ppp failed.*EAP refused"
wait_for 10 "the administrator sees it" gateway_failed 'rejected the user'
stop c5 lac
call c5 client "" tls
wait_for 20 "TLS without a certificate is refused" lac_said c5 "ppp failed"
stop c5 lac
call c5 alice "wonder land" peap
wait_for 30 "a client that wants another method than the default gets it" lac_said c5 "authenticated"
stop c5 lac
lac_start c5 --auth mschapv2,chap --user alice --password "wonder land" --ping "$LAN"
wait_for 20 "one that has no EAP gets MS-CHAPv2, though it would rather have others" lac_said c5 "authenticated *mschapv2"
