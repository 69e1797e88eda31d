/* remote: file systems on which a call may take as long as a server takes. What cannot be told counts as local. */
#ifndef BROOD_REMOTE_H
#define BROOD_REMOTE_H

#include <stdbool.h>

bool remote_has_path(const char *path);
bool remote_has_fd(int fd);

#endif
