# SPDX-License-Identifier: GPL-2.0-or-later
# conf/l2tpd.opt -> the part of l2tpd.conf.5 that describes sections and keys.

BEGIN {
	form["addrs"] = "list of addresses"
	form["addr"] = "address"
	form["ipv4"] = "IPv4 address"
	form["dns"] = "one or two IPv4 addresses"
	form["ranges"] = "list of IPv4 ranges, prefixes or addresses"
	form["nets"] = "list of networks or addresses"
	form["ports"] = "range of ports"
	form["number"] = "number"
	form["time"] = "time"
	form["seconds"] = "time"
	form["choice"] = "word"
	form["auth"] = "list of words"
	form["text"] = "text"
	form["names"] = "list of names"
	form["patterns"] = "list of patterns"
	form["path"] = "path"
	form["file"] = "path"
	form["secret"] = "path"
	form["topics"] = "list of words"
	form["pool"] = "name of a pool section"
	form["radius"] = "name of a radius section"
}

function roff(s)
{
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	gsub(/  /, "\n", s)
	return s
}

function put_section(s,    i, o, shown)
{
	if (parent_of(s) != "")
		shown = leaf_of(s) " NAME { ... } inside " parent_of(s)
	else
		shown = s (field[s, "title"] == "" ? "" : " NAME") " { ... }"
	print ".SS " roff(shown)
	print roff(field[s, "text"])
	if (field[s, "title"] != "")
		print roff("NAME is " field[s, "title"] ".  There may be several such sections.")
	for (i = 1; i <= n_options[s]; i++) {
		o = option[s, i]
		if (!(field[s, o, "kind"] in form))
			bad("kind " field[s, o, "kind"] " has no name for people")
		print ".TP"
		print ".BR " roff(o) " \" = \\fI" roff(form[field[s, o, "kind"]]) "\\fR\""
		print roff(field[s, o, "text"])
		print ".br"
		print roff(facts(s, o))
	}
}

# "Default 30s; 1s to 1h."
function facts(s, o,    out, range, words)
{
	if (field[s, o, "default"] != "")
		out = "Default " field[s, o, "default"]
	else if (field[s, o, "unset"] == "required")
		out = "Must be said"
	else
		out = "Default: " field[s, o, "unset"]
	if (field[s, o, "range"] != "") {
		split(field[s, o, "range"], range, " ")
		out = out "; from " range[1] " to " range[2]
	}
	if (field[s, o, "choices"] != "") {
		words = field[s, o, "choices"]
		gsub(/ /, ", ", words)
		out = out (field[s, o, "kind"] == "number" ? ", or " : "; one of ") words
	}
	return out "."
}

END {
	if (failed)
		exit 1
	print ".\\\" Made from conf/l2tpd.opt by conf/opt2man.awk."
	for (k = 1; k <= n_sections; k++)
		put_section(section[k])
}
