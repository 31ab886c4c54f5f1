# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the smallest server: no RADIUS, no IPsec, users in pppd's own files
# topology: outer 1
# needs: ours xl2tpd pppd

gateway_conf_local
gateway_start
client_conf c1 alice "wonder land"
client_start c1
client_call c1
wait_for 30 "the client is up" client_up c1
check "it reaches the LAN" reaches c1 $LAN
check "one lease" gateway_has 1 lease
client_hang_up c1
# The control connection stays for a retransmission cycle, 31 s, to acknowledge what the client might repeat.
wait_for 10 "its session ends" gateway_has 0 session
wait_for 45 "nothing is left of it" gateway_empty
client_call c1
wait_for 30 "it calls again and is up" client_up c1
check "and reaches the LAN" reaches c1 $LAN
check "l2tpd stops in order" gateway_stop
wait_for 20 "the client was told" client_down c1
check "no pppd stays behind" none_of gw pppd
