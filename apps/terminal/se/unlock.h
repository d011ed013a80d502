/* `unlock`: the same SE is back, and a person types its activation PIN. */
#pragma once

#include "core/terminal.h"

outcome unlock_command(terminal *t);
