#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# headers.sh [TREE]: each header in lib/ compiles alone, and each function in it has a comment.
# A comment serves all declarations that follow it without an empty line.
set -eu
lint=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$lint/../..}"
status=0

for header in $(find lib -name '*.h' | sort); do
	# shellcheck disable=SC2086 # flags are many words
	${CC:-cc} -D_GNU_SOURCE -I. ${LINT_CFLAGS:-} -Wall -Werror -Wno-unused -fsyntax-only -x c "$header" || {
		echo "$header: does not compile alone"
		status=1
	}
done

# shellcheck disable=SC2046 # our file names have no blanks
awk '
	FNR == 1 { depth = 0; documented = 0; open = 0; macro = 0 }
	macro || /^#/ { macro = /\\$/; next }            # a macro and its further lines
	/^[ \t]*$/ { documented = 0; next }
	depth == 0 && !open && /^[A-Za-z_].*\(/ && !/^(typedef|struct [a-z_0-9]+ \{|enum|_Static_assert|static_assert|[A-Z_]+\()/ {
		if (!documented && !/\/\*/) { print FILENAME ":" FNR ": no comment: " $0; bad = 1 }
	}
	{
		line = $0
		if (line ~ /\*\/[ \t]*$/) documented = 1
		gsub(/\/\*.*\*\//, "", line)
		if (line ~ /^[A-Za-z_]/ || open) open = (line !~ /[;{}][ \t]*$/)
		depth += gsub(/\{/, "{", line) - gsub(/\}/, "}", line)
		if (depth == 0 && line ~ /\}/) open = 0
	}
	END { exit bad }
' $(find lib -name '*.h' | sort) || status=1
exit $status
