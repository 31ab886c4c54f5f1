# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# IKE in the forms that clients use: one connection of swanctl for each, in a file of its own.

# form HOST NAME VERSION psk|CERTIFICATE IKE-PROPOSAL ESP-PROPOSALS [LINE]...: lines for the connection, such as "encap = yes".
form() {
	local host=$1 name=$2 version=$3 auth=$4 ike=$5 esp=$6
	shift 6
	{
		printf 'connections { %s {\n version = %s\n remote_addrs = %s\n proposals = %s\n' "$name" "$version" "$GW" "$ike"
		printf ' %s\n' "$@"
		if [ "$auth" = psk ]; then
			printf ' local { auth = psk }\n remote { auth = psk }\n'
		else
			printf ' local {\n auth = pubkey\n certs = %s.pem\n }\n' "$auth"
			printf ' remote {\n auth = pubkey\n id = vpn.example.org\n }\n'
		fi
		printf ' children { %s {\n mode = transport\n local_ts = dynamic[17/1701]\n remote_ts = dynamic[17/1701]\n' "$name"
		printf ' esp_proposals = %s\n start_action = none\n } }\n} }\n' "$esp"
		printf 'secrets { ike-any { secret = "the lab'\''s shared secret" } }\n'
	} | file "$host" "/etc/swanctl/conf.d/$name.conf" 0600
}

# form_up HOST NAME
form_up() {
	on "$1" swanctl --initiate --child "$2" --timeout 30 | tail -n 5
	[ "${PIPESTATUS[0]}" = 0 ]
}

# form_refused HOST NAME: the gateway does not let it in.
form_refused() {
	! form_up "$1" "$2" && [ "$(sas "$1" | wc -l)" = 0 ]
}

form_down() {
	on "$1" swanctl --terminate --ike "$2" --timeout 20 | tail -n 3
	[ "${PIPESTATUS[0]}" = 0 ]
}

# sa_is KEY=VALUE...: l2tpd knows of one SA, with these values.
sa_is() {
	local sa pair
	sa=$(gateway_list sa)
	seen "$(sed -E 's/.*"cipher": "([^"]*)", "iv-bytes": "([0-9]*)", "icv-bytes": "([0-9]*)", "block-bytes": "([0-9]*)".*/\1, iv \2 icv \3 block \4/' <<<"$sa")"
	echo "$sa"
	[ "$(grep -c mark <<<"$sa")" = 1 ] || return 1
	for pair in "$@"; do
		grep -qF "\"${pair%%=*}\": \"${pair#*=}\"" <<<"$sa" || { echo "expected $pair"; return 1; }
	done
}

# form_passes HOST: L2TP, PPP and some pings through the SA that is there.
form_passes() {
	on "$1" env PYTHONPATH=/lab/tree/tests/lab PYTHONDONTWRITEBYTECODE=1 python3 -u -m lac --server "$GW" \
		--user alice --password "wonder land" --ping "$LAN" --count 3 --interval 0.1 >"$LAB_OUT/$1/lac.log" 2>&1 &&
		lac_answered "$1" 3
}
