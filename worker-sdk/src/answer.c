/*
 * answer: what a client gets for a call: lent for the time of a handler, or in one piece of memory: metadata table,
 * text, head, body.
 */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fds.h"

const void *brood_answer_find(const struct brood_answer *answer, const char *key, size_t *size_out)
{
	size_t key_size = strlen(key);

	for (size_t i = 0; i < answer->meta_count; i++) {
		const struct brood_meta *m = &answer->meta[i];

		if (m->key_size == key_size && memcmp(m->key, key, key_size) == 0) {
			*size_out = m->value_size;
			return m->value;
		}
	}
	return NULL;
}

void brood_answer_free(struct brood_answer *answer)
{
	fds_unref(answer->fds);
	free(answer->memory);
	*answer = (struct brood_answer){.text = ""};
}

/* The sentence of an answer that is no success: the one that came, or one of ours. */
static struct head_entry text_of(const struct frame *f, const struct brood_answer *a)
{
	struct head_entry text = {.value = "", .value_size = 0};

	if (a->code == BROOD_OK)
		return text;
	text.value = a->reason ? frame_reason_text(a->reason) : frame_code_name(a->code);
	text.value_size = (uint16_t)strlen(text.value);
	(void)head_find(f->head, f->head_size, ":error", &text);
	return text;
}

/* The application's entries of a head block; returns how many. `meta` may be NULL, to count. */
static size_t list(const void *head, size_t size, struct brood_meta *meta)
{
	struct head_reader reader = {head, size};
	struct head_entry e;
	size_t count = 0;

	while (head_next(&reader, &e)) {
		if (head_key_is_reserved(&e))
			continue;
		if (meta)
			meta[count] = (struct brood_meta){e.key, e.key_size, e.value, e.value_size};
		count++;
	}
	return count;
}

static char *put(char *at, const void *bytes, size_t size)
{
	if (size > 0)
		memcpy(at, bytes, size);
	return at + size;
}

bool answer_is_plain(const struct frame *f)
{
	return f->arg == frame_status(REASON_NONE, CODE_OK) && f->head_size == 0 && !f->fds;
}

void answer_lent(const struct frame *f, void *memory, struct brood_answer *out)
{
	*out = (struct brood_answer){
		.not_processed = (f->flags & FLAG_NOT_PROCESSED) != 0,
		.text = "",
		.body = f->body,
		.body_size = f->body_size,
		.memory = memory,
	};
}

int answer_of_frame(const struct frame *f, struct brood_answer *out)
{
	uint32_t code = frame_status_code(f->arg);
	struct brood_answer a = {
		.code = code <= CODE_UNAUTHENTICATED ? code : BROOD_UNKNOWN,
		.reason = frame_status_reason(f->arg),
		.not_processed = (f->flags & FLAG_NOT_PROCESSED) != 0,
		.meta_count = list(f->head, f->head_size, NULL),
		.body_size = f->body_size,
	};
	struct head_entry text = text_of(f, &a);
	size_t table = a.meta_count * sizeof(*a.meta);
	struct brood_meta *meta = malloc(table + text.value_size + 1 + f->head_size + f->body_size);
	char *at;

	if (!meta)
		return -ENOMEM;
	a.memory = meta;
	a.meta = meta;
	at = (char *)meta + table;
	a.text = at;
	at = put(at, text.value, text.value_size);
	*at++ = '\0';
	a.body = put(at, f->head, f->head_size);
	list(at, f->head_size, meta);
	put(at + f->head_size, f->body, f->body_size);
	a.fds = fds_ref(f->fds);
	a.fd_count = f->fds ? f->nfds : 0;
	*out = a;
	return 0;
}

struct brood_answer answer_of_ours(enum frame_reason reason, const char *text, bool not_processed)
{
	uint32_t status = frame_status_of(reason);
	struct brood_answer a = {
		.code = frame_status_code(status),
		.reason = frame_status_reason(status),
		.not_processed = not_processed,
		.text = "",
		.memory = strdup(text),
	};

	if (a.memory)
		a.text = a.memory;
	return a;
}
