/* Reads, though a codec never touches a descriptor. */
#include <stddef.h>
#include <unistd.h>

size_t frame_read(int fd, void *out, size_t size);

size_t frame_read(int fd, void *out, size_t size)
{
	ssize_t got = read(fd, out, size);

	return got < 0 ? 0 : (size_t)got;
}
