/* liaison: see liaison.h. */
#include "liaison.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel.h"
#include "client.h"
#include "config.h"
#include "fds.h"
#include "head.h"
#include "instance.h"
#include "storage.h"
#include "supervisor.h"
#include "transfer.h"

enum { PROBLEM = 512 };

/* What is said to a worker whose wish is not granted. */
struct refusal {
	enum frame_reason reason;
	char text[PROBLEM];
};

static bool is_pool(const struct supervisor *s, const struct head_entry *name)
{
	for (size_t i = 0; i < s->spec->worker_count; i++) {
		if (strlen(s->spec->workers[i].name) == name->value_size &&
		    memcmp(s->spec->workers[i].name, name->value, name->value_size) == 0)
			return true;
	}
	return false;
}

static const struct callee *find_callee(const struct worker_spec *w, const struct head_entry *name)
{
	for (size_t i = 0; i < w->calls.count; i++) {
		const struct callee *c = &w->calls.callees[i];

		if (strlen(c->name) == name->value_size && memcmp(c->name, name->value, name->value_size) == 0)
			return c;
	}
	return NULL;
}

/* " (/etc/brood.ini:12)": where the list stands, or the section that has none. */
static void write_place(const struct instance *i, char *out, size_t size)
{
	const struct key *key = key_find(KEY_worker, "calls");
	struct place place = config_origin(i->s->config, key, instance_worker(i)->pool);

	if (!place.file)
		place = config_section_place(i->s->config, KEY_worker, instance_worker(i)->pool);
	out[0] = '\0';
	if (place.file)
		snprintf(out, size, " (%.300s:%u)", place.file, place.line);
}

static void deny(const struct instance *i, const struct head_entry *name, struct refusal *out)
{
	const struct worker_spec *w = instance_worker(i)->spec;
	char place[320];

	if (!is_pool(i->s, name)) {
		out->reason = REASON_NO_POOL;
		snprintf(out->text, sizeof(out->text), "no worker is named '%.*s'",
			 name->value_size < SPEC_NAME_MOST ? (int)name->value_size : SPEC_NAME_MOST, name->value);
		return;
	}
	write_place(i, place, sizeof(place));
	out->reason = REASON_DENIED;
	snprintf(out->text, sizeof(out->text), "%s may not call %.*s: it is not in calls of [worker:%s]%s", w->name,
		 (int)name->value_size, name->value, w->name, place);
}

/* How many it has; it does not matter how many more than `most`. */
static uint32_t connections_of(const struct instance *i, uint32_t entrance, uint32_t most)
{
	const struct ledger *l = &i->s->fleet.ledger;
	uint32_t count = 0;

	for (uint32_t n = storage_first_inner(i->s->spec); n < l->caller_count && count < most; n++) {
		const struct caller *c = &l->callers[n];

		count += c->is_open && c->caller == i->index && c->endpoint == entrance;
	}
	return count;
}

static bool has_room(const struct instance *i, const struct callee *c, struct refusal *out)
{
	const struct worker_spec *w = instance_worker(i)->spec;
	uint32_t count = connections_of(i, c->entrance, w->call_connections);
	char name[64];

	if (count < w->call_connections)
		return true;
	out->reason = REASON_OVERLOADED;
	snprintf(out->text, sizeof(out->text), "%s has %u connections to %s, call_connections of [worker:%s] is %u",
		 instance_name(i, name, sizeof(name)), count, c->name, w->name, w->call_connections);
	return false;
}

/* Who writes is told by the kernel with each message (see link: only_from); an instance of a pool need not ask. */
static bool make_pair(int ends[2], struct refusal *out)
{
	int on = 1;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0) {
		if (setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0)
			return true;
		close(ends[0]);
		close(ends[1]);
	}
	out->reason = REASON_INTERNAL;
	snprintf(out->text, sizeof(out->text), "brood cannot make a socketpair: %s", strerror(errno));
	return false;
}

/* As it was spawned: nothing that it says itself. */
static struct peer peer_of(const struct instance *i)
{
	const struct worker_spec *w = instance_worker(i)->spec;
	struct peer p = PEER_INIT;

	p.uid = w->user.is_set ? w->user.uid : geteuid();
	p.gid = w->group.is_set ? w->group.gid : w->user.is_set ? w->user.gid : getegid();
	p.pid = i->pid;
	return p;
}

static void open_end(struct instance *i, const struct callee *c, int fd)
{
	const struct peer peer = peer_of(i);

	if (c->is_direct)
		transfer_open_of_worker(i->s, c->entrance, fd, &peer, i->index);
	else
		client_open_of_worker(i->s, c->entrance, fd, &peer, i->index);
}

static bool refuse(struct instance *i, uint32_t id, const struct refusal *r)
{
	uint8_t block[PROBLEM + 16];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	bool fits = head_add_text(&w, ":error", r->text);

	return channel_owe(i, &(struct frame){.type = FRAME_REPLY,
					      .flags = FLAG_EOS | FLAG_NOT_PROCESSED,
					      .id = id,
					      .arg = frame_status_of(r->reason),
					      .head = block,
					      .head_size = fits ? (uint32_t)w.size : 0});
}

/* Sends the worker's end. The descriptor is taken. */
static bool grant(struct instance *i, uint32_t id, int fd)
{
	struct fds *fds = fds_new(&fd, 1);
	bool goes_on;

	if (!fds)
		return refuse(i, id, &(struct refusal){REASON_INTERNAL, "brood has no memory for a connection"});
	goes_on = channel_owe(
		i, &(struct frame){.type = FRAME_REPLY, .flags = FLAG_EOM | FLAG_EOS, .id = id, .nfds = 1, .fds = fds});
	fds_unref(fds);
	return goes_on;
}

bool liaison_ask(struct instance *i, const struct frame *f)
{
	struct head_entry name = {.value = "", .value_size = 0};
	const struct callee *c;
	struct refusal why = {.reason = REASON_NONE};
	int ends[2];

	(void)head_find(f->head, f->head_size, ":pool", &name);
	c = find_callee(instance_worker(i)->spec, &name);
	if (!c)
		deny(i, &name, &why);
	if (!c || !has_room(i, c, &why) || !make_pair(ends, &why))
		return refuse(i, f->id, &why);
	open_end(i, c, ends[0]);
	return grant(i, f->id, ends[1]);
}

void liaison_end(struct instance *i)
{
	struct supervisor *s = i->s;

	if (instance_worker(i)->spec->calls.count == 0)
		return;
	for (uint32_t n = storage_first_inner(s->spec); n < s->fleet.ledger.caller_count; n++) {
		if (s->clients[n] && s->clients[n]->worker == i->index)
			client_close(s->clients[n]);
	}
	transfer_caller_gone(s, i->index);
}
