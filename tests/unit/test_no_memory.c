/*
 * What the wire does without memory: it says so, loses nothing it does not say, and leaks nothing.
 *
 * Each scenario runs with the first allocation refused, then with the second, until a run is clean;
 * once with that one allocation refused, once with all that follow.
 */
#include "check.h"

#include <errno.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "assembly.h"
#include "contract.h"
#include "fault.h"
#include "flow.h"
#include "peer.h"
#include "sample.h"

enum { LOANS_MOST = 16 };

static uint8_t large[600000];
static bool is_lent[LOANS_MOST];
static unsigned loans[LOANS_MOST];

/* A loan is given back only if it was taken, and once. */
static void give_back(void *owner)
{
	unsigned n = *(unsigned *)owner;

	assert_true(is_lent[n]);
	is_lent[n] = false;
}

static void assert_nothing_lent(void)
{
	for (size_t i = 0; i < LOANS_MOST; i++)
		assert_false(is_lent[i]);
}

/* Runs a scenario until it is clean; it must have met at least `sites` allocations. */
static void refuse_each(void (*scenario)(void), size_t sites)
{
	for (int for_ever = 0; for_ever < 2; for_ever++) {
		for (size_t k = 1;; k++) {
			for (unsigned i = 0; i < LOANS_MOST; i++) {
				loans[i] = i;
				is_lent[i] = false;
			}
			fault_arm(k, for_ever);
			scenario();
			if (!fault_disarm()) {
				assert_in_range(k, sites + 1, 1000);
				break;
			}
		}
	}
}

/* All frames up to the one for which there was no memory are heard; after that, only the end. */
static void decode_in_pieces(void)
{
	static uint8_t stream[100000];
	struct frame expected[3];
	struct frame_decoder d;
	struct frame f;
	enum frame_result result = FRAME_MORE;
	size_t size = 0;
	size_t heard = 0;

	expected[0] = sample_frame(FRAME_CALL, 1, true, true);
	expected[1] = sample_frame(FRAME_DATA, 0, false, false);
	expected[1].body = large;
	expected[1].body_size = 90000;
	expected[2] = sample_frame(FRAME_REPLY, 3, true, true);
	for (size_t i = 0; i < 3; i++) {
		size += frame_prefix(stream + size, &expected[i]);
		if (expected[i].head_size > 0)
			memcpy(stream + size, expected[i].head, expected[i].head_size);
		memset(stream + size + expected[i].head_size, 0, 8);
		size += frame_padded(expected[i].head_size);
		memcpy(stream + size, expected[i].body, expected[i].body_size);
		size += expected[i].body_size;
	}
	frame_open(&d, BROOD_MAX_FRAME);
	for (size_t at = 0; at < size && result == FRAME_MORE; at += 99) {
		frame_feed(&d, stream + at, size - at < 99 ? size - at : 99);
		while ((result = frame_next(&d, &f)) == FRAME_OK)
			assert_null(sample_difference(&expected[heard++], &f));
	}
	assert_true(result == FRAME_NO_MEMORY || (result == FRAME_MORE && heard == 3));
	frame_close(&d);
}

static void a_decoder_without_memory_says_so(void **state)
{
	(void)state;
	refuse_each(decode_in_pieces, 8);
}

/* What was refused is not there at all; what was not is whole. */
static void fill_outbox(void)
{
	struct outbox o = {0};
	struct frame f = sample_frame(FRAME_CALL, 5, true, true);

	for (unsigned i = 0; i < LOANS_MOST; i++) {
		uint64_t before = o.added;

		if (outbox_add(&o, large, 1500))
			before += 1500;
		assert_int_equal(o.added, before);
		if (outbox_frame(&o, &f))
			before += frame_size(&f);
		assert_int_equal(o.added, before);
		is_lent[i] = true;
		if (outbox_lend(&o, large, 5000, give_back, &loans[i])) {
			before += 5000;
		} else {
			assert_true(is_lent[i]); /* release was not called */
			is_lent[i] = false;
		}
		assert_int_equal(o.added, before);
		if (i % 3 == 0)
			outbox_sent(&o, outbox_bytes(&o) / 2);
	}
	outbox_close(&o);
	assert_nothing_lent();
}

static void an_outbox_without_memory_adds_nothing(void **state)
{
	(void)state;
	refuse_each(fill_outbox, 25);
}

/*
 * Moves all that waits into a decoder, and counts the bytes of bodies; false where the stream is
 * cut inside a frame.
 */
static bool drain(struct outbox *o, struct frame_decoder *d, size_t *came)
{
	struct iovec v;
	struct frame f;

	while (outbox_vector(o, &v, 1) > 0) {
		enum frame_result result;

		frame_feed(d, v.iov_base, v.iov_len);
		while ((result = frame_next(d, &f)) == FRAME_OK)
			*came += f.body_size;
		if (result == FRAME_NO_MEMORY)
			return false;
		assert_int_equal(result, FRAME_MORE);
		outbox_sent(o, v.iov_len);
	}
	return !frame_is_partial(d);
}

/* Calls, streams and replies, short and long, lent and copied. False: it must be closed. */
static bool send_one(struct flow_set *s, unsigned i, size_t *sent)
{
	static const uint8_t types[] = {FRAME_CALL, FRAME_CALL, FRAME_DATA, FRAME_REPLY,
					FRAME_DATA};
	static const uint32_t sizes[] = {6000, 100000, 20, 300000, 70000};
	struct frame f = sample_frame(types[i % 5], 0, i % 2, false);

	f.id = i + 1;
	f.nfds = 0;
	f.flags = FLAG_EOM | FLAG_EOS;
	f.body = large;
	f.body_size = sizes[i % 5];
	*sent += f.body_size;
	if (i % 3 == 0)
		return flow_send(s, &f, NULL, NULL);
	is_lent[i] = true;
	if (flow_send(s, &f, give_back, &loans[i]))
		return true;
	assert_true(is_lent[i]);
	is_lent[i] = false;
	return false;
}

static void send_flows(void)
{
	struct outbox o = {0};
	struct flow_set s = {.out = &o,
			     .max_frame = BROOD_MAX_FRAME_LEAST,
			     .stream_window = 1 << 20,
			     .credit = 4 << 20};
	struct frame_decoder d;
	size_t sent = 0;
	size_t came = 0;
	bool fine = true;

	frame_open(&d, BROOD_MAX_FRAME_LEAST);
	for (unsigned i = 0; i < LOANS_MOST && fine; i++)
		fine = send_one(&s, i, &sent);
	while (fine && !s.broken && outbox_bytes(&o) > 0) {
		fine = drain(&o, &d, &came);
		flow_pump(&s);
	}
	/* no memory was said, or all has come */
	assert_true(!fine || s.broken || (s.first == NULL && s.waiting == 0 && came == sent));
	flow_pump(&s); /* of a broken one nothing more comes */
	flow_close(&s);
	outbox_close(&o);
	frame_close(&d);
	assert_int_equal(s.waiting, 0);
	assert_nothing_lent();
}

static void a_flow_without_memory_is_broken_and_gives_loans_back(void **state)
{
	(void)state;
	refuse_each(send_flows, 100);
}

/* After a refusal nothing of that message is kept, and what is said to be whole is. */
static void add_one(struct assembly *a, uint8_t type, uint32_t id, uint8_t flags, uint32_t size)
{
	struct frame f = sample_frame(type, 1, type == FRAME_CALL, false);
	static size_t kept[2][8];
	size_t *before = &kept[a->of_replies][id];
	struct message *m = NULL;
	enum assembly_result result;

	f.id = id;
	f.flags = flags;
	f.words = 0;
	f.body = large;
	f.body_size = size;
	result = assembly_add(a, &f, &m);
	assert_true(result == ASSEMBLY_WHOLE || result == ASSEMBLY_PART ||
		    result == ASSEMBLY_UNKNOWN || result == ASSEMBLY_NO_MEMORY);
	assert_int_equal(assembly_has(a, id), result == ASSEMBLY_PART);
	assert_int_equal(m != NULL, result == ASSEMBLY_WHOLE);
	if (m && size > 0)
		assert_int_equal(m->frame.body_size, *before + size);
	message_free(m);
	*before = result == ASSEMBLY_PART ? *before + size : 0;
}

static void assemble(void)
{
	struct assembly calls = {.max_message = 1 << 20, .max_held = 4 << 20};
	struct assembly replies = calls;

	replies.of_replies = true;
	add_one(&calls, FRAME_CALL, 1, FLAG_EOM | FLAG_EOS, 5000);
	for (uint32_t id = 3; id <= 5; id++) {
		add_one(&calls, FRAME_CALL, id, 0, 10000);
		add_one(&replies, FRAME_DATA, id, 0, 10000);
	}
	for (uint32_t id = 3; id <= 5; id++) {
		add_one(&calls, FRAME_DATA, id, 0, 30000);
		add_one(&calls, FRAME_DATA, id, FLAG_EOM, 200000);
		add_one(&replies, FRAME_DATA, id, 0, 50000);
		add_one(&replies, FRAME_REPLY, id, id == 4 ? 0 : FLAG_EOM, id == 4 ? 0 : 70000);
	}
	add_one(&replies, FRAME_REPLY, 7, FLAG_EOM, 10);
	assembly_close(&calls);
	assembly_close(&replies);
	assert_int_equal(calls.held + replies.held, 0);
}

static void an_assembly_without_memory_keeps_nothing(void **state)
{
	(void)state;
	refuse_each(assemble, 25);
}

static void an_announced_length_is_not_allocated(void **state)
{
	struct assembly a = {.max_message = 64 << 20, .max_held = 64 << 20};
	struct frame f = {.type = FRAME_CALL,
			  .id = 1,
			  .words = 1u << WORD_LENGTH,
			  .length = 64 << 20,
			  .body = large,
			  .body_size = 10};
	struct message *m;

	(void)state;
	fault_arm(0, false);
	assert_int_equal(assembly_add(&a, &f, &m), ASSEMBLY_PART);
	f = (struct frame){.type = FRAME_DATA, .id = 1, .body = large, .body_size = 500};
	for (size_t came = 510; came < 1 << 20; came += 500) {
		assert_int_equal(assembly_add(&a, &f, &m), ASSEMBLY_PART);
		assert_in_range(fault_largest(), 0, came < 2 << 10 ? 16 << 10 : 8 * came);
	}
	assert_in_range(fault_count(), 3, 20); /* it multiplies */
	assert_false(fault_disarm());
	assembly_close(&a);
}

static void a_body_never_takes_more_than_the_limit(void **state)
{
	struct assembly a = {.max_message = 70000, .max_held = 64 << 20};
	struct frame f = {.type = FRAME_CALL, .id = 1, .body = large, .body_size = 7000};
	struct message *m;

	(void)state;
	fault_arm(0, false);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(assembly_add(&a, &f, &m), ASSEMBLY_PART);
		f.type = FRAME_DATA;
	}
	assert_int_equal(fault_largest(), 70000);
	assert_int_equal(assembly_add(&a, &f, &m), ASSEMBLY_TOO_LARGE);
	assert_int_equal(fault_largest(), 70000);
	/* nor more than was announced, where that is true */
	f = (struct frame){.type = FRAME_CALL,
			   .id = 1,
			   .words = 1u << WORD_LENGTH,
			   .length = 35000,
			   .body = large,
			   .body_size = 17500};
	fault_arm(0, false);
	assert_int_equal(assembly_add(&a, &f, &m), ASSEMBLY_PART);
	f = (struct frame){
		.type = FRAME_DATA, .flags = FLAG_EOM, .id = 1, .body = large, .body_size = 17500};
	assert_int_equal(assembly_add(&a, &f, &m), ASSEMBLY_WHOLE);
	assert_int_equal(fault_largest(), 35000);
	assert_false(fault_disarm());
	message_free(m);
}

/* In a child, which gives itself a group where it may. */
static void read_own_groups(void)
{
	static const gid_t group = 5;
	struct peer peer;
	int fds[2];
	int rc;

	if (setgroups(1, &group) < 0 && getgroups(0, NULL) == 0)
		_exit(77);
	CHECK_CHILD(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	fault_arm(1, false);
	rc = peer_read(fds[0], &peer);
	CHECK_CHILD(fault_disarm());
	CHECK_CHILD(rc == -ENOMEM);
	CHECK_CHILD(peer.uid == PEER_NOBODY && peer.gid == (gid_t)-1 && peer.pid == 0);
	CHECK_CHILD(peer.groups == NULL && peer.group_count == 0);
	_exit(0);
}

static void a_peer_whose_groups_cannot_be_kept_is_nobody(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		read_own_groups();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		check_skip("has no groups, and may not have one");
	assert_int_equal(WEXITSTATUS(status), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_decoder_without_memory_says_so),
	cmocka_unit_test(an_outbox_without_memory_adds_nothing),
	cmocka_unit_test(a_flow_without_memory_is_broken_and_gives_loans_back),
	cmocka_unit_test(an_assembly_without_memory_keeps_nothing),
	cmocka_unit_test(an_announced_length_is_not_allocated),
	cmocka_unit_test(a_body_never_takes_more_than_the_limit),
	cmocka_unit_test(a_peer_whose_groups_cannot_be_kept_is_nobody),
};

CHECK_MAIN(tests)
