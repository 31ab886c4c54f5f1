/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads charon's objects into record sa.  Called from charon's hooks: only
 * looks, never waits.
 */

#include "charon-plugin/l2tp_record.h"
#include "charon-plugin/l2tp_certificate.h"

#include <stdio.h>

/**
 * Per-packet sizes of ESP's encryption algorithms, in bytes
 */
static const struct {
	uint16_t alg;
	uint8_t iv;
	/** of algorithms that authenticate, too */
	uint8_t icv;
	/** 4 for those that need no padding of their own: ESP's trailer does */
	uint8_t block;
} encrypters[] = {
	{ENCR_NULL, 0, 0, 4},                /* RFC 2410 */
	{ENCR_DES, 8, 0, 8},                 /* RFC 2405 */
	{ENCR_3DES, 8, 0, 8},                /* RFC 2451 */
	{ENCR_CAST, 8, 0, 8},                /* RFC 2451 */
	{ENCR_BLOWFISH, 8, 0, 8},            /* RFC 2451 */
	{ENCR_AES_CBC, 16, 0, 16},           /* RFC 3602 */
	{ENCR_CAMELLIA_CBC, 16, 0, 16},      /* RFC 4312 */
	{ENCR_SERPENT_CBC, 16, 0, 16},       /* as AES */
	{ENCR_TWOFISH_CBC, 16, 0, 16},       /* as AES */
	{ENCR_AES_CTR, 8, 0, 4},             /* RFC 3686 */
	{ENCR_CAMELLIA_CTR, 8, 0, 4},        /* RFC 5529 */
	{ENCR_AES_CCM_ICV8, 8, 8, 4},        /* RFC 4309 */
	{ENCR_AES_CCM_ICV12, 8, 12, 4},      /* RFC 4309 */
	{ENCR_AES_CCM_ICV16, 8, 16, 4},      /* RFC 4309 */
	{ENCR_AES_GCM_ICV8, 8, 8, 4},        /* RFC 4106 */
	{ENCR_AES_GCM_ICV12, 8, 12, 4},      /* RFC 4106 */
	{ENCR_AES_GCM_ICV16, 8, 16, 4},      /* RFC 4106 */
	{ENCR_NULL_AUTH_AES_GMAC, 8, 16, 4}, /* RFC 4543 */
	{ENCR_CAMELLIA_CCM_ICV8, 8, 8, 4},   /* RFC 5529 */
	{ENCR_CAMELLIA_CCM_ICV12, 8, 12, 4}, /* RFC 5529 */
	{ENCR_CAMELLIA_CCM_ICV16, 8, 16, 4}, /* RFC 5529 */
	{ENCR_CHACHA20_POLY1305, 8, 16, 4},  /* RFC 7634 */
};

/**
 * Length of ICVs of integrity algorithms, in bytes
 */
static const struct {
	uint16_t alg;
	uint8_t icv;
} signers[] = {
	{AUTH_HMAC_MD5_96, 12},       /* RFC 2403 */
	{AUTH_HMAC_MD5_128, 16},      /* RFC 4595 */
	{AUTH_HMAC_SHA1_96, 12},      /* RFC 2404 */
	{AUTH_HMAC_SHA1_128, 16},     /* private use */
	{AUTH_HMAC_SHA1_160, 20},     /* RFC 4595 */
	{AUTH_AES_XCBC_96, 12},       /* RFC 3566 */
	{AUTH_AES_CMAC_96, 12},       /* RFC 4494 */
	{AUTH_CAMELLIA_XCBC_96, 12},  /* as AES */
	{AUTH_HMAC_SHA2_256_96, 12},  /* private use */
	{AUTH_HMAC_SHA2_256_128, 16}, /* RFC 4868 */
	{AUTH_HMAC_SHA2_384_192, 24}, /* RFC 4868 */
	{AUTH_HMAC_SHA2_512_256, 32}, /* RFC 4868 */
};

/**
 * How a peer may have authenticated
 */
static const struct {
	auth_class_t class;
	const char *word;
} auth_words[] = {
	{AUTH_CLASS_PSK, "psk"},
	{AUTH_CLASS_PUBKEY, "pubkey"},
	{AUTH_CLASS_EAP, "eap"},
	{AUTH_CLASS_XAUTH, "xauth"},
};

/*
 * Described in header
 */
bool l2tp_record_is_l2tp(traffic_selector_t *ts)
{
	return ts->get_protocol(ts) == IPPROTO_UDP &&
		   ts->get_from_port(ts) == L2TP_PORT &&
		   ts->get_to_port(ts) == L2TP_PORT;
}

/**
 * Append text, with a separator if something is there already
 */
static void append(bus_text_t text, const char *separator, const char *more)
{
	size_t len = strlen(text);

	snprintf(text + len, BUS_TEXT_LEN - len, "%s%s", len ? separator : "",
			 more);
}

/*
 * Described in header
 */
void l2tp_record_overhead(struct bus_sa *sa, proposal_t *proposal,
						  bool sha256_96)
{
	uint16_t alg, key_bits;
	char bits[16];
	int i;

	sa->cipher[0] = '\0';
	sa->iv_bytes = sa->icv_bytes = sa->block_bytes = 0;
	if (proposal->get_algorithm(proposal, ENCRYPTION_ALGORITHM, &alg,
								&key_bits))
	{
		append(sa->cipher, "/",
			   enum_to_name(encryption_algorithm_names, alg) ?: "unknown");
		if (key_bits)
		{
			snprintf(bits, sizeof(bits), "%u", key_bits);
			append(sa->cipher, "_", bits);
		}
		for (i = 0; i < countof(encrypters); i++)
		{
			if (encrypters[i].alg == alg)
			{
				sa->iv_bytes = encrypters[i].iv;
				sa->icv_bytes = encrypters[i].icv;
				sa->block_bytes = encrypters[i].block;
			}
		}
	}
	if (proposal->get_algorithm(proposal, INTEGRITY_ALGORITHM, &alg, NULL))
	{
		if (alg == AUTH_HMAC_SHA2_256_128 && sha256_96)
		{
			alg = AUTH_HMAC_SHA2_256_96;
		}
		append(sa->cipher, "/",
			   enum_to_name(integrity_algorithm_names, alg) ?: "unknown");
		for (i = 0; i < countof(signers); i++)
		{
			if (signers[i].alg == alg)
			{
				sa->icv_bytes = signers[i].icv;
			}
		}
	}
}

/**
 * The rounds of authentication that the peer completed, as "pubkey+eap"
 */
static void fill_auth(bus_text_t text, ike_sa_t *ike_sa)
{
	enumerator_t *rounds;
	auth_cfg_t *round;
	auth_class_t class;
	int i;

	rounds = ike_sa->create_auth_cfg_enumerator(ike_sa, FALSE);
	while (rounds->enumerate(rounds, &round))
	{
		class = (uintptr_t)round->get(round, AUTH_RULE_AUTH_CLASS);
		for (i = 0; i < countof(auth_words); i++)
		{
			if (auth_words[i].class == class)
			{
				append(text, "+", auth_words[i].word);
			}
		}
	}
	rounds->destroy(rounds);
}

/**
 * The peer's port in the traffic selectors, 0 if it may be any
 */
static uint16_t get_peer_port(child_sa_t *child_sa)
{
	enumerator_t *enumerator;
	traffic_selector_t *ts;
	uint16_t port = 0;

	enumerator = child_sa->create_ts_enumerator(child_sa, FALSE);
	if (enumerator->enumerate(enumerator, &ts) &&
		ts->get_from_port(ts) == ts->get_to_port(ts))
	{
		port = ts->get_from_port(ts);
	}
	enumerator->destroy(enumerator);
	return port;
}

/**
 * An address with its port
 */
static void fill_addr(struct addr *addr, host_t *host)
{
	addr_from_sockaddr(addr, host->get_sockaddr(host),
					   *host->get_sockaddr_len(host));
}

/*
 * Described in header
 */
bool l2tp_record_is_link_local(host_t *host)
{
	struct addr addr = {};

	fill_addr(&addr, host);
	return addr_is_link_local(&addr);
}

/*
 * Described in header
 */
void l2tp_record_peer(struct bus_sa *sa, ike_sa_t *ike_sa)
{
	identification_t *id, *eap_id;

	*sa = (struct bus_sa){
		.ike_id = ike_sa->get_unique_id(ike_sa),
		.ike_version = ike_sa->get_version(ike_sa),
	};
	append(sa->connection, "", ike_sa->get_name(ike_sa));
	fill_addr(&sa->local, ike_sa->get_my_host(ike_sa));
	fill_addr(&sa->remote, ike_sa->get_other_host(ike_sa));
	id = ike_sa->get_other_id(ike_sa);
	snprintf(sa->remote_id, sizeof(sa->remote_id), "%Y", id);
	eap_id = ike_sa->get_other_eap_id(ike_sa);
	if (!eap_id->equals(eap_id, id))
	{
		snprintf(sa->remote_eap_id, sizeof(sa->remote_eap_id), "%Y", eap_id);
	}
	fill_auth(sa->auth, ike_sa);
	l2tp_certificate_fill(sa, ike_sa);
}

/*
 * Described in header
 */
void l2tp_record_fill(struct bus_sa *sa, ike_sa_t *ike_sa, child_sa_t *child_sa)
{
	child_cfg_t *cfg;
	proposal_t *proposal;

	l2tp_record_peer(sa, ike_sa);
	sa->mark = child_sa->get_mark(child_sa, TRUE).value;
	sa->reqid = child_sa->get_reqid(child_sa);
	sa->child_id = child_sa->get_unique_id(child_sa);
	sa->peer_port = get_peer_port(child_sa);
	sa->encap = child_sa->has_encap(child_sa);
	sa->spi_in = ntohl(child_sa->get_spi(child_sa, TRUE));
	sa->spi_out = ntohl(child_sa->get_spi(child_sa, FALSE));
	append(sa->child, "", child_sa->get_name(child_sa));
	proposal = child_sa->get_proposal(child_sa);
	if (proposal)
	{
		cfg = child_sa->get_config(child_sa);
		l2tp_record_overhead(sa, proposal, cfg->has_option(cfg, OPT_SHA256_96));
	}
}
