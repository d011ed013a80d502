/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sessions.h"

#include <stdlib.h>
#include <sys/random.h>

#define GROWTH 16
#define HANDLE_START_MASK 0x3FFF0000 /* leaves more than a thousand million handles */

static struct session *list;
static size_t count, room;
static CK_SESSION_HANDLE last;

/* Not from 1 on: a small number that is passed by mistake (a slot's number, a count) must not be a valid handle. */
static CK_SESSION_HANDLE next_handle(void) {
    uint32_t start;
    if (last == 0 && getrandom(&start, sizeof start, GRND_NONBLOCK) == (ssize_t)sizeof start)
        last = start & HANDLE_START_MASK;
    last += last == 0 ? HANDLE_START_MASK : 1;
    return last;
}

CK_RV sessions_add(const struct session *opened, CK_SESSION_HANDLE *handle) {
    if (count == room) {
        struct session *longer = reallocarray(list, room + GROWTH, sizeof *list);
        if (longer == NULL)
            return CKR_HOST_MEMORY;
        list = longer;
        room += GROWTH;
    }
    list[count] = *opened;
    *handle = list[count++].handle = next_handle();
    return CKR_OK;
}

struct session *sessions_find(CK_SESSION_HANDLE handle) {
    for (size_t i = 0; i < count; i++)
        if (list[i].handle == handle)
            return &list[i];
    return NULL;
}

struct session *sessions_first(const struct slot *s) {
    for (size_t i = 0; i < count; i++)
        if (list[i].slot == s)
            return &list[i];
    return NULL;
}

size_t sessions_count(const struct slot *s) {
    size_t of_slot = 0;
    for (size_t i = 0; i < count; i++)
        of_slot += list[i].slot == s;
    return of_slot;
}

void sessions_each(const struct slot *s, void (*visit)(struct session *one, void *context), void *context) {
    for (size_t i = 0; i < count; i++)
        if (list[i].slot == s)
            visit(&list[i], context);
}

void sessions_drop(CK_SESSION_HANDLE handle) {
    struct session *gone = sessions_find(handle);
    if (gone != NULL)
        *gone = list[--count];
}

void sessions_drop_all(void) {
    free(list);
    list = NULL;
    count = room = 0;
}
