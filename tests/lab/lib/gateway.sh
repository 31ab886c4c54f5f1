# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Our own parts on the gateway.

# gateway_conf <<END: /etc/l2tpd/l2tpd.conf, with the secret of the lab's RADIUS server beside it.
# A client whose machine is slow takes its time between IPsec and L2TP.
gateway_conf() {
	local conf patience="unused-sa = $((30 * ${JOB_SLOWER:-1}))s"
	conf=$(cat)
	case $conf in
	*unused-sa*) ;;
	*"limits {"*) conf=${conf/limits {/limits { $patience$'\n'} ;;
	*) conf+=$'\n'"limits { $patience }" ;;
	esac
	echo "$conf" | file gw /etc/l2tpd/l2tpd.conf
	echo "$RADIUS_SECRET" | file gw /etc/l2tpd/radius.secret 0600
}

# gateway_conf_radius [SECTIONS]: what most scenarios use, and more sections; GATEWAY_LISTEN is more in the section listen than the
# address of the gateway.
gateway_conf_radius() {
	gateway_conf <<-END
		listen { ${GATEWAY_LISTEN:-addresses = $GW} }
		pool office { addresses = 10.20.0.10-10.20.0.99 }
		lns default {
		        pool = office
		        local-address = 10.20.0.1
		        dns = { 10.0.0.53 }
		        auth = { mschapv2, chap, pap }
		        radius = corp
		        lcp-echo-interval = $((3 * ${JOB_SLOWER:-1}))s
		        lcp-echo-failures = 2
		}
		radius corp {
		        timeout = ${JOB_SLOWER:-1}s
		        tries = 2
		        server a {
		                address = $RADIUS
		                secret-file = /etc/l2tpd/radius.secret
		        }
		}
		${1:-}
	END
}

# gateway_conf_local [LINES-OF-LNS [SECTIONS]]: the smallest: no IPsec, no RADIUS, alice in pppd's own file.
gateway_conf_local() {
	gateway_conf <<-END
		listen { addresses = $GW
		         ipsec = none }
		pool office { addresses = 10.20.0.10-10.20.0.11 }
		lns default { pool = office
		              local-address = 10.20.0.1
		              auth = local
		              ${1:-} }
		${2:-}
	END
	echo 'alice * "wonder land" *' | file gw /etc/ppp/chap-secrets 0600
}

# gateway_conf_patient: alice in pppd's own file, and nothing ends for the reason that a machine is slow: a client may take its time to dial,
# and LCP waits longer than an IKE_SA_INIT that is sent again.
gateway_conf_patient() {
	gateway_conf <<-END
		listen { addresses = $GW }
		limits { unused-sa = 10m }
		pool office { addresses = 10.20.0.10-10.20.0.99 }
		lns default { pool = office
		              local-address = 10.20.0.1
		              lcp-echo-interval = 10s
		              lcp-echo-failures = 3
		              auth = local }
	END
	echo 'alice * "wonder land" *' | file gw /etc/ppp/chap-secrets 0600
}

# gateway_absent: there is no l2tpd in this scenario, and charon is not to refuse its clients for that.  Before charon starts.
gateway_absent() {
	echo 'charon { plugins { l2tp { refuse_after = 0 } } }' | file gw /etc/strongswan.d/l2tpd-absent.conf
}

# gateway_start: returns when the daemon answers on its management socket.
gateway_start() {
	start gw l2tpd env $GATEWAY_ENV l2tpd ${GATEWAY_OPTIONS:-}
	soon 20 gateway_answers
	running gw l2tpd && gateway_answers || fail "l2tpd starts" "$(tail "$LAB_OUT/gw/l2tpd.log")"
}
GATEWAY_ENV=

# gateway_open CLIENT... [SECTIONS]: RADIUS that knows alice, charon and l2tpd on the gateway, charon on these clients.
gateway_open() {
	local client sections=
	case ${*: -1} in
	*"{"*) sections=${*: -1} && set -- "${@:1:$#-1}" ;;
	esac
	radius_user alice "wonder land"
	radius_start
	gateway_ike
	gateway_conf_radius "$sections"
	charon_start gw
	gateway_start
	soon 10 gateway_serves
	for client; do
		client_ike "$client"
		charon_start "$client"
	done
}

# What the package does: the user, before charon's plugin looks for the group.
gateway_user() {
	[ -d "$LAB/stage" ] || return 0
	on gw getent passwd l2tpd >/dev/null ||
		on gw useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin l2tpd
}

# Also when it has given up, which needs no more waiting.
gateway_answers() {
	! running gw l2tpd || gateway_ask status | grep -q version
}

gateway_stop() {
	stop gw l2tpd
}

# gateway_ask COMMAND [EVENT]: over the management socket; the answer as JSON, one object a line.
gateway_ask() {
	on gw python3 /lab/tree/tests/lab/lib/vici.py /run/l2tpd/l2tpd.vici "$@"
}

# status_has REGEX: the part of the status that matches is what was seen.
status_has() {
	local status
	status=$(gateway_ask status)
	seen "$(grep -oE -m 1 -- "$1" <<<"$status")"
	echo "$status"
	[ -n "$SEEN" ]
}

# having KEY VALUE: of the records of gateway_list those where the key's value begins so; a flag that is "no" is left out of them.
having() {
	if [ "$2" = no ]; then
		grep -vF "\"$1\": "
	else
		grep -F "\"$1\": \"$2"
	fi
}

# gateway_list tunnel|session|lease|sa|failure: one JSON object a line for each.
gateway_list() {
	gateway_ask "list-$1s" "list-$1" | sed '$d'
}

# gateway_has COUNT tunnel|session|lease|sa|failure
gateway_has() {
	local list
	list=$(gateway_list "$2") || return 1
	equals "$1" "$(printf '%s' "${list:+$list$'\n'}" | wc -l)" "${2}s:"
}

# gateway_failed REGEX: some failed attempt is listed with such a reason.
gateway_failed() {
	local line
	line=$(gateway_list failure | sed -n 's/.*"reason": "\(.*\)".*/\1/p' | grep -E -m 1 -- "$1") || { gateway_list failure; return 1; }
	seen "\"$line\""
}

# gateway_empty: nothing is left of any client: in the daemon's tables, the process table, and the kernel.
gateway_empty() {
	local left=() what count
	for what in session tunnel lease sa; do
		count=$(gateway_list $what | wc -l)
		[ "$count" = 0 ] || left+=("$count ${what}s")
	done
	count=$(count_of gw pppd)
	[ "$count" = 0 ] || left+=("$count pppd")
	count=$(on gw ip l2tp show tunnel | grep -c '^Tunnel')
	[ "$count" = 0 ] || left+=("$count kernel tunnels")
	count=$(on gw ip -o xfrm state | wc -l)
	[ "$count" = 0 ] || left+=("$count kernel SAs")
	count=$(on gw ip -o link show type ppp | wc -l)
	[ "$count" = 0 ] || left+=("$count ppp interfaces")
	[ ${#left[@]} = 0 ] || { echo "left: ${left[*]}"; return 1; }
	seen "no session, tunnel, lease, SA, pppd, kernel tunnel or interface"
}

# counter NAME: one of l2tpd's counters, as "l2tpctl show counters" has it.
counter() {
	on gw l2tpctl -o kv show counters | sed -n "/^name=$1\$/,/^value=/s/^value=//p"
}

# The engine is the half that is not root.
engine_pid() {
	on gw pgrep -u l2tpd -x l2tpd
}

# gateway_serves: l2tpd is connected to charon's plugin.
gateway_serves() {
	status_has '"charon": "yes"'
}

# xfrm_dropped NAME: a counter of packets that the gateway's kernel has dropped, such as XfrmInTmplMismatch.
xfrm_dropped() {
	on gw cat /proc/net/xfrm_stat | sed -n "s/^$1[[:space:]]*//p"
}
