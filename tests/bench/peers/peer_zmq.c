/* peer_zmq: ZeroMQ, a dealer that calls a router; messages are sent back without a copy. */
#include <zmq.h>

#include <errno.h>
#include <stdio.h>

#include "peer.h"

static void must(int rc, const char *what)
{
	if (rc < 0)
		peer_die(what, zmq_strerror(errno));
}

static void *open_socket(int kind)
{
	void *context = zmq_ctx_new();
	void *socket = context ? zmq_socket(context, kind) : NULL;

	if (!socket)
		peer_die("zmq_socket", zmq_strerror(errno));
	return socket;
}

static void address_of(const char *path, char *out, size_t size)
{
	snprintf(out, size, "ipc://%s", path);
}

void peer_serve(const char *path)
{
	char address[512];
	void *socket = open_socket(ZMQ_ROUTER);

	address_of(path, address, sizeof(address));
	must(zmq_bind(socket, address), "zmq_bind");
	for (;;) {
		zmq_msg_t who;
		zmq_msg_t body;

		zmq_msg_init(&who);
		zmq_msg_init(&body);
		must(zmq_msg_recv(&who, socket, 0), "zmq_msg_recv");
		must(zmq_msg_recv(&body, socket, 0), "zmq_msg_recv");
		must(zmq_msg_send(&who, socket, ZMQ_SNDMORE), "zmq_msg_send");
		must(zmq_msg_send(&body, socket, 0), "zmq_msg_send");
	}
}

void peer_load(struct peer_run *r)
{
	char address[512];
	void *socket = open_socket(ZMQ_DEALER);
	unsigned open = 0;
	const void *body;

	address_of(r->path, address, sizeof(address));
	must(zmq_connect(socket, address), "zmq_connect");
	peer_begin(r);
	for (; open < r->flight && (body = peer_start(r, open)) != NULL; open++)
		must(zmq_send(socket, body, r->size, 0), "zmq_send");
	/* one server, one connection: answers come in the order of the calls */
	for (unsigned place = 0; open > 0; place = (place + 1) % r->flight) {
		zmq_msg_t answer;

		zmq_msg_init(&answer);
		must(zmq_msg_recv(&answer, socket, 0), "zmq_msg_recv");
		peer_answered(r, place, zmq_msg_data(&answer), zmq_msg_size(&answer));
		zmq_msg_close(&answer);
		open--;
		body = peer_start(r, place);
		if (body) {
			must(zmq_send(socket, body, r->size, 0), "zmq_send");
			open++;
		}
	}
}
