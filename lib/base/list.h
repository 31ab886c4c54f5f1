/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intrusive doubly linked list: the node is a member of what is listed, so nothing is allocated. */
#ifndef LIB_BASE_LIST_H
#define LIB_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* The object of type `type` whose member `member` is at `ptr`. */
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Both the head of a list and a node in one.  A head must be initialised, an unlisted node too. */
struct list {
	struct list *next, *prev;
};

/* Make `l` an empty head, or a node that is in no list. */
static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

/* No node is in `l`. */
static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

/* Append `node`, which is in no list, at the end of the list `head`. */
static inline void list_add(struct list *head, struct list *node)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

/* Take `node` out of its list, if it is in one. */
static inline void list_del(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/* Move all nodes of the list `from` to the end of the list `to`. */
static inline void list_move(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	from->prev->next = to;
	to->prev->next = from->next;
	to->prev = from->prev;
	list_init(from);
}

/* Each node of the list `head`; `pos` may be deleted in the body, others may not. */
#define list_each(pos, head)                                                                       \
	for (struct list *pos = (head)->next, *pos##_next = pos->next; pos != (head);              \
	     pos = pos##_next, pos##_next = pos->next)

#endif
