/* Looks into the environment, and asks the layer above it, which it may not use. malloc() it may. */
#include <stdlib.h>

long pool_age(long since, int fd);
long value_home(void);

long value_home(void)
{
	char *copy = malloc(8);
	const char *home = getenv("HOME");
	long age = pool_age(home ? 1 : 0, 0);

	free(copy);
	return age;
}
