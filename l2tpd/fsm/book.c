/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layout of the memory, its journal, and which places are free; see book.h. */
#include "l2tpd/fsm/book.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC     UINT64_C(0x6b6f6f62647074) /* "tpdbook" */
#define LAYOUT    1 /* another one for each change that sizes do not tell */
#define JOURNAL   64
#define PART_LEN  122
#define PARTS_MAX ((BOOK_MESSAGE_MAX + PART_LEN - 1) / PART_LEN)
#define ALIGN     4096

/* A part of a message; all but the last one are full. */
struct part {
	uint16_t before; /* place of the last part of the message before */
	uint16_t len;
	uint16_t next; /* the part that precedes this one in the message; 0: it is the first */
	uint8_t bytes[PART_LEN];
};

union image {
	struct tunnel_image tunnel;
	struct session_image session;
};

struct entry {
	uint16_t kind, place;
	union image image;
};

struct head {
	uint64_t magic;
	uint32_t layout, head_len, tunnel_len, session_len;
	_Atomic uint32_t n_valid; /* entries of the journal that are to be carried out; 0: none */
	_Atomic uint32_t used[BOOK_KINDS]; /* places that were ever used: 1 to this */
	uint64_t notes[BOOK_NOTES];
	uint32_t counters_mark; /* which counters these are */
	struct counters counters;
	struct entry journal[JOURNAL];
};

/* Which places are free: those never used, and a stack of those given back. */
struct places {
	uint16_t *given_back;
	unsigned int n, n_coming; /* those behind the first n come back with the next commit */
};

struct book {
	struct head *head;
	struct tunnel_image *tunnels; /* by place - 1 */
	struct session_image *sessions;
	struct part *parts;
	struct places places[BOOK_KINDS];
	uint8_t claimed[(BOOK_PLACES + 1) / 8]; /* parts of messages, by place */
	unsigned int n_entries;
};

static size_t aligned(size_t len)
{
	return (len + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t at_tunnels(void)
{
	return aligned(sizeof(struct head));
}

static size_t at_sessions(void)
{
	return at_tunnels() + aligned(BOOK_PLACES * sizeof(struct tunnel_image));
}

static size_t at_parts(void)
{
	return at_sessions() + aligned(BOOK_PLACES * sizeof(struct session_image));
}

size_t book_size(void)
{
	return at_parts() + aligned(BOOK_PLACES * sizeof(struct part));
}

/* Which counters there are, as a number: a version may have others. */
static uint32_t counters_mark(void)
{
	uint32_t mark = COUNTER_COUNT;

	for (unsigned int i = 0; i < COUNTER_COUNT; i++)
		for (const char *c = counter_word(i); *c; c++)
			mark = mark * 31 + (uint8_t)*c;
	return mark;
}

static bool is_ours(const struct head *h)
{
	if (h->magic != MAGIC || h->layout != LAYOUT || h->head_len != sizeof(*h) ||
	    h->tunnel_len != sizeof(struct tunnel_image) ||
	    h->session_len != sizeof(struct session_image) || h->n_valid > JOURNAL)
		return false;
	for (int kind = 0; kind < BOOK_KINDS; kind++)
		if (h->used[kind] > BOOK_PLACES)
			return false;
	return true;
}

static void begin(struct head *h)
{
	h->layout = LAYOUT;
	h->head_len = sizeof(*h);
	h->tunnel_len = sizeof(struct tunnel_image);
	h->session_len = sizeof(struct session_image);
	h->counters_mark = counters_mark();
	atomic_signal_fence(memory_order_release);
	h->magic = MAGIC;
}

/* Carry out what the journal says; as often as it takes, it comes to the same. */
static void carry_out(struct book *b)
{
	uint32_t n = atomic_load_explicit(&b->head->n_valid, memory_order_acquire);

	for (uint32_t i = 0; i < n; i++) {
		const struct entry *e = &b->head->journal[i];

		if (!e->place)
			continue;
		if (e->kind == BOOK_TUNNEL)
			b->tunnels[e->place - 1] = e->image.tunnel;
		else if (e->kind == BOOK_SESSION)
			b->sessions[e->place - 1] = e->image.session;
	}
	atomic_store_explicit(&b->head->n_valid, 0, memory_order_release);
}

/* The empty places among those that were used. */
static void find_free(struct book *b)
{
	for (unsigned int place = book_used(b, BOOK_TUNNEL); place; place--)
		if (!book_tunnel(b, place))
			b->places[BOOK_TUNNEL].given_back[b->places[BOOK_TUNNEL].n++] =
				(uint16_t)place;
	for (unsigned int place = book_used(b, BOOK_SESSION); place; place--)
		if (!book_session(b, place))
			b->places[BOOK_SESSION].given_back[b->places[BOOK_SESSION].n++] =
				(uint16_t)place;
}

int book_open(void *memory, struct book **ret)
{
	struct head *h = memory;
	struct book *b;

	if (h->magic && !is_ours(h))
		return -EPROTONOSUPPORT;
	b = calloc(1, sizeof(*b));
	for (int kind = 0; b && kind < BOOK_KINDS; kind++) {
		b->places[kind].given_back = malloc(BOOK_PLACES * sizeof(uint16_t));
		if (!b->places[kind].given_back) {
			book_close(b);
			b = NULL;
		}
	}
	if (!b)
		return -ENOMEM;
	b->head = h;
	b->tunnels = (void *)((char *)memory + at_tunnels());
	b->sessions = (void *)((char *)memory + at_sessions());
	b->parts = (void *)((char *)memory + at_parts());
	if (!h->magic)
		begin(h);
	carry_out(b);
	find_free(b);
	if (h->counters_mark != counters_mark()) {
		h->counters = (struct counters){0};
		h->counters_mark = counters_mark();
	}
	*ret = b;
	return 0;
}

void book_close(struct book *b)
{
	if (!b)
		return;
	for (int kind = 0; kind < BOOK_KINDS; kind++)
		free(b->places[kind].given_back);
	free(b);
}

struct counters *book_counters(struct book *b)
{
	return &b->head->counters;
}

uint64_t book_note(const struct book *b, enum book_note which)
{
	return b->head->notes[which];
}

void book_set_note(struct book *b, enum book_note which, uint64_t value)
{
	b->head->notes[which] = value;
}

unsigned int book_used(const struct book *b, enum book_kind kind)
{
	return b->head->used[kind];
}

const struct tunnel_image *book_tunnel(const struct book *b, unsigned int place)
{
	const struct tunnel_image *i = &b->tunnels[place - 1];

	return i->tid ? i : NULL;
}

const struct session_image *book_session(const struct book *b, unsigned int place)
{
	const struct session_image *i = &b->sessions[place - 1];

	return i->sid ? i : NULL;
}

/*
 * Places
 */

uint16_t book_take(struct book *b, enum book_kind kind)
{
	struct places *p = &b->places[kind];
	uint32_t used = b->head->used[kind];

	if (p->n) {
		uint16_t place = p->given_back[--p->n];

		/* those that are coming close the gap */
		p->given_back[p->n] = p->given_back[p->n + p->n_coming];
		return place;
	}
	if (used == BOOK_PLACES)
		return 0;
	/* Before anything is there: an empty place does no harm. */
	b->head->used[kind] = used + 1;
	return (uint16_t)(used + 1);
}

static void give_back(struct places *p, uint16_t place)
{
	p->given_back[p->n + p->n_coming++] = place;
}

/* What is in the journal must be in its place before there is room for more. */
static struct entry *add_entry(struct book *b, enum book_kind kind, uint16_t place)
{
	struct entry *e;

	if (b->n_entries == JOURNAL)
		book_commit(b);
	e = &b->head->journal[b->n_entries++];
	e->kind = (uint16_t)kind;
	e->place = place;
	return e;
}

void book_write_tunnel(struct book *b, uint16_t place, const struct tunnel_image *i)
{
	add_entry(b, BOOK_TUNNEL, place)->image.tunnel = *i;
}

void book_write_session(struct book *b, uint16_t place, const struct session_image *i)
{
	add_entry(b, BOOK_SESSION, place)->image.session = *i;
}

void book_erase(struct book *b, enum book_kind kind, uint16_t place)
{
	struct entry *e = add_entry(b, kind, place);

	memset(&e->image, 0, sizeof(e->image));
	give_back(&b->places[kind], place);
}

void book_commit(struct book *b)
{
	if (b->n_entries) {
		atomic_store_explicit(&b->head->n_valid, b->n_entries, memory_order_release);
		carry_out(b);
		b->n_entries = 0;
	}
	for (int kind = 0; kind < BOOK_KINDS; kind++) {
		b->places[kind].n += b->places[kind].n_coming;
		b->places[kind].n_coming = 0;
	}
}

/*
 * Messages
 */

static struct part *part_at(const struct book *b, uint16_t place)
{
	return place && place <= book_used(b, BOOK_MESSAGE) ? &b->parts[place - 1] : NULL;
}

uint16_t book_write_message(struct book *b, uint16_t before, const void *bytes, size_t len)
{
	const uint8_t *from = bytes;
	uint16_t last = 0;

	for (size_t at = 0; at < len; at += PART_LEN) {
		uint16_t place = book_take(b, BOOK_MESSAGE);
		size_t n = len - at < PART_LEN ? len - at : PART_LEN;
		struct part *part = part_at(b, place);

		if (!part) {
			book_drop_message(b, last);
			return 0;
		}
		*part = (struct part){.before = before, .len = (uint16_t)n, .next = last};
		memcpy(part->bytes, from + at, n);
		last = place;
	}
	return last;
}

void book_drop_message(struct book *b, uint16_t place)
{
	const struct part *part;

	for (; (part = part_at(b, place)); place = part->next)
		give_back(&b->places[BOOK_MESSAGE], place);
}

/* The parts of a message, the last one first.  How many; 0: it is none. */
static size_t find_parts(const struct book *b, uint16_t place, const struct part **ret, size_t cap)
{
	size_t n = 0;

	for (;; place = ret[n - 1]->next) {
		const struct part *part = part_at(b, place);

		if (!part || n == cap || !part->len || part->len > PART_LEN ||
		    (n && part->len != PART_LEN))
			return 0;
		ret[n++] = part;
		if (!part->next)
			return n;
	}
}

size_t book_message(const struct book *b, uint16_t place, uint8_t ret[static BOOK_MESSAGE_MAX])
{
	const struct part *parts[PARTS_MAX];
	size_t n = find_parts(b, place, parts, PARTS_MAX), len = 0;

	for (size_t i = n; i--;) {
		if (len + parts[i]->len > BOOK_MESSAGE_MAX)
			return 0;
		memcpy(ret + len, parts[i]->bytes, parts[i]->len);
		len += parts[i]->len;
	}
	return len;
}

uint16_t book_before(const struct book *b, uint16_t place)
{
	const struct part *part = part_at(b, place);

	return part ? part->before : 0;
}

static bool is_claimed(const struct book *b, size_t place)
{
	return b->claimed[place / 8] & (1 << place % 8);
}

bool book_claim_message(struct book *b, uint16_t place)
{
	const struct part *parts[PARTS_MAX];
	size_t n = find_parts(b, place, parts, PARTS_MAX);

	for (size_t i = 0; i < n; i++)
		if (is_claimed(b, (size_t)(parts[i] - b->parts) + 1))
			return false;
	for (size_t i = 0; i < n; i++) {
		size_t at = (size_t)(parts[i] - b->parts) + 1;

		b->claimed[at / 8] |= (uint8_t)(1 << at % 8);
	}
	return n;
}

void book_sort_out(struct book *b)
{
	struct places *p = &b->places[BOOK_MESSAGE];

	for (uint32_t place = book_used(b, BOOK_MESSAGE); place; place--)
		if (!is_claimed(b, place))
			p->given_back[p->n++] = (uint16_t)place;
}
