#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# format.sh [--fix] [TREE]: C is formatted as .clang-format says.  Other versions of clang-format disagree on details: only 14 counts.
set -eu
lint=$(cd "$(dirname "$0")" && pwd)
mode="--dry-run --Werror"
if [ "${1:-}" = --fix ]; then
	mode=-i
	shift
fi
cd "${1:-$lint/../..}"
for tool in clang-format-14 clang-format; do
	if $tool --version 2>/dev/null | grep -q 'version 14\.'; then
		# shellcheck disable=SC2046,SC2086 # our file names have no blanks; the mode is words
		exec $tool --style=file $mode $(find lib charon-plugin pppd-plugin l2tpd l2tpctl tests -name '*.[ch]')
	fi
done
echo "clang-format 14 is not here: apt install clang-format-14, which Debian 12 has and 13 has not"
exit 77
