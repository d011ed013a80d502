/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "unblock.h"

#include "base/file.h"
#include "ceremony.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define VALUE_MAX 17 /* 16 characters and a newline */

/* docs/interfaces/patient-card.md; what is not here is printed on the card. */
static const struct {
    const char *name;
    size_t min, max;
    const char *characters;
} forms[] = {
    {"auth", 4, 4, "0123456789"},
    {"sign", 6, 16, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    {"input-support-pin", 4, 4, "0123456789"},
    {"common-pin", 4, 4, "0123456789"},
    {"resident-pin", 4, 4, "0123456789"},
};

static bool has_form(const char *name, const char *value) {
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(forms[i].name, name) != 0)
            continue;
        size_t length = strlen(value), digits = strspn(value, "0123456789");
        bool mixed = forms[i].min == forms[i].max || (strpbrk(value, "0123456789") != NULL && digits < length);
        return length >= forms[i].min && length <= forms[i].max && strspn(value, forms[i].characters) == length &&
               mixed;
    }
    return false;
}

/* folder/kind/name suffix, in a fresh string. */
static char *path_in(const char *folder, const char *kind, const char *name, const char *suffix) {
    char *path = NULL;
    return asprintf(&path, "%s/%s/%s%s", folder, kind, name, suffix) < 0 ? NULL : path;
}

static result put_new_value(const char *image_folder, const char *name, const char *source, const char **problem) {
    buffer value = BUFFER_INIT(VALUE_MAX);
    char *path = path_in(image_folder, "state", name, "-pin");
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(source, &value);
    if (value.length > 0 && value.data[value.length - 1] == '\n')
        buffer_truncate(&value, value.length - 1);
    *problem = "the file with the new PIN cannot be read";
    if (r == RESULT_OK && !has_form(name, buffer_text(&value))) {
        *problem = "the new value does not have this PIN's form, or this one is printed on the card and cannot change";
        r = RESULT_INVALID;
    }
    if (r == RESULT_OK) {
        *problem = "the image cannot be written";
        r = file_replace(path, buffer_bytes(&value), 0600);
    }
    buffer_wipe(&value);
    free(path);
    return r;
}

/* A card without a counter file has all tries. */
static result give_tries_back(const char *image_folder, const char *name) {
    char *path = path_in(image_folder, "state", name, "-tries");
    result r = path == NULL ? RESULT_NO_MEMORY : unlink(path) == 0 || errno == ENOENT ? RESULT_OK : RESULT_IO;
    free(path);
    return r;
}

/* Held while the image changes, as a reader holds it while the card is in; -1: a reader does. */
static int lock(const char *image_folder) {
    char *state = file_join(image_folder, "state"), *path = state == NULL ? NULL : file_join(state, "lock");
    int fd = -1;
    if (path != NULL && file_make_folders(state, 0700) == RESULT_OK)
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        fd = -1;
    }
    free(path);
    free(state);
    return fd;
}

result unblock_pin(office *o, const char *image_folder, const char *name, const char *new_value, const char **problem) {
    char *issued = path_in(image_folder, "pin", name, "");
    bool there = issued != NULL && access(issued, R_OK) == 0;
    free(issued);
    *problem = "this card has no PIN of that name (its folder pin/ lists them)";
    if (!there)
        return RESULT_NOT_FOUND;
    int held = lock(image_folder);
    *problem = "the card is in a reader: take it out first";
    if (held < 0)
        return RESULT_UNAVAILABLE;
    result r = new_value == NULL ? RESULT_OK : put_new_value(image_folder, name, new_value, problem);
    if (r == RESULT_OK) {
        *problem = "the image cannot be written";
        r = give_tries_back(image_folder, name);
    }
    close(held);
    return r == RESULT_OK ? ceremony_note(o, "%s: PIN %s unblocked", office_relative(o, image_folder), name) : r;
}
