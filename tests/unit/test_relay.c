/*
 * relay: a client through a relay that delays, splits and glues; and through a storm of signals.
 *
 * The relay is a thread between two socketpairs, given to the client by options.connect.
 */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "dice.h"

enum { CALLS = 400, BODY_MOST = 300000 };

/* One direction of the relay: bytes that were taken and not given on yet. */
struct way {
	int from;
	int to;
	uint8_t held[3000];
	size_t size;
};

static struct relay {
	struct dice dice;
	struct way ways[2];
	int closed; /* directions that have ended */
} relay;

static struct peer_end server;
static uint8_t body[BODY_MOST];

/* Gives on some of what is held, or takes some more. */
static void move(struct relay *r, struct way *w)
{
	size_t wanted = 1 + dice_below(&r->dice, dice_once_in(&r->dice, 3) ? 7 : sizeof(w->held));
	ssize_t n;

	if (w->size > 0 && dice_once_in(&r->dice, 2)) {
		n = send(w->to, w->held, wanted < w->size ? wanted : w->size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			w->size -= (size_t)n;
			memmove(w->held, w->held + n, w->size);
		}
		return;
	}
	if (w->from < 0 || w->size == sizeof(w->held))
		return;
	if (wanted > sizeof(w->held) - w->size)
		wanted = sizeof(w->held) - w->size;
	n = recv(w->from, w->held + w->size, wanted, MSG_DONTWAIT);
	if (n > 0)
		w->size += (size_t)n;
	if (n == 0)
		w->from = -1;
}

static void *pass_on(void *user)
{
	struct relay *r = user;

	while (r->closed < 2) {
		struct pollfd p[2] = {{.fd = r->ways[0].from, .events = POLLIN},
				      {.fd = r->ways[1].from, .events = POLLIN}};

		if (r->ways[0].size == 0 && r->ways[1].size == 0)
			(void)poll(p, 2, -1);
		for (size_t i = 0; i < 2; i++) {
			struct way *w = &r->ways[i];

			move(r, w);
			if (w->from < 0 && w->size == 0 && w->to >= 0) {
				shutdown(w->to, SHUT_WR);
				w->to = -1;
				r->closed++;
			}
		}
	}
	return NULL;
}

/* Answers each call with its own body, in pieces. */
static void *serve(void *user)
{
	struct hello offer = peer_end_offer();
	struct message *m;

	(void)user;
	peer_end_skip(&server, FRAME_HELLO);
	peer_end_greet(&server, FRAME_WELCOME, &offer);
	while ((m = peer_end_wait(&server))) {
		const struct frame *f = &m->frame;

		if (f->type == FRAME_DATA || (f->type == FRAME_CALL && !(f->flags & FLAG_EOM))) {
			peer_end_say(&server, FRAME_WINDOW, 0, f->body_size);
			if (!(f->flags & FLAG_EOM))
				peer_end_say(&server, FRAME_WINDOW, f->id, f->body_size);
		}
		if (f->type == FRAME_CALL || f->type == FRAME_DATA) {
			bool last = f->flags & FLAG_EOM;

			peer_end_frame(&server, &(struct frame){
							.type = last ? FRAME_REPLY : FRAME_DATA,
							.flags = last ? FLAG_EOM | FLAG_EOS : 0,
							.id = f->id,
							.body = f->body,
							.body_size = f->body_size});
		}
		message_free(m);
	}
	peer_end_close(&server);
	return NULL;
}

static pthread_t threads[2];
static int ends[4];

static int connect_relay(const char *address, void *user)
{
	int small = 2000;

	(void)address;
	(void)user;
	duo_pair(ends);
	duo_pair(ends + 2);
	for (size_t i = 0; i < 4; i++)
		assert_return_code(setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), errno);
	relay.ways[0] = (struct way){.from = ends[1], .to = ends[2]};
	relay.ways[1] = (struct way){.from = ends[2], .to = ends[1]};
	relay.closed = 0;
	peer_end_open(&server, ends[3], ends[3]);
	assert_int_equal(pthread_create(&threads[0], NULL, pass_on, &relay), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, serve, NULL), 0);
	return ends[0];
}

static unsigned answered;

static void check(const struct brood_answer *a, size_t size)
{
	assert_int_equal(a->code, BROOD_OK);
	assert_int_equal(a->body_size, size);
	if (size > 0)
		assert_memory_equal(a->body, body, size);
}

static void take(uint32_t id, const struct brood_answer *answer, void *user)
{
	(void)id;
	check(answer, (size_t)(uintptr_t)user);
	answered++;
}

static size_t some_size(struct dice *dice)
{
	if (dice_once_in(dice, 40))
		return dice_below(dice, BODY_MOST);
	return dice_below(dice, dice_once_in(dice, 4) ? 5000 : 50);
}

static void converse(struct dice *dice)
{
	brood_t *b;

	answered = 0;
	for (size_t i = 0; i < BODY_MOST; i++)
		body[i] = (uint8_t)(i ^ i >> 8 ^ i >> 16);
	assert_rc(0, brood_connect(&b, "relay", &(struct brood_client_options){.connect = connect_relay,
									     .timeout = -1}));
	for (unsigned i = 0; i < CALLS; i++) {
		size_t size = some_size(dice);
		struct brood_answer a;

		if (dice_once_in(dice, 2)) {
			assert_rc(0, brood_call(b, "m", body, size, NULL, &a));
			check(&a, size);
			brood_answer_free(&a);
			answered++;
		} else {
			int rc = brood_call_start(b, "m", body, size, NULL, take, (void *)(uintptr_t)size, NULL);

			assert_rc(0, rc);
		}
	}
	assert_rc(0, brood_flush(b, BROOD_FLUSH_SENT, -1));
	brood_stop(b);
	assert_rc(0, brood_run(b));
	assert_int_equal(answered, CALLS);
	brood_close(b);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	close(ends[1]);
	close(ends[2]);
}

static void a_relay_that_splits_and_delays_makes_no_difference(void **state)
{
	struct dice dice = dice_open();

	(void)state;
	relay.dice = dice;
	converse(&dice);
}

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static void signals_at_any_moment_make_no_difference(void **state)
{
	struct sigaction action = {.sa_handler = on_signal}; /* without SA_RESTART */
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2};
	struct itimerspec often = {.it_value = {.tv_nsec = 200000}, .it_interval = {.tv_nsec = 200000}};
	struct dice dice = dice_open();
	timer_t timer;

	(void)state;
	relay.dice = dice;
	assert_return_code(sigaction(SIGUSR2, &action, NULL), errno);
	event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	assert_return_code(timer_create(CLOCK_MONOTONIC, &event, &timer), errno);
	assert_return_code(timer_settime(timer, 0, &often, NULL), errno);
	converse(&dice);
	timer_delete(timer);
	assert_true(signals > 10);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_relay_that_splits_and_delays_makes_no_difference),
	cmocka_unit_test(signals_at_any_moment_make_no_difference),
};

CHECK_MAIN(tests)
