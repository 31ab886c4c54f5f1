# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: both samples for swanctl.conf, by what old and new clients propose; IKEv1 and IKEv2, NAT, no NAT, forced encapsulation
# topology: nat 1
# needs: ours charon-systemd swanctl python3
# limit: 300

# What each client proposes and nothing else, and what it has to get.  "data" sends some through the SA.
# NAME VERSION IKE ESP CIPHER IV ICV BLOCK [data]
compatible=(
	"windows-xp 1 3des-sha1-modp1024 3des-sha1 3DES_CBC/HMAC_SHA1_96 8 12 8 data"
	"windows-7 1 3des-sha1-modp2048 aes128-sha1,3des-sha1 AES_CBC_128/HMAC_SHA1_96 16 12 16"
	"windows-10 1 aes256-sha1-ecp384,aes128-sha1-ecp256,aes256-sha1-modp2048 aes256-sha1,3des-sha1 AES_CBC_256/HMAC_SHA1_96 16 12 16 data"
	"ios 1 aes256-sha256-modp2048 aes256-sha1,aes128-sha1 AES_CBC_256/HMAC_SHA1_96 16 12 16"
	"android 1 aes256-sha1-modp1024 aes256-sha256,aes256-sha1 AES_CBC_256/HMAC_SHA1_96 16 12 16"
	"android-4 1 aes128-sha1-modp1024 aes128-sha1 AES_CBC_128/HMAC_SHA1_96 16 12 16"
	"mikrotik 1 aes128-sha1-modp2048 aes256-sha1-modp1024 AES_CBC_256/HMAC_SHA1_96 16 12 16"
	"only-sha256 1 aes256-sha256-ecp256 aes256-sha256 AES_CBC_256/HMAC_SHA2_256_128 16 16 16 data"
	"linux 2 aes256gcm16-prfsha384-x25519 aes256gcm16 AES_GCM_16_256 8 16 4"
)
modern=(
	"windows-told 1 aes256-sha384-ecp384 aes256gcm16 AES_GCM_16_256 8 16 4 data"
	"windows-pfs 1 aes256-sha384-ecp384 aes256gcm16-ecp384 AES_GCM_16_256 8 16 4"
	"mikrotik-told 1 aes256-sha256-ecp256 aes256gcm16-ecp256 AES_GCM_16_256 8 16 4"
	"x25519 1 aes128-sha256-x25519 aes128gcm16-x25519 AES_GCM_16_128 8 16 4"
	"linux-ecp 2 aes256gcm16-prfsha384-ecp384 aes256gcm16 AES_GCM_16_256 8 16 4"
	"linux-128 2 aes128gcm16-prfsha256-ecp256 aes128gcm16 AES_GCM_16_128 8 16 4 data"
)

# try ROW: connects as this client, looks at what l2tpd was told, and goes.
try() {
	local name version ike esp cipher iv icv block data
	read -r name version ike esp cipher iv icv block data <<<"$1"
	check "$name: IKEv$version, $ike" form_up c1 "$name"
	wait_for 10 "$name: its SA" sa_is ike-version="$version" auth=psk cipher="$cipher" iv-bytes="$iv" icv-bytes="$icv" block-bytes="$block"
	[ -z "$data" ] || check "$name: data" form_passes c1
	check "$name: goes" form_down c1 "$name"
	wait_for 10 "$name: is gone" gateway_has 0 sa
}

host_add o1
plug o1 outer 192.0.2.21/24
gateway_ike
gateway_conf <<-END
	listen { addresses = $GW }
	pool office { addresses = 10.20.0.10-10.20.0.99 }
	lns default { local-address = 10.20.0.1 }
END
echo 'alice * "wonder land" *' | file gw /etc/ppp/chap-secrets 0600
for row in "${compatible[@]}" "${modern[@]}"; do
	read -r name version ike esp _ <<<"$row"
	form c1 "$name" "$version" psk "$ike" "$esp"
done
form c1 aggressive 1 psk aes256-sha256-modp2048 aes256-sha1 "aggressive = yes"
form o1 plain 1 psk aes256-sha1-modp2048 aes256-sha1
form o1 forced 1 psk aes256-sha1-modp2048 aes256-sha1 "encap = yes"
form o1 plain-2 2 psk aes256gcm16-prfsha384-x25519 aes256gcm16
form o1 forced-2 2 psk aes256gcm16-prfsha384-x25519 aes256gcm16 "encap = yes"
charon_start gw
gateway_start
charon_start c1
charon_start o1
check "charon's plugin has nothing against the sample" log_has_not gw charon 'l2tp: c'

for row in "${compatible[@]}"; do
	try "$row"
done

for name in plain forced plain-2 forced-2; do
	check "no NAT, $name" form_up o1 $name
	case $name in
	plain*) wait_for 10 "ESP in IP" not sa_is encap=yes ;;
	forced*) wait_for 10 "ESP in UDP" sa_is encap=yes ;;
	esac
	check "data" form_passes o1
	check "goes" form_down o1 $name
	wait_for 10 "is gone" gateway_has 0 sa
done

check "aggressive mode is refused" form_refused c1 aggressive
wait_for 10 "l2tpctl show failures says so" gateway_failed "aggressive mode"

gateway_ike modern
check "the modern sample instead" on gw swanctl --load-all --noprompt
for row in "${modern[@]}"; do
	try "$row"
done
check "what only the compatible one has is refused" form_refused c1 windows-10
wait_for 10 "l2tpctl show failures says so" gateway_failed "no IKE proposal in common"
on c1 sh -c "sed -i \"s/the lab's shared secret/another secret/\" /etc/swanctl/conf.d/*"
check "another shared key" on c1 swanctl --load-creds --noprompt --clear
check "is refused" form_refused c1 windows-told
wait_for 10 "l2tpctl show failures says so" gateway_failed "shared key"
check "l2tpctl show failures" on gw l2tpctl show failures
say_block <"$LAB_OUT/last"
check "l2tpctl status knows that charon speaks IKEv1" status_has '"ikev1": "yes"'
