#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# files.sh [TREE]: each C file is named in a Makefile.inc; else it is neither compiled nor in the tarball.
set -eu
lint=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$lint/../..}"
status=0
# test programs have the name of their source
named=" $(sed 's/#.*//' ./*/Makefile.inc | tr -s ' \t\\\n' ' ' | sed -E 's,(tests/(unit|fuzz)/[a-z0-9_]+) ,\1 \1.c ,g') "
for file in $(find lib charon-plugin pppd-plugin l2tpd l2tpctl tests -name '*.[ch]' | sort); do
	case $named in
	*" $file "*) ;;
	*) echo "$file: no Makefile.inc names it"; status=1 ;;
	esac
done
exit $status
