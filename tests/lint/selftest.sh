#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each lint can fail: it passes over a small clean tree, and complains about one planted fault at a time.
# shellcheck disable=SC2016 # what is planted stays as it is written
set -eu
lint=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
status=0

new_tree() {
	rm -rf "$tree"
	mkdir -p "$tree/lib/base" "$tree/l2tpd/wire" "$tree/l2tpd/net" "$tree/l2tpd/plane" \
		"$tree/l2tpctl" "$tree/charon-plugin" "$tree/pppd-plugin" "$tree/tests/unit"
	cp "$lint/../../.clang-format" "$tree"
	plant lib/base/one.h '#include <stdint.h>' '' '/* One. */' 'uint32_t one_get(void);'
	plant lib/base/one.c '#include "lib/base/one.h"' '' 'uint32_t one_get(void)' '{' '	return 1;' '}'
	plant lib/Makefile.inc 'lib_libbase_la_SOURCES = lib/base/one.c lib/base/one.h'
	plant autogen.sh '#!/bin/sh' 'echo "$1"'
}

plant() { # FILE LINE...
	target=$tree/$1
	shift
	printf '%s\n' "$@" >"$target"
}

# passes LINT: it has nothing against the tree as it is
passes() {
	code=0
	"$lint/$1" "$tree" >"$work/out" 2>&1 || code=$?
	case $code in
	0) ;;
	77) echo "$1: not tried: $(cat "$work/out")" ;;
	*) echo "$1 complains about a clean tree:"; cat "$work/out"; status=1 ;;
	esac
}

# finds LINT TEXT: it fails, and its output has TEXT; then the tree is made clean again
finds() {
	code=0
	"$lint/$1" "$tree" >"$work/out" 2>&1 || code=$?
	if [ $code = 0 ]; then
		echo "$1 does not see: $2"
		status=1
	elif [ $code != 77 ] && ! grep -qF -- "$2" "$work/out"; then
		echo "$1 does not say \"$2\" but:"
		cat "$work/out"
		status=1
	fi
	new_tree
}

new_tree
for name in layers headers files format shell; do passes $name.sh; done

plant lib/base/up.c '#include "l2tpd/wire/avp.h"'
finds layers.sh 'lib/base/up.c:1: lib/base may not include "l2tpd/wire/avp.h"'
plant l2tpd/net/sideways.c '#include "l2tpd/plane/plane.h"'
finds layers.sh 'l2tpd/net may not include "l2tpd/plane/plane.h"'
plant l2tpctl/daemon.c '#include "l2tpd/net/udp.h"'
finds layers.sh 'l2tpctl may not include "l2tpd/net/udp.h"'
plant lib/base/short.c '#include "one.h"'
finds layers.sh 'write the path from the top'
plant l2tpd/wire/loop.c '#include <event2/event.h>'
finds layers.sh 'l2tpd/wire may not include <event2/event.h>'
mkdir "$tree/lib/other"
plant lib/other/x.c 'int x;'
finds layers.sh 'lib/other is not in layers.txt'

plant lib/base/bare.h '/* Two. */' 'uint32_t two_get(void);'
finds headers.sh 'lib/base/bare.h: does not compile alone'
plant lib/base/silent.h '/* Two. */' 'int two_get(void);' '' 'int three_get(void);'
finds headers.sh 'lib/base/silent.h:4: no comment: int three_get(void);'

plant lib/base/lost.c 'int lost;'
finds files.sh 'lib/base/lost.c: no Makefile.inc names it'

plant lib/base/ugly.c 'int  ugly ;'
finds format.sh 'ugly.c'
plant autogen.sh '#!/bin/sh' 'rm $(cat list)'
finds shell.sh 'SC2046'
mkdir -p "$tree/tests/lab/lib"
plant tests/lab/lib/a.sh '# shellcheck shell=bash' 'reached() { :; }'
plant tests/lab/lib/b.sh '# shellcheck shell=bash' 'reached() { false; }'
finds shell.sh 'tests/lab/lib/b.sh:2: reached() is another one in tests/lab/lib/a.sh'

# The documents are held against much of the code, so these faults go into a copy of the real tree.
# misses FILE SED-SCRIPT TEXT: docs.sh finds what the script does to FILE
misses() {
	cp "$tree/$1" "$work/whole"
	sed "$2" "$work/whole" >"$tree/$1"
	! cmp -s "$work/whole" "$tree/$1" || { echo "this changes nothing in $1: $2"; status=1; }
	if "$lint/docs.sh" "$tree" >"$work/out" 2>&1 || ! grep -qF -- "$3" "$work/out"; then
		echo "docs.sh does not say \"$3\" but:"
		cat "$work/out"
		status=1
	fi
	cp "$work/whole" "$tree/$1"
}

rm -rf "$tree"
mkdir "$tree"
(cd "$lint/../.." && tar --exclude='*.l[ao]' --exclude='*.[ao]' --exclude=.libs -cf - ./*.md NEWS COPYING \
	charon-plugin pppd-plugin lib l2tpd l2tpctl conf tests) | tar -xf - -C "$tree"
chmod -R u+w "$tree"
passes docs.sh
misses lib/bus/README.md '/^| `disconnect` /d' 'lib/bus/README.md: the bus word "disconnect" of lib/bus/names.h is not there'
misses lib/bus/README.md 's/^| `disconnect` /| `fly-away` /' 'the bus word "fly-away" is not in lib/bus/names.h'
misses lib/bus/record.h 's/"mark", "mark of/"sign", "mark of/' 'the records are not those of record.h'
misses l2tpd/main.c 's/log_error(CONFIG, "bad-config"/log_error(CONFIG, "new-event"/' 'the log event "new-event" of l2tpd/ and lib/'
misses lib/base/log.h 's/X(PLANE, "plane")/X(PLANE, "aeroplane")/' 'the log topic "aeroplane" of lib/base/log.h is not there'
misses l2tpd/main.c 's/{"dump-fsm",/{"undocumented",/' 'the option "--undocumented" of l2tpd/main.c is not there'
misses tests/bench/load/options.c 's/{"rounds",/{"laps",/' 'the option "--laps" of tests/bench/load/options.c is not there'
misses l2tpctl/cmd.h 's/X("disconnect user"/X("hang up"/' 'the command "hang_up_NAME'
misses README.md 's/](CONTRIBUTING.md)/](NOWHERE.md)/' 'links to NOWHERE.md'

printf '%s\n' 'int the_entry(void) { return 0; }' 'int leaked(void) { return 0; }' >"$work/leak.c"
${CC:-cc} -shared -fPIC -o "$work/leak.so" "$work/leak.c"
if "$lint/symbols.sh" "$work/leak.so" the_entry >"$work/out" || ! grep -q 'exports leaked' "$work/out"; then
	echo "symbols.sh does not see an extra symbol"
	status=1
fi
"$lint/symbols.sh" "$work/leak.so" the_entry leaked || status=1
exit $status
