/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands that use a card for something else than a reception: a person's data, a signature under a document. */
#pragma once

#include "core/terminal.h"

outcome person_command(terminal *t);
outcome person_before_pin(terminal *t);
outcome signature_make_command(terminal *t);
outcome signature_before_pin(terminal *t);
outcome signature_verify_command(terminal *t);
