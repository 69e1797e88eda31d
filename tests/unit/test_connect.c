/* connect: addresses, waiting, refusals, and the handshake of a client. */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "room.h"

int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);

/* The client pauses between two attempts: the world may change meanwhile. */
static struct {
	unsigned pauses;
	unsigned change_at; /* with this pause */
	void (*change)(void);
} world;

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (!fds && ++world.pauses == world.change_at)
		world.change();
	return __real_poll(fds, count, timeout);
}

/* A server in a thread: takes one connection and does what the script says. */
static struct {
	struct peer_end peer;
	int listener;
	void (*script)(struct peer_end *peer);
	pthread_t thread;
} server;

static void *serve(void *user)
{
	(void)user;
	peer_end_accept(&server.peer, server.listener);
	server.script(&server.peer);
	return NULL;
}

static void start_server(void (*script)(struct peer_end *peer))
{
	server.script = script;
	server.listener = peer_end_listen(room_at("socket"), 4);
	assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
}

static void stop_server(void)
{
	pthread_join(server.thread, NULL);
	peer_end_close(&server.peer);
	close(server.listener);
	unlink(room_at("socket"));
}

static void welcome(struct peer_end *peer)
{
	struct hello offer = peer_end_offer();

	peer_end_skip(peer, FRAME_HELLO);
	peer_end_greet(peer, FRAME_WELCOME, &offer);
}

static int begin(void **state)
{
	memset(&world, 0, sizeof(world));
	if (room_make(state) != 0)
		return -1;
	if (!room_is_safe())
		fprintf(stderr, "skipped: /tmp is not as it is everywhere\n");
	return 0;
}

static const struct brood_client_options soon = {.timeout = 30};

static void assert_says(int rc, const char *address, const struct brood_client_options *options,
			const char *text)
{
	brood_t *b = (brood_t *)&world;

	assert_rc(rc, brood_connect(&b, address, options));
	assert_null(b);
	if (!strstr(brood_error(), text))
		fail_msg("'%s' does not tell '%s'", brood_error(), text);
}

/* Nothing leaks; a server in another thread may have the number for a moment. */
static void assert_no_leak(int fd)
{
	int64_t until = now_ms() + 5000;

	while (room_lowest_fd() != fd && now_ms() < until)
		(void)usleep(1000);
	assert_int_equal(room_lowest_fd(), fd);
}

static void assert_fails(int rc, const char *address, const struct brood_client_options *options,
			 const char *text)
{
	int fd = room_lowest_fd();

	assert_says(rc, address, options, text);
	assert_no_leak(fd);
}

static brood_t *connect_to(const char *address, const struct brood_client_options *options)
{
	brood_t *b;

	assert_rc(0, brood_connect(&b, address, options));
	assert_int_equal(brood_calls_allowed(b), BROOD_CLIENT_SLOTS);
	assert_int_equal(brood_calls_open(b), 0);
	return b;
}

static void where_nobody_listens_is_told(void **state)
{
	int fd;

	(void)state;
	assert_fails(-ENOENT, room_at("socket"), NULL, "/socket: No such file or directory");
	assert_fails(-ENOENT, room_at("no/socket"), NULL, "/no does not exist");
	close(peer_end_listen(room_at("stale"), 1));
	assert_fails(-ECONNREFUSED, room_at("stale"), NULL, "Connection refused");
	fd = open(room_at("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_return_code(fd, errno);
	close(fd);
	assert_fails(-ECONNREFUSED, room_at("file"), NULL, "Connection refused");
	assert_int_equal(world.pauses, 0);
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {"", "socket", "tcp:127.0.0.1:80", "http://x", "fd", "unix",
					  "UNIX:/x", " /x"};
	static const char *const no_name[] = {"/", "unix:/", "/tmp/", "unix:", "./", "unix:/tmp/x/"};
	static const char *const no_fd[] = {"fd:", "fd:x", "fd:-1", "fd: 3", "fd:3 ", "fd:+3", "fd:0x3",
					    "fd:987", "fd:2147483648", "fd:99999999999999999999"};
	char path[6000] = "/";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(-EINVAL, bad[i], NULL, "the address is none of unix:PATH, /PATH, fd:N");
	for (size_t i = 0; i < sizeof(no_name) / sizeof(no_name[0]); i++)
		assert_fails(-EINVAL, no_name[i], NULL, "that names no socket, write unix:PATH");
	for (size_t i = 0; i < sizeof(no_fd) / sizeof(no_fd[0]); i++)
		assert_fails(-EBADF, no_fd[i], NULL, "not an open descriptor");
	memset(path + 1, 'x', sizeof(path) - 2);
	assert_fails(-ENAMETOOLONG, path, NULL, "its path has 5999 bytes, at most 4095 are allowed");
	path[150] = '\0';
	assert_fails(-ENAMETOOLONG, path, NULL, "the socket's name has 149 bytes, too many for a socket");
}

static void wrong_options_are_refused(void **state)
{
	(void)state;
	assert_fails(-ENOENT, "/x", &(struct brood_client_options){.expect_user = "nobody at all"},
		     "no such user");
	assert_fails(-EINVAL, "/x", &(struct brood_client_options){.expect_user = "4294967295"},
		     "not a user id");
}

static void all_forms_of_an_address_lead_there(void **state)
{
	char absolute[128];
	char before[256];
	const char *const forms[] = {absolute + 5, absolute, "unix:socket", "./socket", "unix:./socket",
				     "unix:../here/socket", ".//socket"};

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_return_code(mkdir(room_at("here"), 0700), errno);
	assert_return_code(chdir(room_at("here")), errno);
	snprintf(absolute, sizeof(absolute), "unix:%s", room_at("here/socket"));
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		server.script = welcome;
		server.listener = peer_end_listen(room_at("here/socket"), 4);
		assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
		brood_close(connect_to(forms[i], NULL));
		stop_server();
		unlink(room_at("here/socket"));
	}
	assert_return_code(chdir(before), errno);
}

static void a_long_directory_is_no_obstacle(void **state)
{
	char directory[400];
	char path[500];
	char before[256];
	size_t used = (size_t)snprintf(directory, sizeof(directory), "%s", room_path);

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	for (int i = 0; i < 5; i++) {
		used += (size_t)snprintf(directory + used, sizeof(directory) - used, "/%050d", i);
		assert_return_code(mkdir(directory, 0700), errno);
	}
	assert_return_code(chdir(directory), errno);
	server.script = welcome;
	server.listener = peer_end_listen("socket", 4);
	assert_return_code(chdir(before), errno);
	assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
	snprintf(path, sizeof(path), "%s/socket", directory);
	brood_close(connect_to(path, NULL));
	stop_server();
}

static void hello_tells_who_we_are(void **state)
{
	struct hello offer = peer_end_offer();
	struct peer_end peer;
	struct message *m;
	struct hello h;
	const char *value;
	char address[16];
	size_t size;
	int fds[2];

	(void)state;
	duo_pair(fds);
	snprintf(address, sizeof(address), "fd:%d", fds[1]);
	peer_end_open(&peer, fds[0], fds[0]);
	peer_end_greet(&peer, FRAME_WELCOME, &offer);
	brood_close(connect_to(address, &(struct brood_client_options){.max_message = 54321}));
	m = peer_end_expect(&peer, FRAME_HELLO);
	assert_int_equal(hello_read(m->frame.body, m->frame.body_size, &h), HELLO_OK);
	assert_int_equal(h.version_min, BROOD_VERSION_MIN);
	assert_int_equal(h.version_max, BROOD_VERSION_MAX);
	assert_int_equal(h.max_message, 54321);
	assert_true(hello_find(&h, "pid", &value, &size));
	assert_true(hello_find(&h, "sdk", &value, &size));
	assert_true(hello_find(&h, "language", &value, &size));
	message_free(m);
	peer_end_close(&peer);
}

static void what_the_server_tells_about_itself_is_known(void **state)
{
	struct hello offer = peer_end_offer();
	struct brood_peer other;
	struct duo d;

	(void)state;
	offer.lines = "name=app\npool=thumbs\ncall_timeout_ms=4000\n";
	offer.lines_size = strlen(offer.lines);
	offer.max_message = 777;
	duo_client_with(&d, NULL, &offer);
	assert_text("app", brood_info(d.b, "name"));
	assert_text("thumbs", brood_info(d.b, "pool"));
	assert_int_equal(d.b->call_timeout, 4000);
	assert_int_equal(brood_max_message(d.b), 777);
	brood_peer_of(d.b, &other);
	assert_int_equal(other.uid, geteuid());
	assert_int_equal(other.gid, getegid());
	assert_int_equal(other.pid, getpid());
	duo_close(&d);
}

static void a_call_timeout_that_makes_no_sense_is_none(void **state)
{
	static const char *const values[] = {"", "x", "-5", "0", "99999999999", "2147483648",
					     "-9223372036854775808"};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct hello offer = peer_end_offer();
		char line[64];
		struct duo d;

		offer.lines_size = (size_t)snprintf(line, sizeof(line), "call_timeout_ms=%s\n", values[i]);
		offer.lines = line;
		duo_client_with(&d, NULL, &offer);
		assert_int_equal(d.b->call_timeout, 0);
		duo_close(&d);
	}
}

static void say_nothing(struct peer_end *peer)
{
	peer_end_skip(peer, FRAME_HELLO);
	peer_end_expect_end(peer);
}

static void a_server_that_never_answers_is_left_in_time(void **state)
{
	int fd = room_lowest_fd();
	int64_t before = now_ms();

	(void)state;
	start_server(say_nothing);
	assert_says(-ETIMEDOUT, room_at("socket"), &(struct brood_client_options){.timeout = 50}, "in time");
	assert_in_range(now_ms() - before, 50, 5000);
	stop_server();
	assert_no_leak(fd); /* the server holds its end as long as it lives */
}

static int fill_backlog(int fds[8])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int count = 0;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", room_at("socket"));
	for (; count < 8; count++) {
		fds[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (connect(fds[count], (struct sockaddr *)&address, sizeof(address)) < 0)
			break;
	}
	assert_in_range(count, 1, 7);
	assert_int_equal(errno, EAGAIN);
	return count + 1;
}

static void a_full_backlog_is_waited_for_only_so_long(void **state)
{
	int fds[8];
	int listener = peer_end_listen(room_at("socket"), 0);
	int count = fill_backlog(fds);
	int64_t before = now_ms();

	(void)state;
	assert_fails(-ETIMEDOUT, room_at("socket"), &(struct brood_client_options){.timeout = 50},
		     "Connection timed out");
	assert_in_range(now_ms() - before, 40, 5000);
	while (count > 0)
		close(fds[--count]);
	close(listener);
}

static void *accept_until_ours(void *user)
{
	struct hello offer = peer_end_offer();
	int others = *(int *)user;

	for (int i = 0; i < others; i++) {
		peer_end_accept(&server.peer, server.listener);
		peer_end_close(&server.peer);
	}
	peer_end_accept(&server.peer, server.listener);
	peer_end_skip(&server.peer, FRAME_HELLO);
	peer_end_greet(&server.peer, FRAME_WELCOME, &offer);
	return NULL;
}

static void room_in_the_backlog_is_waited_for(void **state)
{
	int fds[8];
	int count;
	int others;

	(void)state;
	server.listener = peer_end_listen(room_at("socket"), 0);
	count = fill_backlog(fds);
	others = count - 1;
	assert_int_equal(pthread_create(&server.thread, NULL, accept_until_ours, &others), 0);
	brood_close(connect_to(room_at("socket"), &(struct brood_client_options){.timeout = -1}));
	stop_server();
	while (count > 0)
		close(fds[--count]);
}

static void appear(void)
{
	start_server(welcome);
}

static void retry_waits_for_the_server_to_appear(void **state)
{
	(void)state;
	world.change = appear;
	world.change_at = 3;
	brood_close(connect_to(room_at("socket"), &(struct brood_client_options){.retry = 30000}));
	assert_int_equal(world.pauses, 3);
	stop_server();
}

static void replace_the_stale_one(void)
{
	unlink(room_at("socket"));
	appear();
}

static void retry_waits_for_a_stale_socket_to_be_replaced(void **state)
{
	(void)state;
	close(peer_end_listen(room_at("socket"), 1));
	world.change = replace_the_stale_one;
	world.change_at = 2;
	brood_close(connect_to(room_at("socket"), &(struct brood_client_options){.retry = 30000}));
	stop_server();
}

static void waiting_for_the_server_does_not_use_up_the_time_for_the_handshake(void **state)
{
	(void)state;
	world.change = appear;
	world.change_at = 6; /* by then far more than the timeout has passed */
	brood_close(connect_to(room_at("socket"),
			       &(struct brood_client_options){.retry = 30000, .timeout = 150}));
	assert_int_equal(world.pauses, 6);
	stop_server();
}

static void retry_ends_as_well(void **state)
{
	int64_t before = now_ms();

	(void)state;
	assert_fails(-ENOENT, room_at("socket"), &(struct brood_client_options){.retry = 50},
		     "No such file or directory");
	assert_in_range(now_ms() - before, 30, 5000);
	assert_in_range(world.pauses, 2, 8);
	world.pauses = 0;
	assert_fails(-ENOENT, room_at("socket"), &(struct brood_client_options){.retry = -1}, "");
	assert_int_equal(world.pauses, 0);
}

static void retry_is_not_for_other_failures(void **state)
{
	(void)state;
	assert_fails(-EINVAL, "nonsense", &(struct brood_client_options){.retry = 30000}, "none of");
	start_server(say_nothing);
	assert_fails(-ETIMEDOUT, room_at("socket"),
		     &(struct brood_client_options){.retry = 30000, .timeout = 20}, "in time");
	stop_server();
	assert_int_equal(world.pauses, 0);
}

static void the_ways_a_server_can_refuse(void **state)
{
	static const struct {
		enum frame_reason reason;
		int rc;
	} ends[] = {{REASON_NONE, -ECONNRESET},         {REASON_DRAINING, -ECONNRESET},
		    {REASON_VERSION, -EPROTONOSUPPORT},  {REASON_PROTOCOL, -EPROTO},
		    {REASON_DENIED, -EACCES},            {REASON_UNAUTHENTICATED, -EACCES},
		    {REASON_OVERLOADED, -EBUSY},         {REASON_DEADLINE, -ETIMEDOUT}};
	uint8_t block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};

	(void)state;
	assert_true(head_add_text(&w, ":error", "not on Sundays"));
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct peer_end peer;
		char address[16];
		int fds[2];

		duo_pair(fds);
		peer_end_open(&peer, fds[0], fds[0]);
		peer_end_frame(&peer, &(struct frame){.type = FRAME_GOAWAY,
						      .arg = ends[i].reason,
						      .head = block,
						      .head_size = (uint32_t)w.size});
		snprintf(address, sizeof(address), "fd:%d", fds[1]);
		{
			brood_t *b;

			assert_rc(ends[i].rc, brood_connect(&b, address, NULL));
			assert_non_null(strstr(brood_error(), "not on Sundays"));
		}
		assert_int_equal(fcntl(fds[1], F_GETFD), -1); /* it was taken */
		peer_end_skip(&peer, FRAME_HELLO);
		peer_end_close(&peer);
	}
}

/* A client of a socketpair on which these bytes wait already. */
static void assert_greeting_fails(const struct frame *f, size_t cut, int rc, const char *text, uint32_t goaway)
{
	struct peer_end peer;
	char address[16];
	brood_t *b;
	int fds[2];
	size_t size;
	uint8_t *bytes = peer_end_encode(f, &size);

	duo_pair(fds);
	peer_end_open(&peer, fds[0], fds[0]);
	peer_end_bytes(&peer, bytes, size - cut);
	if (cut > 0)
		peer_end_half_close(&peer);
	free(bytes);
	snprintf(address, sizeof(address), "fd:%d", fds[1]);
	assert_rc(rc, brood_connect(&b, address, &soon));
	if (!strstr(brood_error(), text))
		fail_msg("'%s' does not tell '%s'", brood_error(), text);
	peer_end_skip(&peer, FRAME_HELLO);
	if (goaway) {
		struct message *m = peer_end_expect(&peer, FRAME_GOAWAY);

		assert_int_equal(m->frame.arg, goaway);
		message_free(m);
	}
	peer_end_expect_end(&peer);
	peer_end_close(&peer);
}

static void a_welcome_that_is_none_is_refused(void **state)
{
	struct hello offer = peer_end_offer();
	uint8_t payload[HELLO_MOST];
	struct frame f = {.type = FRAME_WELCOME, .body = payload};

	(void)state;
	f.body_size = (uint32_t)hello_write(payload, sizeof(payload), &offer);
	assert_greeting_fails(&f, 1, -ECONNRESET, "closed the connection before the handshake", 0);
	f.type = FRAME_HELLO;
	assert_greeting_fails(&f, 0, -EPROTO, "not a handshake", REASON_PROTOCOL);
	f.type = FRAME_SLOTS;
	assert_greeting_fails(&f, 0, -EPROTO, "not a handshake", REASON_PROTOCOL);
	f.type = FRAME_WELCOME;
	f.body_size--;
	assert_greeting_fails(&f, 0, -EPROTO, "malformed handshake", REASON_PROTOCOL);
	offer.version_min = offer.version_max = 2;
	f.body_size = (uint32_t)hello_write(payload, sizeof(payload), &offer);
	assert_greeting_fails(&f, 0, -EPROTONOSUPPORT, "versions 1..1, the other 2..2", REASON_VERSION);
	offer = peer_end_offer();
	offer.features = offer.required = FEATURE_STORE;
	f.body_size = (uint32_t)hello_write(payload, sizeof(payload), &offer);
	assert_greeting_fails(&f, 0, -EPROTONOSUPPORT, "required feature", REASON_VERSION);
}

static void a_server_that_closes_at_once_gets_a_hint(void **state)
{
	char address[16];
	brood_t *b;
	int fds[2];

	(void)state;
	duo_pair(fds);
	snprintf(address, sizeof(address), "fd:%d", fds[1]);
	close(fds[0]);
	assert_rc(-ECONNRESET, brood_connect(&b, address, NULL));
	assert_non_null(strstr(brood_error(), "allow list?"));
}

static unsigned notified;

static void on_notify(uint32_t topic, const void *body, size_t size, void *user)
{
	(void)body;
	(void)size;
	assert_ptr_equal(user, &notified);
	assert_int_equal(topic, 8);
	notified++;
}

static void what_comes_with_the_welcome_waits_for_the_first_step(void **state)
{
	struct hello offer = peer_end_offer();
	struct brood_client_options o = {.on_notify = on_notify, .user = &notified};
	struct peer_end peer;
	char address[16];
	brood_t *b;
	int fds[2];

	(void)state;
	notified = 0;
	duo_pair(fds);
	snprintf(address, sizeof(address), "fd:%d", fds[1]);
	peer_end_open(&peer, fds[0], fds[0]);
	peer_end_greet(&peer, FRAME_WELCOME, &offer);
	peer_end_say(&peer, FRAME_SLOTS, 0, 5);
	peer_end_say(&peer, FRAME_NOTIFY, 0, 8);
	b = connect_to(address, &o);
	assert_int_equal(notified, 0);
	assert_int_equal(brood_timeout(b), 0);
	assert_rc(0, brood_process(b));
	assert_int_equal(notified, 1);
	assert_int_equal(brood_calls_allowed(b), 5);
	assert_int_equal(brood_timeout(b), -1);
	brood_close(b);
	peer_end_close(&peer);
}

static void descriptors_that_are_no_connected_socket_are_refused(void **state)
{
	int fds[2];
	char address[16];
	brood_t *b;

	(void)state;
	assert_return_code(pipe2(fds, O_CLOEXEC), errno);
	snprintf(address, sizeof(address), "fd:%d", fds[0]);
	assert_rc(-ENOTSOCK, brood_connect(&b, address, &soon));
	assert_int_equal(fcntl(fds[0], F_GETFD), -1); /* it was taken */
	close(fds[1]);
	fds[0] = peer_end_listen(room_at("socket"), 1);
	snprintf(address, sizeof(address), "fd:%d", fds[0]);
	assert_true(brood_connect(&b, address, &soon) < 0);
	assert_int_equal(fcntl(fds[0], F_GETFD), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, room_remove)

static const struct CMUnitTest tests[] = {
	TEST(where_nobody_listens_is_told),
	TEST(what_is_no_address_is_refused),
	TEST(wrong_options_are_refused),
	TEST(all_forms_of_an_address_lead_there),
	TEST(a_long_directory_is_no_obstacle),
	TEST(hello_tells_who_we_are),
	TEST(what_the_server_tells_about_itself_is_known),
	TEST(a_call_timeout_that_makes_no_sense_is_none),
	TEST(a_server_that_never_answers_is_left_in_time),
	TEST(a_full_backlog_is_waited_for_only_so_long),
	TEST(room_in_the_backlog_is_waited_for),
	TEST(retry_waits_for_the_server_to_appear),
	TEST(retry_waits_for_a_stale_socket_to_be_replaced),
	TEST(waiting_for_the_server_does_not_use_up_the_time_for_the_handshake),
	TEST(retry_ends_as_well),
	TEST(retry_is_not_for_other_failures),
	TEST(the_ways_a_server_can_refuse),
	TEST(a_welcome_that_is_none_is_refused),
	TEST(a_server_that_closes_at_once_gets_a_hint),
	TEST(what_comes_with_the_welcome_waits_for_the_first_step),
	TEST(descriptors_that_are_no_connected_socket_are_refused),
};

CHECK_MAIN(tests)
