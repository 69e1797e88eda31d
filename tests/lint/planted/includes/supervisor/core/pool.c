/* "nowhere.h" in a comment is not included: #include "nowhere.h" */
#include <string.h>

#include "pool.h"

#include <unistd.h>
#include <uv.h>

#include "frame.h"
#include "spawn.h"
