# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A CA, kept on the gateway in /root/pki, and certificates with quick keys.

# pki_new: the CA, and the gateway's certificate, installed there.
pki_new() {
	on gw sh -ec 'mkdir -p /root/pki && cd /root/pki && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 30 \
		-subj "/O=Example/CN=Example CA" -keyout ca.key -out ca.pem' 2>/dev/null &&
		pki_issue gw "/O=Example/CN=gateway" "IP:$GW" && pki_give gw gw
}

# pki_issue NAME SUBJECT [SUBJECTALTNAME]
pki_issue() {
	on gw sh -ec 'cd /root/pki && openssl req -x509 -CA ca.pem -CAkey ca.key -extensions usr_cert -newkey ec \
		-pkeyopt ec_paramgen_curve:P-256 -noenc -days 10 -subj "$2" ${3:+-addext "subjectAltName=$3"} -keyout "$1.key" -out "$1.pem"' sh "$@" 2>&1
}

# pki_give HOST NAME: the certificate with its key, and the CA.
pki_give() {
	on gw cat /root/pki/ca.pem | file "$1" /etc/swanctl/x509ca/ca.pem 0644
	on gw cat "/root/pki/$2.pem" | file "$1" "/etc/swanctl/x509/$2.pem" 0644
	on gw cat "/root/pki/$2.key" | file "$1" "/etc/swanctl/private/$2.key" 0600
}
