/* hello: what two sides agree on, for every pair of versions and of features. */
#include "check.h"

#include "contract.h"
#include "hello.h"

enum { VERSIONS = 5, FEATURES = 8 }; /* three features, each in or out */

static struct hello with_versions(unsigned least, unsigned most)
{
	return (struct hello){.version_min = (uint16_t)least, .version_max = (uint16_t)most};
}

/* The highest version of both, or 0. */
static unsigned common(unsigned a_least, unsigned a_most, unsigned b_least, unsigned b_most)
{
	unsigned best = 0;

	for (unsigned v = 1; v < VERSIONS; v++) {
		if (v >= a_least && v <= a_most && v >= b_least && v <= b_most)
			best = v;
	}
	return best;
}

static void check_versions(const struct hello *own, const struct hello *peer)
{
	unsigned best =
		common(own->version_min, own->version_max, peer->version_min, peer->version_max);
	struct hello agreed;

	assert_int_equal(hello_agree(own, peer, &agreed), best ? HELLO_OK : HELLO_NO_VERSION);
	if (best) {
		assert_int_equal(agreed.version_min, best);
		assert_int_equal(agreed.version_max, best);
	}
}

static void the_highest_common_version_is_chosen(void **state)
{
	(void)state;
	for (unsigned a = 1; a < VERSIONS; a++) {
		for (unsigned z = a; z < VERSIONS; z++) {
			struct hello own = with_versions(a, z);

			for (unsigned i = 1; i < VERSIONS; i++) {
				for (unsigned k = i; k < VERSIONS; k++) {
					struct hello peer = with_versions(i, k);

					check_versions(&own, &peer);
				}
			}
		}
	}
}

static void check_features(const struct hello *own, const struct hello *peer)
{
	bool fine = true;
	struct hello agreed;

	for (unsigned bit = 1; bit < FEATURES; bit <<= 1) {
		if (own->required & bit && !(peer->features & bit))
			fine = false;
		if (peer->required & bit && !(own->features & bit))
			fine = false;
	}
	assert_int_equal(hello_agree(own, peer, &agreed), fine ? HELLO_OK : HELLO_NO_FEATURE);
	if (!fine)
		return;
	assert_int_equal(agreed.features, own->features & peer->features);
	assert_int_equal(agreed.required, 0);
}

/* Every pair of features and a subset of them that is required, 3 * 3 * 3 of 8 * 8. */
static size_t all_offers(struct hello offers[27])
{
	size_t n = 0;

	for (unsigned features = 0; features < FEATURES; features++) {
		for (unsigned required = 0; required < FEATURES; required++) {
			if (required & ~features)
				continue;
			offers[n] = with_versions(1, 1);
			/* the highest bit too: nothing may be cut to 32 bits */
			offers[n].features = features | (uint64_t)features << 61;
			offers[n++].required = required;
		}
	}
	return n;
}

static void features_are_common_and_requirements_met(void **state)
{
	struct hello offers[27];

	(void)state;
	assert_int_equal(all_offers(offers), 27);
	for (size_t i = 0; i < 27; i++) {
		for (size_t k = 0; k < 27; k++)
			check_features(&offers[i], &offers[k]);
	}
}

static void a_version_is_asked_for_before_features(void **state)
{
	struct hello own = with_versions(1, 1);
	struct hello peer = with_versions(2, 2);
	struct hello agreed;

	(void)state;
	own.features = own.required = 1;
	assert_int_equal(hello_agree(&own, &peer, &agreed), HELLO_NO_VERSION);
}

static void limits_are_those_of_the_peer(void **state)
{
	struct hello own = with_versions(1, 1);
	struct hello peer = with_versions(1, 1);
	struct hello agreed;

	(void)state;
	own.max_frame = 100000;
	own.max_message = own.stream_window = own.conn_window = own.slots = own.keepalive_ms = 1;
	peer.max_frame = 200000;
	peer.max_message = 300;
	peer.stream_window = 301;
	peer.conn_window = 302;
	peer.slots = 303;
	peer.keepalive_ms = 304;
	peer.lines = "a=b\n";
	peer.lines_size = 4;
	assert_int_equal(hello_agree(&own, &peer, &agreed), HELLO_OK);
	assert_int_equal(agreed.max_frame, 100000);
	assert_int_equal(agreed.max_message, 300);
	assert_int_equal(agreed.stream_window, 301);
	assert_int_equal(agreed.conn_window, 302);
	assert_int_equal(agreed.slots, 303);
	assert_int_equal(agreed.keepalive_ms, 304);
	assert_ptr_equal(agreed.lines, peer.lines);
	peer.max_frame = 99999;
	assert_int_equal(hello_agree(&own, &peer, &agreed), HELLO_OK);
	assert_int_equal(agreed.max_frame, 99999);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_highest_common_version_is_chosen),
	cmocka_unit_test(features_are_common_and_requirements_met),
	cmocka_unit_test(a_version_is_asked_for_before_features),
	cmocka_unit_test(limits_are_those_of_the_peer),
};

CHECK_MAIN(tests)
