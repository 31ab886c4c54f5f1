# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: 400 clients connect at the same moment, with a real pppd for each: all come up, none fails, and nothing stays behind
# topology: outer 1
# needs: ours pppd
# group: bench
# limit: 900

# For --count: where the clock counts instructions, clients do not give up because the machine is an emulated one.

CLIENTS=400
gateway_conf <<-END
	listen { addresses = $GW
	         ipsec = none }
	pool office { addresses = 10.20.0.10-10.20.3.254 }
	lns default { pool = office
	              local-address = 10.20.0.1
	              auth = local }
END
echo 'user * password *' | file gw /etc/ppp/chap-secrets 0600
gateway_start
load_ready c1
check "one client comes up" load_ran c1 --tunnels 1
check "$CLIENTS clients come up" load_ran c1 --tunnels $CLIENTS --timeout 120 --end vanish
check "a session of each" gateway_has $CLIENTS session
check "a pppd of each" equals $CLIENTS "$(on gw ip -o link show type ppp | wc -l)" "interfaces:"
check "l2tpd stops in order" gateway_stop
wait_for 20 "no pppd stays behind" none_of gw pppd
