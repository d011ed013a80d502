/* The local store with its keys: records are sealed under a data key that only this terminal's Secure
 * Element unwraps. */
#pragma once

#include "core/terminal.h"

/* Opens SE and store and unwraps the data key; the first time, makes one. */
outcome local_store_open(terminal *t);
