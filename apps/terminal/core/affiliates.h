/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Affiliated institutions: of which other institutions operator cards are accepted at this terminal, and in which
 * roles. Two administrators of this institution decide it (administration/institutions_commands.c). No decision: none. */
#pragma once

#include "core/operator_role.h"

#include "base/buffer.h"

#define AFFILIATES_MAX 16
#define AFFILIATE_CODE_SIZE 11 /* 10 digits, NUL */

typedef struct affiliate {
    char code[AFFILIATE_CODE_SIZE];
    unsigned roles; /* or-ed */
} affiliate;

typedef struct affiliates {
    affiliate list[AFFILIATES_MAX];
    size_t count;
} affiliates;

/* Whether cards of this institution are accepted in this role. */
bool affiliates_accept(const affiliates *a, const char *code, role r);
/* "CODE=ROLE,ROLE" adds or replaces one, "CODE=none" takes one out. What is wrong with it, marked with N_(); NULL when
 * it was taken. */
const char *affiliates_take(affiliates *a, const char *text);
/* As kept: such words, separated by blanks; "" for none. */
result affiliates_write(const affiliates *a, buffer *text);
result affiliates_read(const char *text, affiliates *a);
