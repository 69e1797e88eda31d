/* duo: one handle, one peer, one thread. */
#include "duo.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

pid_t duo_parent;

pid_t __real_getppid(void);
pid_t __wrap_getppid(void);

pid_t __wrap_getppid(void)
{
	return duo_parent ? duo_parent : __real_getppid();
}

void duo_pair(int fds[2])
{
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), errno);
}

void duo_channel(int in, int out)
{
	char text[32];

	if (in == out)
		snprintf(text, sizeof(text), "%d", in);
	else
		snprintf(text, sizeof(text), "%d,%d", in, out);
	assert_return_code(setenv(BROOD_ENV_CHANNEL, text, 1), errno);
	duo_parent = getpid();
}

void duo_worker_with(struct duo *d, brood_handler handler, void *user,
		     const struct brood_worker_options *options, const struct hello *offer)
{
	int fds[2];

	duo_pair(fds);
	duo_channel(fds[1], fds[1]);
	peer_end_open(&d->peer, fds[0], fds[0]);
	peer_end_greet(&d->peer, FRAME_HELLO, offer);
	assert_rc(0, brood_worker_open(&d->b, handler, user, options));
	duo_skip(d, FRAME_WELCOME);
	duo_skip(d, handler ? FRAME_SLOTS : FRAME_STATUS);
}

void duo_worker(struct duo *d, brood_handler handler, void *user,
		const struct brood_worker_options *options)
{
	struct hello offer = peer_end_offer();

	duo_worker_with(d, handler, user, options, &offer);
}

void duo_client_with(struct duo *d, const struct brood_client_options *options,
		     const struct hello *offer)
{
	char address[32];
	int fds[2];

	duo_pair(fds);
	snprintf(address, sizeof(address), "fd:%d", fds[1]);
	peer_end_open(&d->peer, fds[0], fds[0]);
	peer_end_greet(&d->peer, FRAME_WELCOME, offer); /* it is read when HELLO has been sent */
	assert_rc(0, brood_connect(&d->b, address, options));
	duo_skip(d, FRAME_HELLO);
}

void duo_client(struct duo *d, const struct brood_client_options *options)
{
	struct hello offer = peer_end_offer();

	duo_client_with(d, options, &offer);
}

static int connect_again(const char *address, void *user)
{
	struct hello offer = peer_end_offer();
	struct duo *d = user;
	int fds[2];

	(void)address;
	if (d->connect_rc < 0)
		return d->connect_rc;
	if (d->connects++ > 0)
		peer_end_close(&d->peer);
	duo_pair(fds);
	peer_end_open(&d->peer, fds[0], fds[0]);
	peer_end_greet(&d->peer, FRAME_WELCOME, &offer);
	return fds[1];
}

void duo_client_again(struct duo *d, const struct brood_client_options *options)
{
	struct brood_client_options o = {0};

	if (options)
		o = *options;
	o.connect = connect_again;
	o.user = d;
	d->connects = 0;
	d->connect_rc = 0;
	assert_rc(0, brood_connect(&d->b, "again", &o));
	duo_skip(d, FRAME_HELLO);
}

void duo_close(struct duo *d)
{
	struct message *m;

	peer_end_hear(&d->peer);
	m = peer_end_take(&d->peer);
	if (m)
		fail_msg("%s id %u was not expected", frame_type_name(m->frame.type), m->frame.id);
	brood_close(d->b);
	d->b = NULL;
	peer_end_close(&d->peer);
}

static bool has_more(const brood_t *b)
{
	struct pollfd p = {.fd = b->read_ended ? -1 : b->in, .events = POLLIN};

	return p.fd >= 0 && poll(&p, 1, 0) > 0;
}

int duo_step(struct duo *d)
{
	int rc;

	do
		rc = brood_process(d->b);
	while (peer_end_hear(&d->peer) > 0 || (rc == 0 && has_more(d->b)));
	return rc;
}

struct message *duo_expect(struct duo *d, uint8_t type)
{
	struct message *m = peer_end_take(&d->peer);

	if (!m) {
		(void)duo_step(d);
		m = peer_end_take(&d->peer);
	}
	if (!m)
		fail_msg("expected %s, nothing came", frame_type_name(type));
	else if (m->frame.type != type)
		fail_msg("expected %s, got %s id %u arg 0x%x", frame_type_name(type),
			 frame_type_name(m->frame.type), m->frame.id, m->frame.arg);
	return m;
}

void duo_skip(struct duo *d, uint8_t type)
{
	message_free(duo_expect(d, type));
}

void duo_expect_silence(struct duo *d)
{
	struct message *m;

	(void)duo_step(d);
	m = peer_end_take(&d->peer);
	if (m)
		fail_msg("%s id %u was not expected", frame_type_name(m->frame.type), m->frame.id);
}
