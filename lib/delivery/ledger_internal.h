/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ledger in memory, for the two files that write it (delivery/ledger.c) and compare with it
 * (delivery/ledger_load.c). */
#pragma once

#include "delivery/ledger.h"

#include "crypt/digest.h"

#define LEDGER_SETTINGS_MAX 128 /* LISTS_MAX of appointments (delivery/appointment.c), and as many others */
#define LEDGER_GROUPS_MAX 40
#define LEDGER_TEXT_MAX 16384

typedef struct ledger_group {
    char kind[TERMINAL_WORD_SIZE], state[TERMINAL_WORD_SIZE];
    int64_t count;
    uint8_t sum[CRYPT_SHA256_LENGTH];
} ledger_group;

typedef struct ledger {
    int64_t number, counter; /* counter -1: never noted */
    struct {
        char name[TERMINAL_WORD_SIZE];
        int64_t version;
    } settings[LEDGER_SETTINGS_MAX];
    ledger_group groups[LEDGER_GROUPS_MAX];
    size_t setting_count, group_count;
} ledger;

/* Parses the text of a ledger, and changes it while doing so. RESULT_INVALID: it is none. */
result ledger_read_text(char *text, ledger *l);
/* The records of this kind and state; NULL: there are none. */
ledger_group *ledger_find_group(ledger *l, const char *kind, const char *state);
/* The same; makes the group when there is none. NULL: LEDGER_GROUPS_MAX are there. */
ledger_group *ledger_make_group(ledger *l, const char *kind, const char *state);
/* Adds a record to its group (by 1) or removes it (by -1); the sum is an exclusive or in both cases. */
result ledger_count_record(const store_access *s, ledger_group *g, const terminal_record *r, int by);
/* The place of the setting in l->settings; l->setting_count: it is not there. */
size_t ledger_index(const ledger *l, const char *name);
/* Notes that a setting was written or removed. RESULT_TOO_LONG: LEDGER_SETTINGS_MAX are there. */
result ledger_take_setting(ledger *l, const terminal_setting *s);
