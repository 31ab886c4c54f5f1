# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: MS-CHAPv2 with a new password in the place of an expired one
# group: new
# topology: outer 2
# needs: ours pppd freeradius python3

radius_user bob "old password" "SMB-Account-CTRL := 131088"
radius_start
gateway_conf_auth mschapv2
gateway_start

lac_start c1 --auth mschapv2 --user bob --password "old password" --new-password "new one" --ping "$LAN"
wait_for 20 "an expired password is changed" lac_said c1 "authenticated"
wait_for 20 "the user is in" lac_answered c1 5
check "RADIUS got the new one" on radius grep -x 'bob new one' /var/log/lab/new-passwords

lac_start c2 --auth mschapv2 --user bob --password "old password"
wait_for 20 "who cannot change it is told" lac_said c2 "ppp failed.*E=648"
wait_for 10 "and so is the administrator" gateway_failed 'expired|rejected'
