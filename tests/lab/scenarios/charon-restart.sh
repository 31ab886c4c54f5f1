# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: l2tpd before charon, charon without our plugin, charon stopped and started: it is said, what lost its SA ends, clients get in
# topology: nat 1
# needs: ours charon-systemd swanctl pppd freeradius python3

radius_user alice "wonder land"
radius_start
gateway_ike
gateway_conf_radius
client_ike c1
charon_start c1
gateway_start
wait_for 10 "without charon the status says what is missing" status_has '"problem": "[^"]*is charon running'
echo 'charon { plugins { l2tp { load = no } } }' | file gw /etc/strongswan.d/without.conf
charon_start gw
check "charon without our plugin: IPsec" ike_up c1
lac_start c1 --user alice --password "wonder land"
wait_for 20 "why it fails is listed" gateway_failed "has not told of: l2tpd is not connected"
stop c1 lac KILL
check "charon stops" charon_stop gw
on gw rm /etc/strongswan.d/without.conf
charon_start gw
wait_for 20 "with the plugin l2tpd is connected" gateway_serves

lac_up c1
check "charon stops" charon_stop gw
wait_for 20 "the session ends" gateway_has 0 session
check "for a reason" log_has gw l2tpd 'session: down.*reason=".*closed by charon'
wait_for 10 "the status says that charon is away" status_has '"problem": "[^"]*is charon running'
wait_for 45 "nothing is left" gateway_empty
stop c1 lac KILL
charon_start gw
wait_for 20 "l2tpd is connected again" gateway_serves
lac_up c1
