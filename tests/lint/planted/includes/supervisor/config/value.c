#include "value.h"

#include "../core/spec.h"
#include "pool.h"
