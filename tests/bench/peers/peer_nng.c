/* peer_nng: nng's request and reply, a context for each call at once. */
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"

enum { CONTEXTS = 64 };

static void must(int rc, const char *what)
{
	if (rc != 0)
		peer_die(what, nng_strerror(rc));
}

static void address_of(const char *path, char *out, size_t size)
{
	snprintf(out, size, "ipc://%s", path);
}

/* ------------------------------------------------------------------ server */

struct service {
	nng_ctx context;
	nng_aio *aio;
	int is_sending;
};

static void serve_next(void *user)
{
	struct service *s = user;

	must(nng_aio_result(s->aio), "nng, serving");
	s->is_sending = !s->is_sending;
	if (s->is_sending)
		nng_ctx_send(s->context, s->aio); /* the message that came is in it */
	else
		nng_ctx_recv(s->context, s->aio);
}

void peer_serve(const char *path)
{
	static struct service services[CONTEXTS];
	char address[512];
	nng_socket socket;

	address_of(path, address, sizeof(address));
	must(nng_rep0_open(&socket), "nng_rep0_open");
	must(nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, 0), "nng");
	for (int i = 0; i < CONTEXTS; i++) {
		must(nng_ctx_open(&services[i].context, socket), "nng_ctx_open");
		must(nng_aio_alloc(&services[i].aio, serve_next, &services[i]), "nng_aio_alloc");
		nng_ctx_recv(services[i].context, services[i].aio);
	}
	must(nng_listen(socket, address, NULL, 0), "nng_listen");
	for (;;)
		pause();
}

/* ------------------------------------------------------------------ client */

struct caller {
	struct peer_run *run;
	unsigned place;
	nng_ctx context;
	nng_aio *aio;
	int is_sending;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static unsigned open_calls; /* lock */

static nng_msg *new_message(const struct peer_run *r, const void *body)
{
	nng_msg *m;

	must(nng_msg_alloc(&m, r->size), "nng_msg_alloc");
	memcpy(nng_msg_body(m), body, r->size);
	return m;
}

/* With the lock held. */
static void start_call(struct caller *c)
{
	const void *body = peer_start(c->run, c->place);

	if (!body) {
		open_calls--;
		pthread_cond_signal(&ended);
		return;
	}
	c->is_sending = 1;
	nng_aio_set_msg(c->aio, new_message(c->run, body));
	nng_ctx_send(c->context, c->aio);
}

static void call_next(void *user)
{
	struct caller *c = user;
	nng_msg *m;

	must(nng_aio_result(c->aio), "nng, calling");
	if (c->is_sending) {
		c->is_sending = 0;
		nng_ctx_recv(c->context, c->aio);
		return;
	}
	m = nng_aio_get_msg(c->aio);
	pthread_mutex_lock(&lock);
	peer_answered(c->run, c->place, nng_msg_body(m), nng_msg_len(m));
	nng_msg_free(m);
	start_call(c);
	pthread_mutex_unlock(&lock);
}

/* One at a time needs no contexts, and no other threads to answer in. */
static void run_one(struct peer_run *r, nng_socket socket)
{
	const void *body;

	while ((body = peer_start(r, 0)) != NULL) {
		nng_msg *m = new_message(r, body);

		must(nng_sendmsg(socket, m, 0), "nng_sendmsg");
		must(nng_recvmsg(socket, &m, 0), "nng_recvmsg");
		peer_answered(r, 0, nng_msg_body(m), nng_msg_len(m));
		nng_msg_free(m);
	}
}

static void run_flight(struct peer_run *r, nng_socket socket)
{
	static struct caller callers[CONTEXTS];

	pthread_mutex_lock(&lock);
	open_calls = r->flight;
	for (unsigned i = 0; i < r->flight; i++) {
		struct caller *c = &callers[i];

		*c = (struct caller){.run = r, .place = i};
		must(nng_ctx_open(&c->context, socket), "nng_ctx_open");
		must(nng_aio_alloc(&c->aio, call_next, c), "nng_aio_alloc");
		start_call(c);
	}
	while (open_calls > 0)
		pthread_cond_wait(&ended, &lock);
	pthread_mutex_unlock(&lock);
}

void peer_load(struct peer_run *r)
{
	char address[512];
	nng_socket socket;

	address_of(r->path, address, sizeof(address));
	must(nng_req0_open(&socket), "nng_req0_open");
	must(nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, 0), "nng");
	must(nng_dial(socket, address, NULL, 0), "nng_dial");
	peer_begin(r);
	if (r->flight == 1)
		run_one(r, socket);
	else
		run_flight(r, socket);
}
