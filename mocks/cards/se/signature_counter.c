/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "signature_counter.h"

#include "base/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALUE_LENGTH 4
#define BOOT_LENGTH 36 /* a UUID as text */
#define BOOT_FILE "/proc/sys/kernel/random/boot_id"

static uint32_t value_of(const uint8_t stored[VALUE_LENGTH]) {
    return (uint32_t)stored[0] << 24 | (uint32_t)stored[1] << 16 | (uint32_t)stored[2] << 8 | stored[3];
}

/* Dashes where the kernel does not tell: then every opening counts as one after a power cut. */
static void this_boot(uint8_t boot[BOOT_LENGTH]) {
    buffer text = BUFFER_INIT(2 * BOOT_LENGTH);
    memset(boot, '-', BOOT_LENGTH);
    if (file_read(BOOT_FILE, &text) == RESULT_OK && text.length >= BOOT_LENGTH)
        memcpy(boot, text.data, BOOT_LENGTH);
    buffer_wipe(&text);
}

static result reserve(signature_counter *counter, uint32_t number) {
    uint8_t boot[BOOT_LENGTH];
    buffer stored = BUFFER_INIT(VALUE_LENGTH + BOOT_LENGTH);
    this_boot(boot);
    buffer_append_u32(&stored, number);
    result code = buffer_append(&stored, BYTES(boot));
    if (code == RESULT_OK)
        code = file_replace(counter->reserved_path, buffer_bytes(&stored), 0600);
    if (code == RESULT_OK)
        counter->reserved = number;
    buffer_wipe(&stored);
    return code;
}

/* After value: what it says is exact if no power cut can have been between, or nothing was reserved beyond it. */
static result take_reserved(signature_counter *counter) {
    uint8_t boot[BOOT_LENGTH];
    buffer stored = BUFFER_INIT(VALUE_LENGTH + BOOT_LENGTH);
    result code = file_read(counter->reserved_path, &stored);
    this_boot(boot);
    if (code == RESULT_NOT_FOUND) {
        counter->reserved = counter->value;
        code = RESULT_OK;
    } else if (code == RESULT_OK && stored.length == VALUE_LENGTH + BOOT_LENGTH) {
        bool same_boot = boot[0] != '-' && memcmp(stored.data + VALUE_LENGTH, boot, BOOT_LENGTH) == 0;
        counter->reserved = value_of(stored.data);
        if (counter->value > counter->reserved)
            counter->reserved = counter->value;
        if (!same_boot)
            counter->value = counter->reserved;
    } else if (code == RESULT_OK)
        code = RESULT_INVALID;
    buffer_wipe(&stored);
    return code;
}

result signature_counter_open(signature_counter *counter, const char *state_folder) {
    uint8_t stored[VALUE_LENGTH + 1];
    *counter = SIGNATURE_COUNTER_CLOSED;
    char *path = file_join(state_folder, "signatures");
    counter->reserved_path = file_join(state_folder, "signatures-reserved");
    if (path != NULL)
        counter->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(path);
    if (counter->reserved_path == NULL || counter->file < 0)
        return RESULT_IO;
    ssize_t length = pread(counter->file, stored, sizeof stored, 0);
    if (length != 0 && length != VALUE_LENGTH)
        return RESULT_INVALID;
    counter->value = length == 0 ? 0 : value_of(stored);
    return take_reserved(counter);
}

result signature_counter_raise(signature_counter *counter) {
    if (counter->value == UINT32_MAX)
        return RESULT_TOO_LONG;
    uint32_t next = counter->value + 1;
    if (next > counter->reserved) {
        uint32_t ahead = UINT32_MAX - counter->value;
        result code = reserve(counter, counter->value + (ahead < SIGNATURES_RESERVED ? ahead : SIGNATURES_RESERVED));
        if (code != RESULT_OK)
            return code;
    }
    uint8_t stored[] = {(uint8_t)(next >> 24), (uint8_t)(next >> 16), (uint8_t)(next >> 8), (uint8_t)next};
    if (pwrite(counter->file, stored, sizeof stored, 0) != (ssize_t)sizeof stored)
        return RESULT_IO;
    counter->value = next;
    return RESULT_OK;
}

void signature_counter_close(signature_counter *counter) {
    if (counter->file >= 0) {
        if (counter->reserved != counter->value && fdatasync(counter->file) == 0)
            (void)reserve(counter, counter->value); /* failing, it skips numbers after the next power cut */
        close(counter->file);
    }
    free(counter->reserved_path);
    *counter = SIGNATURE_COUNTER_CLOSED;
}
