/* Opens a file. */
#include <fcntl.h>

int view_open(const char *path);

int view_open(const char *path)
{
	return open(path, O_RDONLY);
}
