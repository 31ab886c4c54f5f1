# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the administrator flushes the ruleset: l2tpd restores its table, and the session goes on
# topology: outer 1
# needs: ours xl2tpd pppd nft

gateway_conf_local
gateway_start
client_conf c1 alice "wonder land"
client_start c1
client_call c1
wait_for 30 "the client is up" client_up c1
check "it reaches the LAN" reaches c1 $LAN
check "the ruleset is flushed" on gw nft flush ruleset
wait_for 20 "it reaches the LAN again" reaches c1 $LAN
check "and the log says why" log_has gw l2tpd 'table-restored'
check "with the session that it had" gateway_has 1 session
