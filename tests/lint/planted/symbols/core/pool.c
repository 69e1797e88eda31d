/* Asks the clock, by a declaration of its own, takes memory, and reads a frame, which is a call of a layer below. */
#include <stddef.h>

#define NOW() time(0)

long time(long *out);
void *malloc(size_t size);
size_t frame_read(int fd, void *out, size_t size);
long pool_age(long since, int fd);

long pool_age(long since, int fd)
{
	char *bytes = malloc(16);

	if (!bytes)
		return 0;
	bytes[0] = 0;
	return NOW() - since - (long)frame_read(fd, bytes, 16);
}
