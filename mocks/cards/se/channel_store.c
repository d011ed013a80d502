/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se_channel_internal.h"

#include "base/file.h"
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#define SET_STORED_MAX (1 + SE_KEYS_OF_A_SET * SCP03_KEY_MAX)

const se_set_description se_sets[SE_SET_COUNT] = {
    [SE_SET_ISSUER] = {SE_KEY_SET_ISSUER, "keys-issuer", "sequence-issuer"},
    [SE_SET_BINDING] = {SE_KEY_SET_BINDING, "keys-binding", "sequence-binding"},
};

static result store(const se_channel *channel, const char *name, bytes content) {
    char *path = file_join(channel->folder, name);
    result code = path != NULL ? file_replace(path, content, 0600) : RESULT_NO_MEMORY;
    free(path);
    return code;
}

static result recall(const se_channel *channel, const char *name, buffer *content) {
    char *path = file_join(channel->folder, name);
    result code = path != NULL ? file_read(path, content) : RESULT_NO_MEMORY;
    free(path);
    return code;
}

result se_store_byte(const se_channel *channel, const char *name, uint8_t value) {
    return store(channel, name, bytes_of(&value, 1));
}

result se_recall_byte(const se_channel *channel, const char *name, uint8_t otherwise, uint8_t *value) {
    buffer content = BUFFER_INIT(1);
    result code = recall(channel, name, &content);
    if (code == RESULT_OK && content.length != 1)
        code = RESULT_INVALID;
    *value = code == RESULT_OK ? content.data[0] : otherwise;
    buffer_wipe(&content);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

result se_store_sequence(se_channel *channel, se_key_set_name name, uint32_t sequence) {
    const uint8_t stored[] = {(uint8_t)(sequence >> 16), (uint8_t)(sequence >> 8), (uint8_t)sequence};
    result code = store(channel, se_sets[name].sequence_file, BYTES(stored));
    if (code == RESULT_OK)
        channel->sets[name].sequence = sequence;
    return code;
}

/* One length byte, then the three keys. */
result se_store_keys(se_channel *channel, se_key_set_name name, const scp03_keys *keys) {
    buffer content = BUFFER_INIT(SET_STORED_MAX);
    buffer_append_u8(&content, (uint8_t)keys->length);
    buffer_append(&content, bytes_of(keys->enc, keys->length));
    buffer_append(&content, bytes_of(keys->mac, keys->length));
    buffer_append(&content, bytes_of(keys->dek, keys->length));
    result code = content.failed == RESULT_OK ? store(channel, se_sets[name].keys_file, buffer_bytes(&content))
                                              : content.failed;
    buffer_wipe(&content);
    if (code == RESULT_OK) {
        channel->sets[name].keys = *keys;
        channel->sets[name].there = true;
    }
    return code;
}

bool se_is_key_length(size_t length) {
    return length == 16 || length == 24 || length == 32;
}

static result read_keys(bytes content, uint8_t version, scp03_keys *keys) {
    const size_t length = content.length > 0 ? content.data[0] : 0;
    if (!se_is_key_length(length) || content.length != 1 + SE_KEYS_OF_A_SET * length)
        return RESULT_INVALID;
    *keys = (scp03_keys){.version = version, .length = length};
    memcpy(keys->enc, content.data + 1, length);
    memcpy(keys->mac, content.data + 1 + length, length);
    memcpy(keys->dek, content.data + 1 + 2 * length, length);
    return RESULT_OK;
}

result se_load_set(se_channel *channel, se_key_set_name name) {
    se_key_set *set = &channel->sets[name];
    buffer content = BUFFER_INIT(SET_STORED_MAX);
    result code = recall(channel, se_sets[name].keys_file, &content);
    if (code == RESULT_OK) {
        code = read_keys(buffer_bytes(&content), se_sets[name].version, &set->keys);
        set->there = code == RESULT_OK;
    }
    buffer_clear(&content);
    if (code == RESULT_OK) {
        code = recall(channel, se_sets[name].sequence_file, &content);
        if (code == RESULT_OK && content.length != 3)
            code = RESULT_INVALID;
        if (code == RESULT_OK)
            set->sequence = (uint32_t)content.data[0] << 16 | (uint32_t)content.data[1] << 8 | content.data[2];
    }
    buffer_wipe(&content);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

result se_channel_erase(se_channel *channel) {
    result code = RESULT_OK;
    for (se_key_set_name i = 0; i < SE_SET_COUNT; i++) {
        char *path = file_join(channel->folder, se_sets[i].keys_file);
        const result erased = path != NULL ? file_erase(path) : RESULT_NO_MEMORY;
        free(path);
        secret_wipe(&channel->sets[i], sizeof channel->sets[i]);
        code = code == RESULT_OK ? erased : code;
    }
    return code;
}
