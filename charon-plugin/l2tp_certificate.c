/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subject and alternative names of certificates.  charon's own text of a
 * subject is for people: what stands in one part can look like another part.
 */

#include "charon-plugin/l2tp_certificate.h"

#include "lib/base/dname.h"

#include <asn1/asn1.h>
#include <credentials/certificates/x509.h>

/**
 * Value of a part: text in a form that is read by byte
 */
static bool is_text(int type)
{
	return type == ASN1_UTF8STRING || type == ASN1_PRINTABLESTRING ||
		   type == ASN1_IA5STRING;
}

/**
 * One SET of a subject, of one part as a rule.  FALSE: no more fits
 */
static bool add_parts(bus_text_t text, chunk_t set)
{
	chunk_t part, oid;
	const char *word;
	int type;

	while (asn1_unwrap(&set, &part) == ASN1_SEQUENCE)
	{
		if (asn1_unwrap(&part, &oid) != ASN1_OID)
		{
			return FALSE;
		}
		type = asn1_unwrap(&part, &part);
		word = dname_type((struct view){oid.ptr, oid.len});
		if (word && is_text(type) &&
			!dname_add(text, BUS_TEXT_LEN, word,
					   (struct view){part.ptr, part.len}))
		{
			return FALSE;
		}
	}
	return TRUE;
}

/**
 * A subject as text; half of one would be somebody else's, so it is all or
 * nothing
 */
static void fill_subject(bus_text_t text, identification_t *subject)
{
	chunk_t dn = subject->get_encoding(subject), set;
	bool whole = TRUE;

	if (subject->get_type(subject) != ID_DER_ASN1_DN ||
		asn1_unwrap(&dn, &dn) != ASN1_SEQUENCE)
	{
		return;
	}
	while (whole && asn1_unwrap(&dn, &set) == ASN1_SET)
	{
		whole = add_parts(text, set);
	}
	if (!whole)
	{
		DBG1(DBG_CFG,
			 "l2tp: the subject '%Y' is longer than %d bytes: rules of l2tpd "
			 "do not see it",
			 subject, BUS_TEXT_LEN - 1);
		text[0] = '\0';
	}
}

/**
 * Is it a name that can stand in a list with blanks?
 */
static bool is_plain(chunk_t name)
{
	int i;

	for (i = 0; i < name.len; i++)
	{
		if (name.ptr[i] <= ' ' || name.ptr[i] == 0x7f)
		{
			return FALSE;
		}
	}
	return name.len > 0;
}

/**
 * Alternative names that are addresses of mail or host names
 */
static void fill_names(bus_text_t text, x509_t *x509)
{
	enumerator_t *names;
	identification_t *id;
	chunk_t name;
	size_t len = 0;

	names = x509->create_subjectAltName_enumerator(x509);
	while (names->enumerate(names, &id))
	{
		name = id->get_encoding(id);
		if ((id->get_type(id) == ID_FQDN ||
			 id->get_type(id) == ID_RFC822_ADDR) &&
			is_plain(name) && len + name.len + 2 <= BUS_TEXT_LEN)
		{
			if (len)
			{
				text[len++] = ' ';
			}
			memcpy(text + len, name.ptr, name.len);
			len += name.len;
			text[len] = '\0';
		}
	}
	names->destroy(names);
}

/*
 * Described in header
 */
void l2tp_certificate_fill(struct bus_sa *sa, ike_sa_t *ike_sa)
{
	enumerator_t *rounds;
	auth_cfg_t *round;
	certificate_t *cert, *first = NULL;

	rounds = ike_sa->create_auth_cfg_enumerator(ike_sa, FALSE);
	while (rounds->enumerate(rounds, &round))
	{
		cert = round->get(round, AUTH_RULE_SUBJECT_CERT);
		if (!first && cert && cert->get_type(cert) == CERT_X509)
		{
			first = cert;
		}
	}
	if (first)
	{
		fill_subject(sa->cert_subject, first->get_subject(first));
		fill_names(sa->cert_names, (x509_t *)first);
	}
	rounds->destroy(rounds);
}
