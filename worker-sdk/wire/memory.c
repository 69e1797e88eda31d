/* memory: notes about it, and system calls that read and write it. */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assembly.h"
#include "bytes.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

struct memory_note memory_note(const uint8_t *bytes, size_t size)
{
	struct memory_note n = {.body = {bytes_get64(bytes), bytes_get64(bytes + 8)}};

	if (size >= FRAME_NOTE_LENDS)
		n.lent = (struct memory_span){bytes_get64(bytes + 16), bytes_get64(bytes + 24)};
	return n;
}

uint32_t memory_write_note(uint8_t *out, const struct memory_note *note)
{
	bytes_put64(out, note->body.offset);
	bytes_put64(out + 8, note->body.size);
	if (note->lent.size == 0)
		return FRAME_NOTE;
	bytes_put64(out + 16, note->lent.offset);
	bytes_put64(out + 24, note->lent.size);
	return FRAME_NOTE_LENDS;
}

/* May this process make a file so long? Else the kernel would send it SIGXFSZ. */
static bool may_reach(uint64_t end)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY ||
	       end <= limit.rlim_cur;
}

static int create(void)
{
	int fd = memfd_create("brood-body", MFD_CLOEXEC | MFD_NOEXEC_SEAL | MFD_ALLOW_SEALING);

	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create("brood-body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

int memory_make(uint64_t size)
{
	int fd;
	int error;

	if (size > INT64_MAX || !may_reach(size))
		return -EFBIG;
	fd = create();
	if (fd < 0)
		return fd;
	/* its size is the one thing that nobody may change */
	if (ftruncate(fd, (off_t)size) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

static bool lies_within(struct memory_span span, uint64_t size)
{
	return span.offset <= size && span.size <= size - span.offset;
}

const char *memory_problem(int fd, const struct memory_note *note)
{
	struct stat status;
	int flags = fcntl(fd, F_GETFL);

	/* only files in memory know seals: no other, which might make whoever looks at it wait, gets past this */
	if (fcntl(fd, F_GET_SEALS) < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return "it is no memfd";
	if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY)
		return "it cannot be read";
	if (!lies_within(note->body, (uint64_t)status.st_size))
		return "it is shorter than its body";
	if (!lies_within(note->lent, (uint64_t)status.st_size))
		return "it is shorter than what it lends";
	return NULL;
}

int memory_read(int fd, struct memory_span from, void *out)
{
	uint8_t *at = out;

	while (from.size > 0) {
		ssize_t n = pread(fd, at, from.size, (off_t)from.offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		at += n;
		from.offset += (uint64_t)n;
		from.size -= (uint64_t)n;
	}
	return 0;
}

int memory_put(int fd, struct memory_span to, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	if (size > to.size || !may_reach(to.offset + size))
		return -EFBIG;
	while (size > 0) {
		ssize_t n = pwrite(fd, at, size, (off_t)to.offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENOSPC;
		at += n;
		to.offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

int memory_fill(struct message *m, int fd, struct memory_span from)
{
	size_t room = from.size > 0 ? (size_t)from.size : 1;
	uint8_t *body = spares_find_large(m->home, room, &room);
	int rc;

	if (!body)
		body = malloc(room);
	if (!body)
		return -ENOMEM;
	rc = memory_read(fd, from, body);
	if (rc < 0) {
		spares_give_large(m->home, body, room);
		return rc;
	}
	m->body = body;
	m->body_room = room;
	m->frame.body = body;
	m->frame.body_size = (uint32_t)from.size;
	return 0;
}
