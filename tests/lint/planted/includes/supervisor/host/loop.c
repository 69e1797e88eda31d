#include <uv.h>

#include "frame.h"
#include "pool.h"
