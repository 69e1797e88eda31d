/* peer: which rule admits whom. */
#include "check.h"

#include "peer.h"

static gid_t groups[] = {60, 70};

static const struct peer somebody = {
	.uid = 1000, .gid = 50, .pid = 4711, .groups = groups, .group_count = 2};

/* Does this one rule admit this peer, our own uid being `self`? */
static bool admits(enum peer_rule_kind kind, unsigned id, const struct peer *peer, uid_t self)
{
	const struct peer_rule rule = {kind, id};

	return peer_is_admitted(peer, &rule, 1, self);
}

static void self_is_our_effective_uid(void **state)
{
	(void)state;
	assert_true(admits(PEER_SELF, 0, &somebody, 1000));
	assert_false(admits(PEER_SELF, 0, &somebody, 1001));
	assert_false(admits(PEER_SELF, 1000, &somebody, 0));
}

static void root_is_uid_zero_and_no_group(void **state)
{
	struct peer root = {.uid = 0, .gid = 50, .pid = 1};
	struct peer wheel = {.uid = 1000, .gid = 0, .pid = 1};

	(void)state;
	assert_true(admits(PEER_ROOT, 0, &root, 1000));
	assert_true(admits(PEER_ROOT, 77, &root, 1000));
	assert_false(admits(PEER_ROOT, 0, &wheel, 1000));
	assert_false(admits(PEER_ROOT, 0, &somebody, 0));
}

static void a_uid_is_that_uid(void **state)
{
	(void)state;
	assert_true(admits(PEER_UID, 1000, &somebody, 0));
	assert_false(admits(PEER_UID, 1001, &somebody, 1000));
	assert_false(admits(PEER_UID, 50, &somebody, 0));
	assert_false(admits(PEER_UID, 0, &somebody, 0));
}

static void a_group_is_primary_or_supplementary(void **state)
{
	struct peer alone = somebody;

	(void)state;
	assert_true(admits(PEER_GID, 50, &somebody, 0));
	assert_true(admits(PEER_GID, 60, &somebody, 0));
	assert_true(admits(PEER_GID, 70, &somebody, 0));
	assert_false(admits(PEER_GID, 1000, &somebody, 0));
	assert_false(admits(PEER_GID, 0, &somebody, 0));
	alone.groups = NULL;
	alone.group_count = 0;
	assert_true(admits(PEER_GID, 50, &alone, 0));
	assert_false(admits(PEER_GID, 60, &alone, 0));
}

static void one_of_several_rules_is_enough(void **state)
{
	static const struct peer_rule rules[] = {{PEER_ROOT, 0}, {PEER_UID, 5}, {PEER_GID, 70}};

	(void)state;
	assert_true(peer_is_admitted(&somebody, rules, 3, 1));
	assert_false(peer_is_admitted(&somebody, rules, 2, 1));
	assert_false(peer_is_admitted(&somebody, rules, 0, 1000));
	assert_false(peer_is_admitted(&somebody, NULL, 0, 1000));
}

/* No rule admits this peer, whatever number it names. */
static void assert_refused(const struct peer *peer)
{
	const unsigned ids[] = {0, 50, 60, 70, 1000, 65534, (unsigned)-1, peer->uid, peer->gid};

	for (int kind = PEER_SELF; kind <= PEER_GID; kind++) {
		for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
			assert_false(admits((enum peer_rule_kind)kind, ids[i], peer, peer->uid));
			assert_false(admits((enum peer_rule_kind)kind, ids[i], peer, 0));
		}
	}
}

static void nobody_matches_no_rule(void **state)
{
	struct peer peer = PEER_INIT;

	(void)state;
	assert_refused(&peer);
	peer = somebody;
	peer.uid = PEER_NOBODY;
	assert_refused(&peer);
}

static void an_id_that_cannot_be_mapped_matches_no_rule(void **state)
{
	struct peer peer = somebody;
	gid_t unmapped[] = {65534};

	(void)state;
	peer.uid = 65534;
	assert_refused(&peer);
	peer = somebody;
	peer.gid = 65534;
	assert_false(admits(PEER_GID, 65534, &peer, 0));
	peer.gid = 50;
	peer.groups = unmapped;
	peer.group_count = 1;
	assert_false(admits(PEER_GID, 65534, &peer, 0));
	assert_true(admits(PEER_UID, 1000, &peer, 0)); /* who has one is known by others */
	assert_true(admits(PEER_GID, 50, &peer, 0));
}

static void pid_zero_matches_no_rule(void **state)
{
	struct peer peer = somebody;
	struct peer root = {.uid = 0, .gid = 0, .pid = 0};

	(void)state;
	peer.pid = 0;
	assert_refused(&peer);
	assert_refused(&root);
	assert_refused(&(struct peer){.uid = 0});
}

static void a_kind_that_is_none_admits_nobody(void **state)
{
	(void)state;
	for (unsigned kind = PEER_GID + 1; kind < 10; kind++)
		assert_false(admits((enum peer_rule_kind)kind, 1000, &somebody, 1000));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(self_is_our_effective_uid),
	cmocka_unit_test(root_is_uid_zero_and_no_group),
	cmocka_unit_test(a_uid_is_that_uid),
	cmocka_unit_test(a_group_is_primary_or_supplementary),
	cmocka_unit_test(one_of_several_rules_is_enough),
	cmocka_unit_test(nobody_matches_no_rule),
	cmocka_unit_test(an_id_that_cannot_be_mapped_matches_no_rule),
	cmocka_unit_test(pid_zero_matches_no_rule),
	cmocka_unit_test(a_kind_that_is_none_admits_nobody),
};

CHECK_MAIN(tests)
