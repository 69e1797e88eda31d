/* inbox: a list of messages behind an assembly. */
#include "inbox.h"

#include <stdlib.h>

void inbox_open(struct inbox *in, uint32_t max_message, uint32_t window)
{
	*in = (struct inbox){
		.assembly = {.max_message = max_message, .max_held = SIZE_MAX, .of_replies = true},
		.window = window,
	};
}

static void drop_waiting(struct inbox *in)
{
	while (in->first) {
		struct message *m = in->first;

		in->first = m->next;
		message_free(m);
	}
	in->last = NULL;
}

void inbox_close(struct inbox *in)
{
	drop_waiting(in);
	message_free(in->taken);
	in->taken = NULL;
	assembly_close(&in->assembly);
}

/* A body that grew has room to spare, which is not to be kept as long as the message waits. */
static void shrink(struct message *m)
{
	size_t size = m->frame.body_size > 0 ? m->frame.body_size : 1;
	uint8_t *less = m->body ? realloc(m->body, size) : NULL;

	if (!less)
		return;
	m->frame.body = m->body = less;
	m->body_room = size;
}

static void append(struct inbox *in, struct message *m)
{
	shrink(m);
	m->next = NULL;
	m->frame.arg = in->held; /* DATA has no argument: what is due when it is taken */
	in->held = 0;
	if (in->last)
		in->last->next = m;
	else
		in->first = m;
	in->last = m;
}

/* One that needs no assembling is copied once. */
static enum assembly_result add(struct inbox *in, const struct frame *f, struct message **out)
{
	if (in->assembly.first || !(f->flags & FLAG_EOM))
		return assembly_add(&in->assembly, f, out);
	if (f->body_size > in->assembly.max_message)
		return ASSEMBLY_TOO_LARGE;
	*out = message_copy(NULL, f);
	return *out ? ASSEMBLY_WHOLE : ASSEMBLY_NO_MEMORY;
}

enum assembly_result inbox_add(struct inbox *in, const struct frame *f)
{
	bool only_ends = f->flags & FLAG_EOS && !(f->flags & FLAG_EOM) && f->body_size == 0 && !in->assembly.first;
	enum assembly_result result = ASSEMBLY_WHOLE;
	struct message *m = NULL;

	if (in->has_ended)
		return ASSEMBLY_BROKEN;
	in->held += frame_cost(f);
	if (!only_ends)
		result = add(in, f, &m);
	if (m)
		append(in, m);
	if (result == ASSEMBLY_WHOLE && f->flags & FLAG_EOS)
		in->has_ended = true;
	if (result == ASSEMBLY_PART && !in->first) {
		in->due += in->held;
		in->held = 0;
	}
	return result;
}

void inbox_end(struct inbox *in)
{
	assembly_close(&in->assembly);
	in->has_ended = true;
}

bool inbox_take(struct inbox *in)
{
	struct message *m = in->first;

	if (!m)
		return false;
	message_free(in->taken);
	in->taken = m;
	in->first = m->next;
	in->due += m->frame.arg;
	if (!in->first) {
		in->last = NULL;
		in->due += in->held;
		in->held = 0;
	}
	return true;
}

uint32_t inbox_credit(struct inbox *in)
{
	uint32_t due = in->due;

	if (in->has_ended || due < in->window / 4)
		return 0;
	in->due = 0;
	return due;
}
