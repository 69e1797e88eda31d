/* peer: whatever the kernel refuses or answers oddly, what is read is nobody. getsockopt() is
 * replaced. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "peer.h"

int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *size);

/* What the replaced call answers. An error is an errno; 0: none. */
static struct {
	int domain_error;
	int domain;
	int ids_error;
	struct ucred ids;
	socklen_t ids_size;
	int groups_error; /* of the first call, which asks for the size */
	socklen_t groups_size;
	int groups_error_then;
	socklen_t groups_size_then;
} kernel;

static int answer(int error, void *value, socklen_t *size, const void *from, socklen_t from_size)
{
	if (error) {
		errno = error;
		return -1;
	}
	assert_in_range(from_size, 0, *size);
	memcpy(value, from, from_size);
	*size = from_size;
	return 0;
}

static int answer_groups(void *value, socklen_t *size)
{
	static const gid_t groups[] = {100, 101, 102};

	if (value)
		return answer(kernel.groups_error_then, value, size, groups,
			      kernel.groups_size_then);
	*size = kernel.groups_size;
	errno = kernel.groups_error ? kernel.groups_error : EBADF; /* left by an earlier call */
	return kernel.groups_error ? -1 : 0;
}

int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
	assert_int_equal(fd, 42);
	assert_int_equal(level, SOL_SOCKET);
	switch (option) {
	case SO_DOMAIN:
		return answer(kernel.domain_error, value, size, &kernel.domain,
			      sizeof(kernel.domain));
	case SO_PEERCRED:
		return answer(kernel.ids_error, value, size, &kernel.ids, kernel.ids_size);
	case SO_PEERGROUPS:
		return answer_groups(value, size);
	default:
		fail_msg("option %d was not expected", option);
		return -1;
	}
}

/* A kernel that answers as it should. */
static int be_fine(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.domain = AF_UNIX;
	kernel.ids = (struct ucred){.pid = 7, .uid = 1000, .gid = 50};
	kernel.ids_size = sizeof(kernel.ids);
	kernel.groups_error = ERANGE;
	kernel.groups_size = kernel.groups_size_then = 3 * sizeof(gid_t);
	return 0;
}

static void assert_nobody(int rc)
{
	static const struct peer_rule all[] = {
		{PEER_SELF, 0}, {PEER_ROOT, 0}, {PEER_UID, 1000}, {PEER_GID, 50}, {PEER_GID, 100}};
	struct peer peer;

	memset(&peer, 0x55, sizeof(peer));
	assert_rc(rc, peer_read(42, &peer));
	assert_int_equal(peer.uid, PEER_NOBODY);
	assert_int_equal(peer.gid, (gid_t)-1);
	assert_int_equal(peer.pid, 0);
	assert_null(peer.groups);
	assert_int_equal(peer.group_count, 0);
	assert_false(peer_is_admitted(&peer, all, 5, 1000));
}

static void assert_somebody(size_t groups)
{
	struct peer peer;

	assert_rc(0, peer_read(42, &peer));
	assert_int_equal(peer.uid, 1000);
	assert_int_equal(peer.gid, 50);
	assert_int_equal(peer.pid, 7);
	assert_int_equal(peer.group_count, groups);
	for (size_t i = 0; i < groups; i++)
		assert_int_equal(peer.groups[i], 100 + i);
	peer_close(&peer);
}

static void all_is_well(void **state)
{
	(void)state;
	assert_somebody(3);
}

static void an_unknown_family_is_nobody(void **state)
{
	(void)state;
	kernel.domain_error = ENOTSOCK;
	assert_nobody(-ENOTSOCK);
	kernel.domain_error = 0;
	kernel.domain = AF_INET;
	assert_nobody(-EAFNOSUPPORT);
	kernel.domain = AF_UNSPEC;
	assert_nobody(-EAFNOSUPPORT);
}

static void ids_that_cannot_be_read_are_nobody(void **state)
{
	(void)state;
	kernel.ids_error = EINVAL;
	assert_nobody(-EINVAL);
	kernel.ids_error = 0;
	kernel.ids_size = sizeof(kernel.ids) - 4;
	assert_nobody(-EACCES);
	kernel.ids_size = sizeof(kernel.ids);
	kernel.ids.uid = PEER_NOBODY;
	assert_nobody(-EACCES);
}

static void no_groups_are_no_groups(void **state)
{
	(void)state;
	kernel.groups_error = 0;
	kernel.groups_size = 0;
	assert_somebody(0);
	kernel.groups_error = ENOPROTOOPT; /* a kernel before 4.13 */
	assert_somebody(0);
}

static void groups_that_cannot_be_read_are_nobody(void **state)
{
	static const int errors[] = {EINVAL, ENODATA, EFAULT, EPERM};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		kernel.groups_error = errors[i];
		assert_nobody(-errors[i]);
	}
	kernel.groups_error = ERANGE;
	for (size_t i = 0; i < 4; i++) {
		kernel.groups_error_then = errors[i];
		assert_nobody(-errors[i]);
	}
}

static void more_groups_than_there_can_be_are_nobody(void **state)
{
	(void)state;
	kernel.groups_size = 65536 * sizeof(gid_t);
	assert_somebody(3); /* as many as there can be */
	kernel.groups_size += sizeof(gid_t);
	assert_nobody(-ERANGE);
	kernel.groups_size = UINT32_MAX;
	assert_nobody(-ERANGE);
}

static void groups_are_as_many_as_came(void **state)
{
	(void)state;
	kernel.groups_size_then = sizeof(gid_t);
	assert_somebody(1);
	kernel.groups_size_then = 0;
	assert_somebody(0);
}

#define TEST(name) cmocka_unit_test_setup(name, be_fine)

static const struct CMUnitTest tests[] = {
	TEST(all_is_well),
	TEST(an_unknown_family_is_nobody),
	TEST(ids_that_cannot_be_read_are_nobody),
	TEST(no_groups_are_no_groups),
	TEST(groups_that_cannot_be_read_are_nobody),
	TEST(more_groups_than_there_can_be_are_nobody),
	TEST(groups_are_as_many_as_came),
};

CHECK_MAIN(tests)
