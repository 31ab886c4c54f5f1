# SPDX-License-Identifier: GPL-2.0-or-later
# conf/l2tpd.opt -> conf/l2tpd.conf: a sample with every key as a comment at its default.

function put_section(s, indent, hash,    i, o, title, value)
{
	title = field[s, "title"] == "" ? "" : field[s, "sample"]
	if (field[s, "sample"] == "off") {
		title = "example"
		hash = "# "
	}
	print ""
	print indent "# " first_sentence(field[s, "text"])
	print indent hash leaf_of(s) (title == "" ? "" : " " title) " {"
	for (i = 1; i <= n_options[s]; i++) {
		o = option[s, i]
		value = field[s, o, "sample"]
		if (value == "")
			value = field[s, o, "default"]
		print indent "\t# " first_sentence(field[s, o, "text"])
		if (value == "")
			print indent "\t# " o " = ...   # default: " field[s, o, "unset"]
		else
			print indent "\t" (field[s, o, "sample"] != "" && hash == "" ? "" : "# ") o " = " value
	}
	for (i = 1; i <= n_sections; i++)
		if (parent_of(section[i]) == s)
			put_section(section[i], indent "\t", hash)
	print indent hash "}"
}

END {
	if (failed)
		exit 1
	print "# /etc/l2tpd/l2tpd.conf: a sample.  Keys that begin with # are at their defaults; see l2tpd.conf(5)."
	print "# Check your changes with: l2tpd --check-config"
	for (k = 1; k <= n_sections; k++)
		if (parent_of(section[k]) == "")
			put_section(section[k], "", "")
}
