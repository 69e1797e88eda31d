#include "spawn.h"

#include "nowhere.h"
