/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Affiliated institutions: other institutions whose operator cards this terminal accepts, and in which roles. Two
 * administrators of this institution decide (administration/institutions_commands.c). Without a decision there are
 * none. */
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
/* "CODE=ROLE,ROLE" adds or replaces one, "CODE=none" removes one. Returns NULL, or what is wrong with the text, marked
 * with N_(). */
const char *affiliates_take(affiliates *a, const char *text);
/* The form in which they are stored: such words, separated by blanks; "" for none. */
result affiliates_write(const affiliates *a, buffer *text);
result affiliates_read(const char *text, affiliates *a);
