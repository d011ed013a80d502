/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "notifications.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Names in the module's table of strings (ELF, .dynstr), by which the loader finds functions of libopensc. Both have no
 * parameters; without the first the other functions of ui/notify.c return at once. */
#define BEGINS "\0sc_notify_init"
#define DOES_NOTHING "\0sc_get_version"

_Static_assert(sizeof BEGINS == sizeof DOES_NOTHING, "both names have the same length");

void notifications_turn_off(int file) {
    struct stat about;
    if (fstat(file, &about) != 0 || about.st_size <= 0)
        return;
    const size_t size = (size_t)about.st_size;
    void *content = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (content == MAP_FAILED)
        return;
    void *name = memmem(content, size, BEGINS, sizeof BEGINS);
    if (name != NULL)
        memcpy(name, DOES_NOTHING, sizeof DOES_NOTHING);
    munmap(content, size);
}
