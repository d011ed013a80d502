/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The roles of staff, as the certificates of operator cards name them (docs/interfaces/pki.md). */
#pragma once

#include "core/report.h"

typedef enum role {
    ROLE_NONE = 0,
    ROLE_RECEPTION = 1,
    ROLE_DOCTOR = 2,
    ROLE_ADMINISTRATOR = 4,
} role;

/* The role in the language of the user, for people. */
const char *role_name(role r);
/* The failure "role": whom the command is for, and what to do. allowed: roles, or-ed. */
outcome role_refuse(report *r, role own, unsigned allowed);
const char *role_word(role r);  /* as in the certificate */
role role_of(const char *word); /* ROLE_NONE: no such word */
/* Roles, or-ed, as such words with commas between them. Appends. */
result roles_write(unsigned several, buffer *text);
