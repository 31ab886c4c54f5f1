/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory in which the machines write down what must outlive the process: images of tunnels and
 * sessions, messages that wait for their acknowledgement, the counters.  A process may be killed
 * between any two instructions of its own: whoever opens the memory then finds all that was written
 * up to the last book_commit(), and nothing of what came after it.
 *
 * Images go through a journal, which one word makes valid: so what one message changes of a tunnel
 * and its sessions is written as a whole, and each image is there once, not twice.  Messages are
 * written once into places that no image points at, and never changed while one does.
 */
#ifndef L2TPD_FSM_BOOK_H
#define L2TPD_FSM_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2tpd/fsm/image.h"
#include "l2tpd/metrics/counters.h"

struct book;

/* Places are numbered from 1; 0 is none. */
#define BOOK_PLACES UINT16_MAX

/* Each has places of its own. */
enum book_kind { BOOK_TUNNEL, BOOK_SESSION, BOOK_MESSAGE, BOOK_KINDS };

/* Single numbers, 0 at first */
enum book_note {
	BOOK_CALL_SERIAL, /* of the last call that we placed */
	BOOK_CHARON,      /* which run of charon's the marks belong to */
	BOOK_TABLE,       /* what the nftables table was made for */
	BOOK_DRAINING,    /* nobody new is taken */
	BOOK_NOTES = 16,
};

/* Bytes that a book needs; pages of it that are never written to need not be there. */
size_t book_size(void);

/*
 * Open the book in `memory`: book_size() bytes, all 0 or a book; borrowed.  -EPROTONOSUPPORT: it is
 * of another version, or no book; -ENOMEM.  Nothing has changed then.
 */
int book_open(void *memory, struct book **ret);
void book_close(struct book *b);

struct counters *book_counters(struct book *b);
uint64_t book_note(const struct book *b, enum book_note which);
void book_set_note(struct book *b, enum book_note which, uint64_t value);

/*
 * What was found: each place in turn, which is NULL when it is empty; up to book_used().  The
 * images have not been checked.
 */
unsigned int book_used(const struct book *b, enum book_kind kind);
const struct tunnel_image *book_tunnel(const struct book *b, unsigned int place);
const struct session_image *book_session(const struct book *b, unsigned int place);

/*
 * Images that are found are in use; messages, when they have been claimed: false if there is no
 * such one, or it is claimed already.  The rest is free after book_sort_out(), which must be called
 * before anything is taken.
 */
bool book_claim_message(struct book *b, uint16_t place);
void book_sort_out(struct book *b);

/* A free place; 0: there is none. */
uint16_t book_take(struct book *b, enum book_kind kind);

/* Write, or empty, a place; with the next book_commit(). */
void book_write_tunnel(struct book *b, uint16_t place, const struct tunnel_image *i);
void book_write_session(struct book *b, uint16_t place, const struct session_image *i);
void book_erase(struct book *b, enum book_kind kind, uint16_t place);

/*
 * Write a message of at most BOOK_MESSAGE_MAX bytes, which comes behind the one at `before` (0:
 * none).  Its place; 0: there is none.  It is free again after book_drop_message() and the next
 * commit.
 */
#define BOOK_MESSAGE_MAX 1100
uint16_t book_write_message(struct book *b, uint16_t before, const void *bytes, size_t len);
void book_drop_message(struct book *b, uint16_t place);

/* The message there, and its length; 0: there is none. */
size_t book_message(const struct book *b, uint16_t place, uint8_t ret[static BOOK_MESSAGE_MAX]);

/* The place of the one before it, where that may have been given away by now. */
uint16_t book_before(const struct book *b, uint16_t place);

/* All that was written since the last time, is; in one step. */
void book_commit(struct book *b);

#endif
