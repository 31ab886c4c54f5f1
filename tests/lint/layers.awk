# SPDX-License-Identifier: GPL-2.0-or-later
# awk -f layers.awk layers.txt FILE...: print each include that layers.txt does not allow, fail if there was one

function folder_of(path) { return match(path, /\/[^\/]*$/) ? substr(path, 1, RSTART - 1) : "." }
function is_below(path, top) { return path == top || index(path, top "/") == 1 }
# "l2tpd" as an owner is its own files, not its subfolders; tests/ is one layer
function layer_of(path,    f) { f = folder_of(path); return f ~ /^tests\// ? "tests" : f }
function complain(text) { print FILENAME ":" FNR ": " text; bad = 1 }

NR == FNR {
	if (/^#/ || NF == 0) next
	key = substr($1, 1, length($1) - 1)
	rule[key] = " "
	for (i = 2; i <= NF; i++) rule[key] = rule[key] $i " "
	if (key ~ /^</) hosts[key] = 1
	next
}
FNR == 1 {
	me = layer_of(FILENAME)
	if (!(me in rule)) complain("the folder " me " is not in layers.txt")
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, part, "\"")
	target = part[2]
	if (target == "config.h" || layer_of(target) == me) next
	ok = 0
	n = split(rule[me], allowed, " ")
	for (i = 1; i <= n; i++) if (is_below(target, allowed[i])) ok = 1
	if (!ok) complain(me " may not include \"" target "\"" (target ~ /\// ? "" : " (write the path from the top)"))
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	split($0, part, /[<>]/)
	for (h in hosts) {
		prefix = substr(h, 2, length(h) - 2)
		if (index(part[2], prefix) == 1 && index(rule[h], " " me " ") == 0) complain(me " may not include <" part[2] ">")
	}
}
END { exit bad }
