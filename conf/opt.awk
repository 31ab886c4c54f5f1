# SPDX-License-Identifier: GPL-2.0-or-later
# Reads conf/l2tpd.opt into arrays; the scripts that are run with it (awk -f opt.awk -f opt2X.awk) print them at END.
#   n_sections, section[1..]; n_options[s], option[s, 1..]; field[s, f] of a section, field[s, o, f] of an option:
#   "" when it is not there.  @NAME@ in a value is replaced by the variable NAME of the command line.

function bad(what)
{
	printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
	failed = 1
	exit 1
}

function put(value)
{
	while (match(value, /@[A-Z_]+@/)) {
		name = substr(value, RSTART + 1, RLENGTH - 2)
		if (!(name in given))
			bad("nothing was given for @" name "@")
		value = substr(value, 1, RSTART - 1) given[name] substr(value, RSTART + RLENGTH)
	}
	if (o != "")
		field[s, o, f] = field[s, o, f] value
	else
		field[s, f] = field[s, f] value
}

BEGIN {
	given["PPPD_PLUGINDIR"] = PPPD_PLUGINDIR
}

/^#/ || /^$/ { next }

/^[ \t]/ {
	sub(/^[ \t]+/, " ")
	put($0)
	next
}

{
	f = $1
	sub(/^[^ \t]+[ \t]*/, "")
	if (f == "section") {
		s = $0
		o = ""
		section[++n_sections] = s
	} else if (f == "option") {
		o = $0
		option[s, ++n_options[s]] = o
	} else if (f ~ /^(struct|title|sample|text|kind|default|unset|range|choices|port|member)$/) {
		put($0)
	} else {
		bad("unknown field '" f "'")
	}
}

# "radius.server" -> "radius" and "server"
function parent_of(s)
{
	return s ~ /\./ ? substr(s, 1, index(s, ".") - 1) : ""
}

function leaf_of(s)
{
	return substr(s, index(s, ".") + 1)
}

function ident(s)
{
	gsub(/[-.]/, "_", s)
	return s
}

function first_sentence(text)
{
	return match(text, /[.?]  /) ? substr(text, 1, RSTART) : text
}
