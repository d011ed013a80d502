/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "acceptance/unit_facts.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FACT_MAX 16384

/* The content of a file below root, with a final zero byte; false: it is not there, or not to be read. */
static bool read_fact(const char *root, const char *name, buffer *out) {
    char path[512];
    snprintf(path, sizeof path, "%s%s", root, name);
    return file_read(path, out) == RESULT_OK && buffer_text(out) != NULL;
}

static json_t *text_to(const char *text, const char *end) {
    const size_t length = strcspn(text, end);
    return length > 0 ? json_stringn(text, length) : json_null();
}

/* --- one fact each ------------------------------------------------------------------------------------------------ */

static json_t *first_line(const char *root, const char *name) {
    CLEANED_BY(buffer_wipe) buffer content = BUFFER_INIT(FACT_MAX);
    return read_fact(root, name, &content) ? text_to(buffer_text(&content), "\n") : json_null();
}

static json_t *is_there(const char *root, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s%s", root, name);
    return json_boolean(access(path, F_OK) == 0);
}

/* A variable of UEFI has four bytes of attributes before its value (kernel: efivarfs). */
static json_t *efi_switch(const char *root, const char *name) {
    CLEANED_BY(buffer_wipe) buffer content = BUFFER_INIT(FACT_MAX);
    return read_fact(root, name, &content) && content.length == 5 ? json_boolean(content.data[4] == 1) : json_null();
}

/* The word or line that begins with key, up to one of end: before it stands the beginning, or one of end. */
static json_t *value_of(const char *root, const char *name, const char *key, const char *end) {
    CLEANED_BY(buffer_wipe) buffer content = BUFFER_INIT(FACT_MAX);
    if (!read_fact(root, name, &content))
        return json_null();
    const char *text = buffer_text(&content);
    for (const char *at = strstr(text, key); at != NULL; at = strstr(at + 1, key))
        if (at == text || strchr(end, at[-1]) != NULL)
            return text_to(at + strlen(key) + strspn(at + strlen(key), "\""), end);
    return json_null();
}

static json_t *os_release_name(const char *root, const char *name) {
    return value_of(root, name, "PRETTY_NAME=", "\"\n");
}

static json_t *os_release_image(const char *root, const char *name) {
    return value_of(root, name, "IMAGE_VERSION=", "\"\n");
}

static json_t *root_hash(const char *root, const char *name) {
    return value_of(root, name, "roothash=", " \n");
}

json_t *unit_facts(const char *root) {
    static const struct {
        const char *name;
        json_t *(*read)(const char *root, const char *file);
        const char *file;
    } facts[] = {
        {"vendor", first_line, "/sys/class/dmi/id/sys_vendor"},
        {"product", first_line, "/sys/class/dmi/id/product_name"},
        {"productSerial", first_line, "/sys/class/dmi/id/product_serial"},
        {"firmware", first_line, "/sys/class/dmi/id/bios_version"},
        {"uefi", is_there, "/sys/firmware/efi"},
        {"secureBoot", efi_switch, "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"},
        {"tpm", first_line, "/sys/class/tpm/tpm0/tpm_version_major"},
        {"kernel", first_line, "/proc/sys/kernel/osrelease"},
        {"operatingSystem", os_release_name, "/etc/os-release"},
        {"imageVersion", os_release_image, "/etc/os-release"},
        {"rootHash", root_hash, "/proc/cmdline"},
    };
    json_t *out = json_object();
    for (size_t i = 0; out != NULL && i < sizeof facts / sizeof *facts; i++)
        json_object_set_new(out, facts[i].name, facts[i].read(root, facts[i].file));
    return out;
}
