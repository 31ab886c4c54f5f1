#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Our bus against the VICI socket of the installed charon, in namespaces of its own: no address, no key, no SA, and
# nothing of the machine is touched.  Without root it takes a user namespace.  Skips (77) where there is none, or no charon.
set -eu

skip() {
	echo "skipped: $1"
	exit 77
}

if [ "${1:-}" != inside ]; then
	command -v charon-systemd >/dev/null || skip "no charon-systemd here: apt install charon-systemd"
	command -v unshare >/dev/null || skip "no unshare here: apt install util-linux"
	user=
	[ "$(id -u)" = 0 ] || user=--map-root-user
	unshare $user --net --mount true 2>/dev/null || skip "no namespaces: needs root, or user namespaces"
	exec unshare $user --net --mount "$0" inside
fi

mount -t tmpfs tmpfs /run
work=/run/probe
mkdir $work
cat >$work/strongswan.conf <<END
charon-systemd {
	load = random nonce openssl socket-default kernel-netlink vici
	port = 0
	port_nat_t = 0
	plugins {
		vici {
			socket = unix://$work/charon.vici
		}
	}
	journal {
		default = -1
	}
	filelog {
		stderr {
			default = 1
		}
	}
}
END
STRONGSWAN_CONF=$work/strongswan.conf charon-systemd >$work/log 2>&1 &
charon=$!
trap 'kill $charon 2>/dev/null || true; wait $charon || true' EXIT

# It serves the socket only once all its plugins are there; until then a connection is refused.
tries=0
until ./tests/interop/vici-probe $work/charon.vici >$work/out 2>&1; do
	grep -q '^FAIL connect' $work/out || break
	tries=$((tries + 1))
	if [ $tries = 100 ] || ! kill -0 $charon 2>/dev/null; then
		cat $work/log
		skip "charon does not start here"
	fi
	sleep 0.1
done
cat $work/out
if grep -q '^FAIL' $work/out || ! grep -q '^ok ' $work/out; then
	cat $work/log
	exit 1
fi
