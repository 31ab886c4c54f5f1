# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: certificates as README.md makes them: IKEv1 and IKEv2, the identity is seen, revoked and foreign ones are refused with the reason
# topology: nat 1
# needs: ours charon-systemd swanctl openssl python3
# limit: 240

# shown BEGINNING: the indented lines of README.md's section on certificates, from the one that begins so to the end of its block.
shown() {
	on gw awk -v from="$1" '
		/^## Clients/ { inside = 1 }
		inside && index($0, "    " from) == 1 { any = 1 }
		any && !/^    / { exit }
		any { print substr($0, 5) }' /lab/tree/README.md
}

# as_shown BEGINNING: does it, in the CA's folder; with short keys, because an emulated processor takes long to find them.
as_shown() {
	shown "$1" | sed 's/rsa:3072/rsa:2048/' | on gw sh -ec 'mkdir -p /root/ca && cd /root/ca && cat >commands && . ./commands'
}

# One more certificate of a CA, with a quick key.  issue_ec CA NAME SUBJECTALTNAME
issue_ec() {
	on gw sh -ec 'cd /root/ca && openssl req -x509 -CA "$1.pem" -CAkey "$1.key" -extensions usr_cert -newkey ec \
		-pkeyopt ec_paramgen_curve:P-256 -noenc -days 10 -subj "/O=Example/CN=$2" -addext "subjectAltName=$3" -keyout "$2.key" -out "$2.pem"' sh "$@"
}

# give HOST NAME: the certificate, its key, and our CA.
give() {
	local what
	for what in "x509ca/ca.pem" "x509/$2.pem" "private/$2.key"; do
		on gw cat "/root/ca/${what#*/}" | file "$1" "/etc/swanctl/$what" 0600
	done
}

host_add o1
plug o1 outer 192.0.2.21/24
check "README.md: the CA, the gateway's certificate and one for alice" as_shown "umask"
check "more of them" issue_ec ca bob email:bob@example.org
check "a CA that is not ours" on gw sh -ec 'cd /root/ca && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 10 \
	-subj "/O=Elsewhere/CN=Other CA" -keyout other.key -out other.pem'
check "whose mallory says he is alice" issue_ec other mallory email:alice@example.org
for name in alice bob mallory; do
	give c1 $name
done
give o1 alice
give o1 bob

gateway_ike
charon_start gw
on gw sed -i -e 's/# certs = /certs = /' -e 's/# id = /id = /' -e 's/# cacerts = /cacerts = /' /etc/swanctl/conf.d/l2tp.conf
gateway_conf <<-END
	listen { addresses = $GW }
	pool office { addresses = 10.20.0.10-10.20.0.99 }
	lns default { local-address = 10.20.0.1 }
END
echo 'alice * "wonder land" *' | file gw /etc/ppp/chap-secrets 0600
check "README.md: what the gateway needs" as_shown "install -m 0644 ca.pem"
gateway_start

form c1 v1 1 alice aes256-sha256-modp2048 aes256-sha1
form c1 v2 2 bob aes256gcm16-prfsha384-x25519 aes256gcm16
form c1 foreign-1 1 mallory aes256-sha256-ecp256 aes256-sha1
form c1 foreign-2 2 mallory aes256gcm16-prfsha384-x25519 aes256gcm16
form o1 v1 1 alice aes256-sha256-ecp256 aes256gcm16
form o1 v2-email 2 bob aes256gcm16-prfsha384-x25519 aes256gcm16
# The client may say a subjectAltName instead of the subject.
on o1 sed -i 's/certs = bob.pem/& \n id = bob@example.org/' /etc/swanctl/conf.d/v2-email.conf
charon_start c1
charon_start o1

# in_and_out HOST FORM VERSION IDENTITY
in_and_out() {
	check "$1: IKEv$3 with a certificate" form_up "$1" "$2"
	wait_for 10 "its identity" sa_is auth=pubkey ike-version="$3" remote-id="$4"
	check "l2tpctl show sas" on gw l2tpctl show sas
	say_block <"$LAB_OUT/last"
	check "data" form_passes "$1"
	check "goes" form_down "$1" "$2"
	wait_for 10 "is gone" gateway_has 0 sa
}
in_and_out c1 v1 1 "O=Example, CN=alice"
in_and_out c1 v2 2 "O=Example, CN=bob"
in_and_out o1 v1 1 "O=Example, CN=alice"
in_and_out o1 v2-email 2 bob@example.org

check "IKEv1: a certificate of another CA is refused" form_refused c1 foreign-1
wait_for 10 "l2tpctl show failures says so" gateway_failed 'CN=mallory.* is of a CA that is not in'
check "IKEv2: as well" form_refused c1 foreign-2
wait_for 10 "l2tpctl show failures counts both" gateway_has 2 failure

check "README.md: alice's is revoked" as_shown "cat >ca.conf"
check "and refused" form_refused c1 v1
wait_for 10 "l2tpctl show failures says so" gateway_failed 'CN=alice.* has been revoked'
check "bob's is not" form_up c1 v2
check "l2tpctl show failures" on gw l2tpctl show failures
say_block <"$LAB_OUT/last"
