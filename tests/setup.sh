# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/check and tests/demo share: bring the packages, build the tree.  Sourced by bash; defines functions only.
# Packages are installed as root; everything is built as the owner of the tree, so that no file of root's stays in it.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

BUILD_PACKAGES=(autoconf automake libtool pkgconf make gcc libc6-dev bzip2 xz-utils
	libevent-dev libmnl-dev libconfuse-dev nettle-dev libradcli-dev libsystemd-dev
	ppp-dev strongswan-libcharon check
	netbase) # radcli finds no server without /etc/services

# for tests/check, as far as the release has them
CHECK_PACKAGES=(clang clang-format-14 libclang-rt-dev shellcheck charon-systemd strongswan-swanctl)

# for the lab: the machine's own root file system is the one that its hosts run on
LAB_PACKAGES=(qemu-system-x86 busybox-static cpio kmod xz-utils zstd
	charon-systemd strongswan-swanctl libcharon-extra-plugins libstrongswan-standard-plugins
	ppp xl2tpd freeradius freeradius-utils iproute2 iputils-ping nftables tcpdump python3 procps)

# a build that `make install DESTDIR=...` puts where a distribution would
INSTALLED_AS=(--prefix=/usr --sysconfdir=/etc --localstatedir=/var --runstatedir=/run)

# servers that tests start by themselves in their own network; here they must neither start now nor at the next boot
QUIET_SERVICES=(freeradius xl2tpd strongswan strongswan-starter ipsec)

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

is_installed() { # PACKAGE
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# need_packages PACKAGE...: install those that are not here, with no recommended ones and without starting any service
need_packages() {
	local p missing=()
	for p; do is_installed "$p" || missing+=("$p"); done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || die "packages are missing; run this with sudo, or: apt install ${missing[*]}"
	say "installing packages: ${missing[*]}"
	install_quietly "${missing[@]}" || die "apt could not install: ${missing[*]} (its messages are above)"
}

# want_packages PACKAGE...: the same for those that this release has
want_packages() {
	local p there=()
	for p; do
		if is_installed "$p" || apt-cache show "$p" >/dev/null 2>&1; then there+=("$p"); fi
	done
	need_packages "${there[@]}"
}

has_service() { # NAME
	[ -e "/lib/systemd/system/$1.service" ] || [ -e "/etc/init.d/$1" ]
}

# under systemd, under another init, and where none runs
disable_service() { # NAME
	[ ! -e "/lib/systemd/system/$1.service" ] || DPKG_MAINTSCRIPT_PACKAGE=$1 deb-systemd-helper disable "$1.service"
	[ ! -e "/etc/init.d/$1" ] || update-rc.d "$1" disable
}

# Package scripts ask policy-rc.d before they start a service.  In a subshell, so that the trap always puts the old one back.
install_quietly() ( # PACKAGE...
	policy=/usr/sbin/policy-rc.d
	apt=(apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
	export DEBIAN_FRONTEND=noninteractive
	new_services=()
	for p in "${QUIET_SERVICES[@]}"; do has_service "$p" || new_services+=("$p"); done
	saved=$(mktemp -d)
	[ ! -e $policy ] || mv $policy "$saved/policy-rc.d"
	trap 'rm -f $policy; [ ! -e "$saved/policy-rc.d" ] || mv "$saved/policy-rc.d" $policy; rm -rf "$saved"' EXIT
	trap 'exit 130' INT TERM
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
	# the package lists may be absent or older than the archive: then one update, and again
	"${apt[@]}" install --no-install-recommends "$@" >"$saved/log" 2>&1 || {
		"${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"
	} >"$saved/log" 2>&1 || { tail -n 30 "$saved/log" >&2; exit 1; }
	for p in "${new_services[@]}"; do
		! has_service "$p" || disable_service "$p" >/dev/null 2>&1
	done
)

# as_owner COMMAND...: run as the owner of the tree
as_owner() {
	local owner
	owner=$(stat -c %U "$TOP") # UNKNOWN: in a container that has only the folder
	if [ "$(id -u)" = 0 ] && [ "$owner" != root ] && [ "$owner" != UNKNOWN ]; then
		runuser -u "$owner" -- "$@"
	else
		"$@"
	fi
}

# build_tree DIR [CONFIGURE-ARGUMENT...]: autogen, configure and make in DIR; again only what changed
build_tree() {
	local dir=$1
	shift
	[ ! -e "$TOP/config.status" ] ||
		die "the source folder itself is configured, which stops builds elsewhere: make -C $TOP distclean"
	# make sees to this by itself, but only where a configure has succeeded before
	if [ ! -e "$TOP/Makefile.in" ] || [ -n "$(find "$TOP/configure.ac" "$TOP/m4" -newer "$TOP/configure" 2>&1)" ]; then
		as_owner "$TOP/autogen.sh" || return
	fi
	as_owner mkdir -p "$dir" || return
	if [ ! -e "$dir/config.status" ] || [ "$(cat "$dir/.arguments" 2>/dev/null)" != "$*" ]; then
		(cd "$dir" && as_owner "$TOP/configure" "$@") || return
		printf '%s\n' "$*" | as_owner tee "$dir/.arguments" >/dev/null
	fi
	as_owner make -s -C "$dir" -j"$(nproc)"
}
