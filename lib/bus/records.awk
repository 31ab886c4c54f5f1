# SPDX-License-Identifier: GPL-2.0-or-later
# awk -f records.awk record.h: the tables of all records as the README has them.

BEGIN {
	kind["U32"] = kind["U64"] = "number"
	kind["HEX"] = "hex"
	kind["FLAG"] = "flag"
	kind["TEXT"] = "text"
	kind["ADDR"] = "address"
}

# The comment right above a table says where the record is used.
/^\/\* .* \*\/$/ {
	where = substr($0, 4, length($0) - 6)
	next
}

/^#define BUS_[A-Z]+_FIELDS\(X\)/ {
	name = tolower($2)
	sub(/^bus_/, "", name)
	sub(/_fields\(x\).*/, "", name)
	printf "\n### `%s`\n\nIn %s.\n\n| key | value | meaning |\n|---|---|---|\n", name, where
	inside = 1
	sub(/^#define BUS_[A-Z]+_FIELDS\(X\) */, "")
}

inside {
	last = !sub(/[ \t]*\\$/, "")
	sub(/^[ \t]+/, "")
	text = text $0
	if (match(text, /"\)$/)) {
		split(text, part, "\"")
		split(part[1], word, /[(,]/)
		printf "| `%s` | %s | %s |\n", part[2], kind[word[2]], part[4]
		text = ""
	}
	if (last)
		inside = 0
}
