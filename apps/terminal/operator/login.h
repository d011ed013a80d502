/* Who works here: `login` and `logout`. */
#pragma once

#include "core/terminal.h"

outcome login_command(terminal *t);
outcome logout_command(terminal *t);
