#include "slots.h"

#include "value.h"
