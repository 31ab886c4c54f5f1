#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every row of rfc2661.md names a test, and every test that is named is there.  What is not here says why instead.
set -u
top=${srcdir:-.}
table=$top/tests/conformance/rfc2661.md
faults=0

fault() {
	echo "rfc2661.md: $*"
	faults=$((faults + 1))
}

# has_test NAME: is there such a test?  The forms are those that the head of the table lists.
has_test() {
	case $1 in
	check_*:*) grep -q "^START_TEST(${1#*:})" "$top/tests/unit/${1%%:*}.c" ;;
	*.rp:*) grep -q "^#.*${1#*.rp:}" "$top/tests/replay/${1%%:*}" ;;
	lab:*) [ -e "$top/tests/lab/scenarios/${1#lab:}.sh" ] ;;
	lint:*) [ -e "$top/tests/lint/${1#lint:}.sh" ] ;;
	fuzz_*) [ -e "$top/tests/fuzz/$1.c" ] ;;
	*) [ -e "$top/tests/replay/$1.c" ] ;;
	esac 2>/dev/null
}

rows=$(awk -F ' *[|] *' '$2 ~ /^[1-9]/ { print $2 "\t" $3 "\t" $4 "\t" $5 "\t" $6 }' "$table")
tab=$(printf '\t')
while IFS=$tab read -r section level demand verdict tests; do
	where="$section: $demand"
	case $level in MUST | 'MUST NOT' | SHOULD | 'SHOULD NOT') ;; *) fault "$where: '$level' is no level" ;; esac
	names=$(printf '%s\n' "$tests" | grep -o '`[^`]*`' | tr -d '`')
	words=$(printf '%s\n' "$tests" | sed 's/`[^`]*`//g; s/[^A-Za-z]//g')
	case $verdict in
	does) [ -n "$names" ] || fault "$where: no test" ;;
	differs) { [ -n "$names" ] && [ -n "$words" ]; } || fault "$where: a difference needs a reason and a test" ;;
	'not here') [ -n "$words" ] || fault "$where: why?" ;;
	*) fault "$where: '$verdict' is no verdict" ;;
	esac
	while IFS= read -r name; do
		[ -z "$name" ] || has_test "$name" || fault "$where: there is no test $name"
	done <<-END
		$names
	END
done <<END
$rows
END
[ "$(printf '%s\n' "$rows" | wc -l)" -gt 100 ] || fault "the table is not read"
[ $faults = 0 ]
