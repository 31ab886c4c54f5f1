# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the complete small server of README.md, word for word, lets two clients behind one NAT in
# topology: nat 2
# needs: ours charon-systemd swanctl xl2tpd pppd python3

# shown FILE: what README.md shows as the content of this file, the first indented lines behind its name.
shown() {
	# shellcheck disable=SC2016 # backquotes of Markdown
	on gw awk -v name='`'"$1"'`' '
		!found { found = index($0, name) == 1; next }
		/^    / { print substr($0, 5); any = 1; next }
		any { exit }' /lab/tree/README.md
}

for name in /etc/swanctl/conf.d/l2tp.conf /etc/l2tpd/l2tpd.conf /etc/ppp/chap-secrets; do
	shown $name | file gw $name 0600
	check "README.md shows $name" on gw test -s $name
done
gateway_user # as systemd-sysusers does, before charon gives its socket to the group
charon_start gw
check "charon's plugin has nothing against the connection" log_has_not gw charon 'connection.*(unique|mark|policies|transport)'
check "l2tpd --check-config" on gw l2tpd --check-config
gateway_start

for name in c1 c2; do
	client_ike $name
	on $name sed -i "s/the lab's shared secret/change me/" /etc/swanctl/conf.d/l2tp.conf
	client_conf $name alice "wonder land"
	check "$name calls" client_connect $name
	wait_for 30 "$name is up" client_up $name
done
check "both reach the LAN: first c1" reaches c1 $LAN
check "then c2" reaches c2 $LAN
check "l2tpctl show sessions" on gw l2tpctl show sessions
say_block <"$LAB_OUT/last"
check "l2tpctl status" on gw l2tpctl status
say_block <"$LAB_OUT/last"
check "l2tpctl disconnect user alice" on gw l2tpctl disconnect user alice reason the office closes
wait_for 30 "c1 was told" client_down c1
check "l2tpctl show leases -o json" on gw l2tpctl show leases -o json
say_block <"$LAB_OUT/last"
