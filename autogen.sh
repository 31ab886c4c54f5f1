#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Make ./configure from configure.ac; needed once in a clone of the repository, never for a release tarball.
set -eu
cd "$(dirname "$0")"

missing=
for tool in autoconf:autoconf automake:automake libtoolize:libtool pkg-config:pkgconf; do
	command -v "${tool%%:*}" >/dev/null || missing="$missing ${tool#*:}"
done
if [ -n "$missing" ]; then
	echo "autogen.sh: tools are missing: apt install$missing" >&2
	exit 1
fi
exec autoreconf --force --install --warnings=all
