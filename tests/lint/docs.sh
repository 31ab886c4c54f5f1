#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docs.sh [TREE]: what people read names what the code has, and nothing else.
# One function per fact; each compares the words in the code with those in the document, in both directions.
set -eu
lint=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$lint/../..}"
status=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# compare WHAT CODE-FILE DOCUMENT: $work/code and $work/document hold a word a line
compare() {
	sort -u "$work/code" -o "$work/code"
	sort -u "$work/document" -o "$work/document"
	for word in $(comm -23 "$work/code" "$work/document"); do
		echo "$3: the $1 \"$word\" of $2 is not there"
		status=1
	done
	for word in $(comm -13 "$work/code" "$work/document"); do
		echo "$3: the $1 \"$word\" is not in $2"
		status=1
	done
}

# Bus commands and events: the X-tables of names.h against the table rows "| `word` |" of the README's tables of
# commands and events.
bus_words() {
	[ -e lib/bus/README.md ] || return 0
	sed -n 's/.*X([A-Z_]*, "\([a-z-]*\)".*/\1/p' lib/bus/names.h >"$work/code"
	awk '/^#/ { wanted = tolower($0) ~ /commands|events/ }
	     wanted && /^\| *`[a-z-]+` *\|/ { split($0, part, "`"); print part[2] }' lib/bus/README.md >"$work/document"
	compare "bus word" lib/bus/names.h lib/bus/README.md
}

# Keys of records: the README ends with what records.awk makes of record.h
bus_records() {
	[ -e lib/bus/record.h ] || return 0
	awk -f lib/bus/records.awk lib/bus/record.h >"$work/code"
	sed '1,/^<!-- from here to the end/d' lib/bus/README.md >"$work/document"
	cmp -s "$work/code" "$work/document" && return
	echo "lib/bus/README.md: the records are not those of record.h; make them again as the comment there says:"
	diff "$work/document" "$work/code" | sed -n 's/^[<>] /  &/p'
	status=1
}

# Log events: log_info(TOPIC, "event", ...) against the manual's list, lines ".TP" then ".B event" in its section LOG
log_events() {
	[ -e l2tpd/l2tpd.8.in ] || return 0
	# shellcheck disable=SC2046 # our file names have no blanks
	sed -n 's/.*log_\(error\|warn\|info\)([A-Z]*, "\([a-z-]*\)".*/\2/p' $(find l2tpd lib -name '*.c') >"$work/code"
	awk '/^\.SH/ { wanted = /LOG/ } wanted && /^\.B [a-z-]+$/ { print $2 }' l2tpd/l2tpd.8.in >"$work/document"
	compare "log event" "l2tpd/" l2tpd/l2tpd.8.in
}

bus_words
bus_records
log_events
exit $status
