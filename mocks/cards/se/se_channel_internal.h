/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The SE's key sets, sequence counters and life cycle in state/: each replaced durably, then changed
 * in memory. */
#pragma once

#include "se_channel.h"

#define SE_KEYS_OF_A_SET 3

typedef struct se_set_description {
    uint8_t version;
    const char *keys_file, *sequence_file;
} se_set_description;

extern const se_set_description se_sets[SE_SET_COUNT];

/* Whether SCP03 has keys of so many bytes. */
bool se_is_key_length(size_t length);

/* Keys and sequence counter, if they are there. RESULT_INVALID: damaged. */
result se_load_set(se_channel *channel, se_key_set_name name);
result se_store_keys(se_channel *channel, se_key_set_name name, const scp03_keys *keys);
result se_store_sequence(se_channel *channel, se_key_set_name name, uint32_t sequence);

/* otherwise: when there is no such file. */
result se_recall_byte(const se_channel *channel, const char *name, uint8_t otherwise, uint8_t *value);
result se_store_byte(const se_channel *channel, const char *name, uint8_t value);
