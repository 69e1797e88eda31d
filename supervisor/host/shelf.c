/* shelf: see shelf.h. A handful of descriptors for each instance: lists, looked through from the beginning. */
#include "shelf.h"

#include <linux/kcmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bytes.h"
#include "channel.h"
#include "contract.h"
#include "fds.h"
#include "head.h"
#include "instance.h"
#include "supervisor.h"

struct stored {
	struct stored *next;
	struct fds *fds; /* one descriptor, shared with the frames that bring it back */
	char name[BROOD_STORED_NAME + 1];
};

struct shelf {
	struct shelf *next;
	uint32_t pool;
	uint32_t number; /* of the instance */
	uint32_t count;
	struct stored *first; /* in the order in which they came */
};

/* What came of a STORE or FETCH. */
struct outcome {
	enum frame_reason reason;
	uint32_t count;
	char text[200];
};

bool shelf_is_possible(const struct worker_spec *w)
{
	return w->channel == CHANNEL_SOCKETPAIR && w->fd_store > 0;
}

static struct shelf **find(struct supervisor *s, uint32_t pool, uint32_t number)
{
	struct shelf **at = &s->shelves;

	while (*at && ((*at)->pool != pool || (*at)->number != number))
		at = &(*at)->next;
	return at;
}

static int number_of(const struct stored *d)
{
	size_t count;

	return fds_numbers(d->fds, &count)[0];
}

static void close_stored(struct shelf *shelf, struct stored **at)
{
	struct stored *d = *at;

	*at = d->next;
	shelf->count--;
	fds_unref(d->fds);
	free(d);
}

static void free_shelf(struct shelf **at)
{
	struct shelf *shelf = *at;

	while (shelf->first)
		close_stored(shelf, &shelf->first);
	*at = shelf->next;
	free(shelf);
}

/* Do both numbers mean the same open file? Where the kernel does not tell, none is. */
static bool is_same(int a, int b)
{
	pid_t self = getpid();

	return syscall(SYS_kcmp, self, self, KCMP_FILE, a, b) == 0;
}

static bool has(const struct shelf *shelf, int fd)
{
	for (const struct stored *d = shelf ? shelf->first : NULL; d; d = d->next) {
		if (is_same(number_of(d), fd))
			return true;
	}
	return false;
}

/* ---------------------------------------------------------------- what is asked */

static void refuse(struct outcome *o, enum frame_reason reason, const char *format, ...) PRINTF_LIKE(3, 4);

static void refuse(struct outcome *o, enum frame_reason reason, const char *format, ...)
{
	va_list args;

	o->reason = reason;
	va_start(args, format);
	vsnprintf(o->text, sizeof(o->text), format, args);
	va_end(args);
}

/* ":name" of the frame; "" where there is none. False: it is no name. */
static bool read_name(const struct frame *f, char name[BROOD_STORED_NAME + 1], struct outcome *o)
{
	struct head_entry e = {.value_size = 0};
	const char *bytes;

	name[0] = '\0';
	if (!head_find(f->head, f->head_size, ":name", &e))
		return true;
	bytes = (const char *)e.value;
	for (uint16_t n = 0; n < e.value_size; n++) {
		if (bytes[n] < ' ' || bytes[n] > '~' || bytes[n] == ':') {
			refuse(o, REASON_INVALID, "byte %u of the name is not ASCII, or a control, or ':'", n);
			return false;
		}
	}
	if (e.value_size == 0 || e.value_size > BROOD_STORED_NAME) {
		refuse(o, REASON_INVALID, "the name has %u bytes, 1 to %u are allowed", e.value_size,
		       BROOD_STORED_NAME);
		return false;
	}
	memcpy(name, bytes, e.value_size);
	name[e.value_size] = '\0';
	return true;
}

static bool is_allowed(const struct instance *i, struct outcome *o)
{
	const struct worker_spec *spec = instance_worker(i)->spec;

	if (i->link.agreed.features & FEATURE_STORE)
		return true;
	if (spec->fd_store == 0)
		refuse(o, REASON_UNSUPPORTED, "fd_store of worker %s is 0", spec->name);
	else
		refuse(o, REASON_UNSUPPORTED, "STORE was not agreed on in the handshake");
	return false;
}

/* ------------------------------------------------------------------------ STORE */

/* Those that are not there yet, one by one; those that are, are closed with the frame. False: no memory. */
static bool cut(struct fds *fds, const struct shelf *shelf, const char *name, struct stored **list)
{
	size_t count;
	const int *fd = fds_numbers(fds, &count);

	for (size_t n = 0; n < count; n++) {
		struct stored *d;
		bool is_known = has(shelf, fd[n]);

		for (const struct stored *other = *list; other && !is_known; other = other->next)
			is_known = is_same(number_of(other), fd[n]);
		if (is_known)
			continue;
		d = calloc(1, sizeof(*d));
		if (d)
			d->fds = fds_new(&(int){fds_take(fds, n)}, 1);
		if (!d || !d->fds) {
			free(d);
			return false;
		}
		snprintf(d->name, sizeof(d->name), "%s", name);
		while (*list)
			list = &(*list)->next;
		*list = d;
	}
	return true;
}

static uint32_t length_of(const struct stored *list)
{
	uint32_t n = 0;

	for (; list; list = list->next)
		n++;
	return n;
}

static void drop_list(struct stored *list)
{
	while (list) {
		struct stored *next = list->next;

		fds_unref(list->fds);
		free(list);
		list = next;
	}
}

static struct shelf *open_shelf(struct instance *i)
{
	const struct worker *w = instance_worker(i);
	struct shelf **at = find(i->s, w->pool, w->instance);

	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (*at)
			**at = (struct shelf){.pool = w->pool, .number = w->instance};
	}
	return *at;
}

/* All of them or none. */
static void park(struct instance *i, const struct frame *f, const char *name, struct outcome *o)
{
	const struct worker_spec *spec = instance_worker(i)->spec;
	struct shelf *shelf = open_shelf(i);
	struct stored *list = NULL;
	struct stored **end;
	uint32_t more;

	if (!shelf || !cut(f->fds, shelf, name[0] ? name : BROOD_STORED_UNNAMED, &list)) {
		drop_list(list);
		refuse(o, REASON_INTERNAL, "no memory for what is to be parked");
		return;
	}
	more = length_of(list);
	if (shelf->count + more > spec->fd_store) {
		drop_list(list);
		refuse(o, REASON_OVERLOADED, "%u descriptors are parked, %u more are too many: fd_store is %u",
		       shelf->count, more, spec->fd_store);
		return;
	}
	for (end = &shelf->first; *end;)
		end = &(*end)->next;
	*end = list;
	shelf->count += more;
	o->count = shelf->count;
}

static void unpark(struct instance *i, const char *name, struct outcome *o)
{
	const struct worker *w = instance_worker(i);
	struct shelf **at = find(i->s, w->pool, w->instance);

	for (struct stored **d = *at ? &(*at)->first : NULL; d && *d;) {
		if (strcmp((*d)->name, name[0] ? name : BROOD_STORED_UNNAMED) != 0) {
			d = &(*d)->next;
			continue;
		}
		close_stored(*at, d);
		o->count++;
	}
	if (*at && (*at)->count == 0)
		free_shelf(at);
}

static void store(struct instance *i, const struct frame *f, struct outcome *o)
{
	char name[BROOD_STORED_NAME + 1];

	if (!is_allowed(i, o) || !read_name(f, name, o))
		return;
	if (f->nfds == FRAME_FDS_UNSENT || f->fds_lost || (f->nfds > 0 && !f->fds))
		refuse(o, REASON_FD_LOST, "not all descriptors arrived: %s is at its limit of open files",
		       f->nfds == FRAME_FDS_UNSENT ? "the worker's user" : "brood");
	else if (f->nfds > 0)
		park(i, f, name, o);
	else
		unpark(i, name, o);
}

/* ------------------------------------------------------------------------ FETCH */

static bool bring(struct instance *i, uint32_t cookie, const struct stored *d)
{
	uint8_t block[BROOD_STORED_NAME + 32];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	bool fits = head_add_text(&w, ":name", d->name);

	return channel_owe(i, &(struct frame){.type = FRAME_FETCH,
					      .arg = cookie,
					      .head = block,
					      .head_size = fits ? (uint32_t)w.size : 0,
					      .nfds = 1,
					      .fds = d->fds});
}

static bool fetch(struct instance *i, const struct frame *f, struct outcome *o)
{
	const struct worker *w = instance_worker(i);
	char name[BROOD_STORED_NAME + 1];
	struct shelf *shelf;

	if (!is_allowed(i, o) || !read_name(f, name, o))
		return true;
	shelf = *find(i->s, w->pool, w->instance);
	for (const struct stored *d = shelf ? shelf->first : NULL; d; d = d->next) {
		if (name[0] && strcmp(d->name, name) != 0)
			continue;
		if (!bring(i, f->arg, d))
			return false;
		o->count++;
	}
	return true;
}

/* The last frame of an answer: status and count. */
static bool conclude(struct instance *i, const struct frame *f, const struct outcome *o)
{
	uint8_t block[sizeof(o->text) + 32];
	uint8_t body[8];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	bool fits = o->reason != REASON_NONE && head_add_text(&w, ":error", o->text);

	bytes_put32(body, o->reason == REASON_NONE ? 0 : frame_status_of(o->reason));
	bytes_put32(body + 4, o->count);
	return channel_owe(i, &(struct frame){.type = f->type,
					      .arg = f->arg,
					      .head = block,
					      .head_size = fits ? (uint32_t)w.size : 0,
					      .body = body,
					      .body_size = sizeof(body)});
}

bool shelf_receive(struct instance *i, const struct frame *f)
{
	struct outcome o = {.reason = REASON_NONE};

	if (f->type == FRAME_STORE)
		store(i, f, &o);
	else if (!fetch(i, f, &o))
		return false;
	return conclude(i, f, &o);
}

/* --------------------------------------------------------------------- the rest */

void shelf_close(struct supervisor *s, uint32_t pool, uint32_t number)
{
	struct shelf **at = find(s, pool, number);

	if (*at)
		free_shelf(at);
}

void shelf_close_all(struct supervisor *s)
{
	while (s->shelves)
		free_shelf(&s->shelves);
}

void shelf_walk(const struct supervisor *s, uint32_t pool, uint32_t number,
		void (*take)(void *to, const char *name), void *to)
{
	const struct shelf *shelf = s->shelves;

	while (shelf && (shelf->pool != pool || shelf->number != number))
		shelf = shelf->next;
	for (const struct stored *d = shelf ? shelf->first : NULL; d; d = d->next)
		take(to, d->name);
}
