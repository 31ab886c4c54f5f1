# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a person sees: one line for each thing that was checked, with what was seen.

if [ -n "${JOB_COLOUR:-}" ]; then
	green=$'\e[32m' red=$'\e[31m' yellow=$'\e[33m' bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m' erase=$'\r\e[K'
else
	green='' red='' yellow='' bold='' dim='' plain='' erase=''
fi

say_title() {
	printf '%s%s%s  %s\n' "$bold" "$1" "$plain" "${2:-}"
}

# On a terminal the step under way stands in the last line until its outcome replaces it.
say_step() {
	[ -n "$erase" ] && printf '%s  %s… %s%s' "$erase" "$dim" "$1" "$plain"
	[ -n "${LAB_OUT:-}" ] && echo "$1" >"$LAB_OUT/step"
	return 0
}

# say_passed WHAT SEEN
say_passed() {
	printf '%s  %s✔%s %s%s\n' "$erase" "$green" "$plain" "$1" "${2:+: $dim$2$plain}"
}

# say_failed WHAT DETAIL: the detail may have several lines; control codes of whatever program printed it are taken out.
say_failed() {
	printf '%s  %s✘ %s%s\n' "$erase" "$red" "$1" "$plain"
	if [ -n "${2:-}" ]; then
		echo "$2" | tail -n 15 | tr -d '\000-\010\013-\037' | sed 's/^/      /'
	fi
	[ -n "${LAB_OUT:-}" ] && echo "$1${2:+: $(echo "$2" | tr '\n\t' '  ' | cut -c1-200)}" >"$LAB_OUT/reason"
	return 0
}

say_skip() {
	printf '%s  %s- skipped: %s%s\n' "$erase" "$yellow" "$1" "$plain"
}

say_note() {
	printf '%s    %s%s%s\n' "$erase" "$dim" "$1" "$plain"
}

# Output of a command that the reader came for, such as a table of sessions.
say_block() {
	tr -d '\000-\010\013-\037' | sed 's/^/      /'
}

# say_error WHAT CURE...: for the host side, before anything runs.
say_error() {
	printf '%s%s%s%s\n' "$erase" "$red" "$1" "$plain" >&2
	shift
	local line
	for line in "$@"; do
		printf '  %s\n' "$line" >&2
	done
}

say_shell_help() {
	say_note "hosts: $(hosts | paste -sd' ');  on HOST COMMAND runs a command there, on HOST bash enters it;  exit ends the lab"
}
