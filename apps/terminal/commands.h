/* The commands of `uketsuke`, one function each. */
#pragma once

#include "terminal.h"

outcome login_command(terminal *t);
outcome logout_command(terminal *t);
outcome reception_command(terminal *t);
outcome reconcile_command(terminal *t);
outcome visit_command(terminal *t);
outcome status_command(terminal *t);
outcome evidence_command(terminal *t);
