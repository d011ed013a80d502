/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "key_file.h"

#include "base/file.h"
#include "base/file_guard.h"
#include "base/hex.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 1024
#define NAME_LENGTH_MAX 8

static result check_owner(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0)
        return RESULT_NOT_FOUND;
    char culprit[PATH_MAX];
    const file_fault fault = file_guard(path, culprit);
    bool private = fault != FOLDER_OPEN && fault != FOLDER_OF_OTHERS && S_ISREG(status.st_mode) &&
                   (status.st_mode & (S_IRWXG | S_IRWXO)) == 0 && (status.st_uid == geteuid() || geteuid() == 0);
    return private ? RESULT_OK : RESULT_REFUSED;
}

/* One value in hexadecimal, with a length between the bounds. */
static result read_value(const char *text, size_t min, size_t max, uint8_t *value, size_t *length) {
    buffer decoded = BUFFER_SECRET(SCP03_KEY_MAX);
    result code = hex_decode(text, &decoded);
    if (code == RESULT_OK && (decoded.length < min || decoded.length > max))
        code = RESULT_INVALID;
    if (code == RESULT_OK) {
        memcpy(value, decoded.data, decoded.length);
        *length = decoded.length;
    }
    buffer_wipe(&decoded);
    return code;
}

typedef struct lengths {
    size_t version, enc, mac, dek; /* 0: not seen yet */
} lengths;

static result read_line(char *line, scp03_keys *keys, lengths *seen) {
    const struct {
        const char *name;
        size_t min, max, *length;
        uint8_t *value;
    } fields[] = {
        {"version", 1, 1, &seen->version, &keys->version},
        {"enc", 16, SCP03_KEY_MAX, &seen->enc, keys->enc},
        {"mac", 16, SCP03_KEY_MAX, &seen->mac, keys->mac},
        {"dek", 16, SCP03_KEY_MAX, &seen->dek, keys->dek},
    };
    char *equals = strchr(line, '=');
    size_t name = strcspn(line, " \t=");
    if (line[0] == '#' || line[0] == '\0')
        return RESULT_OK;
    if (equals == NULL || name == 0 || name > NAME_LENGTH_MAX)
        return RESULT_INVALID;
    const char *value = equals + 1 + strspn(equals + 1, " \t");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strlen(fields[i].name) == name && strncmp(line, fields[i].name, name) == 0)
            return *fields[i].length != 0
                       ? RESULT_INVALID
                       : read_value(value, fields[i].min, fields[i].max, fields[i].value, fields[i].length);
    return RESULT_INVALID;
}

static result parse(char *text, scp03_keys *keys) {
    lengths seen = {0};
    result code = RESULT_OK;
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line != NULL && code == RESULT_OK; line = strsep(&rest, "\n"))
        code = read_line(line, keys, &seen);
    keys->length = seen.enc;
    if (code == RESULT_OK &&
        (seen.version == 0 || seen.enc % 8 != 0 || seen.enc == 0 || seen.mac != seen.enc || seen.dek != seen.enc))
        code = RESULT_INVALID;
    return code;
}

result key_file_read(const char *path, scp03_keys *keys) {
    buffer content = BUFFER_SECRET(FILE_MAX);
    *keys = (scp03_keys){0};
    result code = check_owner(path);
    if (code == RESULT_OK)
        code = file_read(path, &content);
    if (code == RESULT_OK && (code = buffer_append_u8(&content, 0)) == RESULT_OK)
        code = parse((char *)content.data, keys);
    if (code != RESULT_OK)
        scp03_keys_wipe(keys);
    buffer_wipe(&content);
    return code;
}

static void append_key(buffer *content, const char *name, const uint8_t *key, size_t length) {
    buffer_append_text(content, name);
    buffer_append_text(content, " = ");
    hex_append(content, bytes_of(key, length));
    buffer_append_text(content, "\n");
}

result key_file_write(const char *path, const scp03_keys *keys) {
    buffer content = BUFFER_SECRET(FILE_MAX);
    if (access(path, F_OK) == 0)
        return RESULT_EXISTS;
    buffer_append_text(&content, "# Uketsuke SCP03 key set\n");
    append_key(&content, "version", &keys->version, 1);
    append_key(&content, "enc", keys->enc, keys->length);
    append_key(&content, "mac", keys->mac, keys->length);
    append_key(&content, "dek", keys->dek, keys->length);
    result code = content.failed == RESULT_OK ? file_replace(path, buffer_bytes(&content), 0600) : content.failed;
    buffer_wipe(&content);
    return code;
}
