/* suspects, penalty: what is held against requests and users, for how long, and that it stays within its room. */
#include "check.h"

#include "penalty.h"
#include "suspects.h"

static const struct worker_spec spec = {.max_attempts = 2, .quarantine = {1000}};
static struct suspects s;
static struct penalties p;

static int fresh(void **state)
{
	(void)state;
	s = (struct suspects){.count = 0};
	p = (struct penalties){.own_uid = 42};
	return 0;
}

static struct instant at(int64_t ms)
{
	return (struct instant){ms};
}

static void guilt_is_proved_alone(void **state)
{
	(void)state;
	assert_false(suspects_accuse(&s, 0, 7, false, &spec, at(0)));
	assert_false(suspects_accuse(&s, 0, 7, false, &spec, at(0)));
	assert_false(suspects_accuse(&s, 0, 7, false, &spec, at(0))); /* however often it stood beside one */
	assert_int_equal(suspects_find(&s, 0, 7, at(1))->deaths, 3);
	assert_true(suspects_accuse(&s, 0, 7, true, &spec, at(1)));
	assert_null(suspects_find(&s, 1, 7, at(1))); /* another pool may do better with it */
	suspects_clear(&s, 0, 7); /* an answer of an older attempt */
	assert_true(suspects_find(&s, 0, 7, at(2))->is_quarantined);
	assert_null(suspects_find(&s, 0, 7, at(1001)));
	assert_int_equal(s.count, 0);
}

static void a_request_without_a_name_is_not_kept(void **state)
{
	struct worker_spec none = spec;

	(void)state;
	assert_false(suspects_accuse(&s, 0, 0, true, &spec, at(0)));
	none.quarantine.ms = 0;
	assert_false(suspects_accuse(&s, 0, 7, true, &none, at(0)));
	assert_int_equal(s.count, 0);
	assert_null(suspects_find(&s, 0, 0, at(0)));
}

static void the_suspected_make_room_before_the_guilty(void **state)
{
	(void)state;
	(void)suspects_accuse(&s, 0, 1, true, &spec, at(0));
	assert_true(suspects_accuse(&s, 0, 1, true, &spec, at(0)));
	for (uint64_t key = 2; key < 2 + 3 * SUSPECTS_MOST; key++)
		(void)suspects_accuse(&s, 0, key, true, &spec, at(0));
	assert_int_equal(s.count, SUSPECTS_MOST);
	assert_non_null(suspects_find(&s, 0, 1, at(0)));
	assert_null(suspects_find(&s, 0, 2, at(0)));
	assert_int_equal(s.forgotten, 2 * SUSPECTS_MOST + 1);
	for (uint64_t key = 10000; key < 10000 + SUSPECTS_MOST; key++) {
		(void)suspects_accuse(&s, 0, key, true, &spec, at(0));
		(void)suspects_accuse(&s, 0, key, true, &spec, at(0));
	}
	assert_int_equal(s.count, SUSPECTS_MOST);
	assert_null(suspects_find(&s, 0, 1, at(0))); /* all are guilty: the oldest goes */
}

static void release_one_and_all(void **state)
{
	(void)state;
	(void)suspects_accuse(&s, 0, 1, true, &spec, at(0));
	(void)suspects_accuse(&s, 1, 1, true, &spec, at(0));
	(void)suspects_accuse(&s, 1, 2, true, &spec, at(0));
	assert_int_equal(suspects_release(&s, 3), 0);
	assert_int_equal(suspects_release(&s, 1), 2);
	assert_int_equal(suspects_release(&s, 0), 1);
	assert_int_equal(s.count, 0);
}

static int64_t left(uint32_t uid, int64_t ms)
{
	uint32_t deaths;

	return penalty_left(&p, uid, at(ms), &deaths).ms;
}

static void a_penalty_doubles_and_is_forgotten(void **state)
{
	(void)state;
	penalty_add(&p, 1000, (struct duration){100}, at(0));
	assert_int_equal(left(1000, 0), 100);
	assert_int_equal(left(1000, 100), 0);
	assert_int_equal(left(1001, 0), 0);
	penalty_add(&p, 1000, (struct duration){100}, at(200));
	assert_int_equal(left(1000, 200), 200);
	for (int i = 0; i < 100; i++)
		penalty_add(&p, 1000, (struct duration){100}, at(300));
	assert_int_equal(left(1000, 300), PENALTY_MOST_MS);
	penalty_add(&p, 1000, (struct duration){100}, at(300 + 3 * PENALTY_MOST_MS));
	assert_int_equal(left(1000, 300 + 3 * PENALTY_MOST_MS), 100);
}

static void root_and_our_own_user_never_wait(void **state)
{
	(void)state;
	penalty_add(&p, 0, (struct duration){100}, at(0));
	penalty_add(&p, 42, (struct duration){100}, at(0));
	penalty_add(&p, 1000, (struct duration){0}, at(0));
	assert_int_equal(p.count, 0);
}

static void many_users_share_the_room(void **state)
{
	(void)state;
	for (uint32_t uid = 1000; uid < 1000 + 2 * PENALTIES_MOST; uid++)
		penalty_add(&p, uid, (struct duration){100 + uid}, at(0));
	assert_int_equal(p.count, PENALTIES_MOST);
	assert_int_equal(left(1000, 0), 0);
	assert_int_equal(left(1000 + 2 * PENALTIES_MOST - 1, 0), 1100 + 2 * PENALTIES_MOST - 1);
}

#define TEST(name) cmocka_unit_test_setup(name, fresh)

static const struct CMUnitTest tests[] = {
	TEST(guilt_is_proved_alone),
	TEST(a_request_without_a_name_is_not_kept),
	TEST(the_suspected_make_room_before_the_guilty),
	TEST(release_one_and_all),
	TEST(a_penalty_doubles_and_is_forgotten),
	TEST(root_and_our_own_user_never_wait),
	TEST(many_users_share_the_room),
};

CHECK_MAIN(tests)
