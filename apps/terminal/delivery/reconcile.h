/* Having provisional receptions confirmed by the platform (オンライン照合). */
#pragma once

#include "core/terminal.h"

/* Everything that waits: receptions for the platform, then visits for the history service. For the resident process:
 * needs no session, and does nothing when nothing waits. OUTCOME_SERVICE: a service cannot be reached now. */
outcome reconcile_waiting(terminal *t);

/* The command. */
outcome reconcile_command(terminal *t);
