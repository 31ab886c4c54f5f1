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
	sed -n 's/.*X([A-Z_]*, "\([a-z-]*\)".*/\1/p' lib/bus/names.h >"$work/code"
	awk '/^#/ { wanted = tolower($0) ~ /commands|events/ }
	     wanted && /^\| *`[a-z-]+` *\|/ { split($0, part, "`"); print part[2] }' lib/bus/README.md >"$work/document"
	compare "bus word" lib/bus/names.h lib/bus/README.md
}

# Keys of records: the README ends with what records.awk makes of record.h
bus_records() {
	awk -f lib/bus/records.awk lib/bus/record.h >"$work/code"
	sed '1,/^<!-- from here to the end/d' lib/bus/README.md >"$work/document"
	cmp -s "$work/code" "$work/document" && return
	echo "lib/bus/README.md: the records are not those of record.h; make them again as the comment there says:"
	diff "$work/document" "$work/code" | sed -n 's/^[<>] /  &/p'
	status=1
}

# Log events: log_info(TOPIC, "event", ...) against the manual's list, lines ".TP" then ".B event" in its section LOG
log_events() {
	# shellcheck disable=SC2046 # our file names have no blanks
	cat $(find l2tpd lib -name '*.c') | tr -s '\n\t ' '   ' | grep -oE 'log_(error|warn|info|debug)\([A-Z]+, "[a-z-]+"' |
		sed 's/.*"\(.*\)"/\1/' >"$work/code"
	awk '/^\.SH/ { wanted = /LOG/ } wanted && last == ".TP" { gsub(/\\/, ""); print $2 } { last = $0 }' l2tpd/l2tpd.8.in >"$work/document"
	compare "log event" "l2tpd/ and lib/" l2tpd/l2tpd.8.in
}

# Log topics: the table of log.h against the manual's sentence that begins with "Topics:"
log_topics() {
	sed -n '/define LOG_TOPICS/,/^$/s/.*X([A-Z]*, "\([a-z]*\)").*/\1/p' lib/base/log.h >"$work/code"
	sed -n '/^Topics:/,/^\.PP/s/^\.BR* \([a-z]*\).*/\1/p' l2tpd/l2tpd.8.in >"$work/document"
	compare "log topic" lib/base/log.h l2tpd/l2tpd.8.in
}

# The words of a line of roff, without its marks: '.BR "show session " \fIID\fR' -> show session ID
plain_roff() {
	sed 's/^\.B[IR]* *//; s/"//g; s/\\f[A-Z]//g; s/\\//g; s/  */ /g; s/ *$//; s/\[ */[/g; s/ *\]/]/g'
}

# l2tpctl: its table of commands and its exit codes against its manual, "words and arguments" after each .TP
ctl_words() {
	sed -n '/define CMD_TABLE/,/^$/p' l2tpctl/cmd.h |
		sed -n 's/.*X("\([a-z -]*\)", "\([^"]*\)".*/\1 \2/p' | sed 's/ *$//; s/ /_/g' >"$work/code"
	awk '/^\.SH/ { wanted = /COMMANDS/ } wanted && last == ".TP" { print } { last = $0 }' l2tpctl/l2tpctl.8.in |
		plain_roff | sed 's/ /_/g' >"$work/document"
	compare "command" l2tpctl/cmd.h l2tpctl/l2tpctl.8.in
	sed -n '/define CMD_EXITS/,/^$/s/.*X([A-Z]*, \([0-9]*\),.*/\1/p' l2tpctl/cmd.h >"$work/code"
	awk '/^\.SH/ { wanted = /EXIT/ } wanted && /^\.B [0-9]+$/ { print $2 }' l2tpctl/l2tpctl.8.in >"$work/document"
	compare "exit code" l2tpctl/cmd.h l2tpctl/l2tpctl.8.in
}

# options MANUAL: each that has an entry under OPTIONS
manual_options() {
	awk '/^\.SH/ { wanted = /OPTIONS/ } wanted && last == ".TP" { print } { last = $0 }' "$1" | plain_roff | grep -oE -- '--[a-z-]+'
}

# l2tpd and l2tpload: their options against their manuals
daemon_options() {
	sed -n '/longopts\[\]/,/^};/p' l2tpd/main.c | grep -v OPT_ENGINE | sed -n 's/.*{"\([a-z-]*\)".*/--\1/p' >"$work/code"
	manual_options l2tpd/l2tpd.8.in >"$work/document"
	compare "option" l2tpd/main.c l2tpd/l2tpd.8.in
	sed -n "s/.*{\"\([a-z-]*\)\", ['0n].*/--\1/p" tests/bench/load/options.c >"$work/code"
	manual_options tests/bench/load/l2tpload.8.in >"$work/document"
	compare "option" tests/bench/load/options.c tests/bench/load/l2tpload.8.in
}

# Files that README.md and the other texts name in `code` or as a link are there
named_files() {
	for text in README.md CONTRIBUTING.md SECURITY.md; do
		[ -e $text ] || continue
		grep -oE '\]\([^)#:]+\)' $text | sed 's/](\(.*\))/\1/' | while read -r file; do
			[ -e "$file" ] || echo "$text: links to $file, which is not there"
		done >"$work/missing"
		[ ! -s "$work/missing" ] || { cat "$work/missing"; status=1; }
	done
}

bus_words
bus_records
log_events
log_topics
ctl_words
daemon_options
named_files
exit $status
