# SPDX-License-Identifier: GPL-2.0-or-later
# conf/l2tpd.opt -> l2tpd/config/options.inc: libconfuse's option tables, and our own rows with kinds, defaults and places.

function quoted(s)
{
	if (s == "")
		return "NULL"
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\""
}

# "30s" -> microseconds; other numbers as they are
function number(s)
{
	unit = s
	sub(/^[0-9]+/, "", unit)
	return sprintf("%.0f", (s + 0) * (unit == "" ? 1 : scale[unit]))
}

function is_list(kind)
{
	return kind ~ /^(addrs|nets|ranges|names|patterns|auth|dns|topics)$/
}

function place(type, prefix, member)
{
	return member == "" ? 0 : "offsetof(struct " type ", " prefix member ")"
}

function rows(s,    i, o, n, m, range, type, prefix)
{
	type = field[s, "struct"]
	prefix = ""
	if (type == "") {
		type = "config"
		prefix = ident(s) "."
	}
	printf "static const struct opt opts_%s[] = {\n", ident(s)
	for (i = 1; i <= n_options[s]; i++) {
		o = option[s, i]
		n = split(field[s, o, "member"] == "" ? ident(o) : field[s, o, "member"], m, " ")
		split(field[s, o, "range"], range, " ")
		printf "\t{\"%s\", OPT_%s, %s, %s, %s, %s, %d,\n\t %s, %s, %s},\n", o, toupper(field[s, o, "kind"]),
			quoted(field[s, o, "default"]), quoted(field[s, o, "choices"]),
			number(range[1]), number(range[2]), field[s, o, "port"],
			place(type, prefix, m[1]), place(type, prefix, m[2]),
			field[s, o, "unset"] == "required" ? "true" : "false"
		delete range
		delete m
	}
	print "};\n"
	printf "static cfg_opt_t confuse_%s[] = {\n", ident(s)
	for (i = 1; i <= n_options[s]; i++) {
		o = option[s, i]
		printf "\tCFG_PTR%s_CB(\"%s\", NULL, CFGF_NODEFAULT, on_word, free),\n",
			is_list(field[s, o, "kind"]) ? "_LIST" : "", o
	}
	for (i = 1; i <= n_sections; i++)
		if (parent_of(section[i]) == s)
			confuse_section(section[i])
	print "\tCFG_END(),\n};\n"
}

function confuse_section(s)
{
	printf "\tCFG_SEC(\"%s\", confuse_%s, %s),\n", leaf_of(s), ident(s),
		field[s, "struct"] == "" ? "CFGF_NONE" : "CFGF_MULTI | CFGF_TITLE"
}

BEGIN {
	scale["ms"] = 1000
	scale["s"] = 1000 * scale["ms"]
	scale["m"] = 60 * scale["s"]
	scale["h"] = 60 * scale["m"]
}

# All sections inside `parent`, as rows of struct opt_section
function sections(parent,    i, s, outer, any, list)
{
	for (i = 1; i <= n_sections; i++) {
		s = section[i]
		if (parent_of(s) != parent)
			continue
		outer = parent == "" ? "config" : field[parent, "struct"]
		list = ident(leaf_of(s)) (leaf_of(s) ~ /(lns|radius)$/ ? "" : "s")
		any = any sprintf("\t{\"%s\", opts_%s, sizeof(opts_%s) / sizeof(opts_%s[0]), %s, %s,\n\t %s, %s, %s},\n",
			leaf_of(s), ident(s), ident(s), ident(s),
			inside[s] == "" ? "NULL" : "sections_" ident(s), inside[s] + 0,
			field[s, "struct"] == "" ? "0, 0" : "sizeof(struct " field[s, "struct"] "), offsetof(struct " field[s, "struct"] ", name)",
			field[s, "struct"] == "" ? 0 : place(outer, "", list),
			field[s, "struct"] == "" ? 0 : place(outer, "", "n_" list))
		n_inside++
	}
	if (any != "") {
		printf "static const struct opt_section sections_%s[] = {\n%s};\n\n", parent == "" ? "root" : ident(parent), any
		inside[parent] = n_inside
	}
	n_inside = 0
}

END {
	if (failed)
		exit 1
	print "/* Made from conf/l2tpd.opt by conf/opt2c.awk: change that instead. */\n"
	# what is inside comes before what holds it
	for (k = n_sections; k >= 1; k--)
		rows(section[k])
	print "static cfg_opt_t confuse_root[] = {"
	for (k = 1; k <= n_sections; k++)
		if (parent_of(section[k]) == "")
			confuse_section(section[k])
	print "\tCFG_END(),\n};\n"
	for (k = n_sections; k >= 1; k--)
		sections(section[k])
	sections("")
}
