#include "frame.h"

#include <sys/socket.h>
