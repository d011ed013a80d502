/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "readers.h"

#include "pcsc/pcsc_lite.h"

#include <reader.h>
#include <stdio.h>
#include <string.h>
#include <winscard.h>

#define READERS_MAX PCSCLITE_MAX_READERS_CONTEXTS
#define TRIES 3

typedef struct known_reader {
    char name[MAX_READERNAME];
    uint64_t first, now; /* stays */
} known_reader;

static SCARDCONTEXT context;
static bool connected;
static uint32_t service; /* number of the pcscd, counted up at each restart */
static known_reader readers[READERS_MAX];
static DWORD count;
static bool list_changed;

static known_reader *find_name(known_reader *list, DWORD length, const char *name) {
    for (DWORD i = 0; i < length; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

/* Names truncated to one description: these readers cannot be distinguished; the first one counts. */
static known_reader *find_description(const CK_UTF8CHAR *reader) {
    for (DWORD i = 0; i < count; i++) {
        CK_UTF8CHAR padded[READER_NAME_SIZE];
        memset(padded, ' ', sizeof padded);
        memcpy(padded, readers[i].name, strnlen(readers[i].name, sizeof padded));
        if (memcmp(padded, reader, sizeof padded) == 0)
            return &readers[i];
    }
    return NULL;
}

static void forget_service(void) {
    if (connected)
        SCardReleaseContext(context);
    connected = false;
    count = 0;
}

/* Known readers keep their state. */
static LONG list_readers(void) {
    static known_reader before[READERS_MAX];
    char names[READERS_MAX * MAX_READERNAME + 1] = "";
    DWORD length = sizeof names, old = count;
    LONG code = SCardListReaders(context, NULL, names, &length);
    if (code != SCARD_S_SUCCESS && code != SCARD_E_NO_READERS_AVAILABLE)
        return code;
    memcpy(before, readers, sizeof before);
    count = 0;
    for (const char *name = names; *name != 0 && count < READERS_MAX; name += strlen(name) + 1) {
        const known_reader *known = find_name(before, old, name);
        list_changed |= known == NULL;
        readers[count] = known != NULL ? *known : (known_reader){.now = 0};
        snprintf(readers[count++].name, sizeof readers->name, "%s", name);
    }
    list_changed |= count != old;
    return SCARD_S_SUCCESS;
}

/* With SCARD_STATE_UNAWARE for each reader the answer comes at once. */
static LONG look_at(known_reader *list, DWORD length) {
    SCARD_READERSTATE states[READERS_MAX];
    memset(states, 0, sizeof states);
    for (DWORD i = 0; i < length; i++)
        states[i].szReader = list[i].name;
    LONG code = length == 0 ? SCARD_S_SUCCESS : SCardGetStatusChange(context, 0, states, length);
    for (DWORD i = 0; i < length && (code == SCARD_S_SUCCESS || code == SCARD_E_TIMEOUT); i++)
        list[i].now = (uint64_t)service << 32 | PCSC_EVENTS(states[i].dwEventState) << 1 | 1; /* never 0 */
    return code == SCARD_E_TIMEOUT ? SCARD_S_SUCCESS : code;
}

static bool connect_service(void) {
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS)
        return false;
    connected = true;
    service++;
    count = 0;
    if (list_readers() == SCARD_S_SUCCESS)
        return true;
    forget_service();
    return false;
}

void readers_begin(void) {
    connected = false; /* a context from before a fork is the parent's */
    count = 0;
    if (!connect_service() || look_at(readers, count) != SCARD_S_SUCCESS)
        return;
    for (DWORD i = 0; i < count; i++)
        readers[i].first = readers[i].now;
    list_changed = false;
}

void readers_end(void) {
    forget_service();
}

/* A removed reader is no failure: it has no stay. */
static bool ask(const CK_UTF8CHAR *reader) {
    for (int tries = 0; tries < TRIES; tries++) {
        known_reader *known = reader != NULL ? find_description(reader) : NULL;
        if (known == NULL && list_readers() != SCARD_S_SUCCESS)
            return false;
        if (known == NULL && reader != NULL && (known = find_description(reader)) == NULL)
            return true;
        LONG code = known != NULL ? look_at(known, 1) : look_at(readers, count);
        if (code != SCARD_E_UNKNOWN_READER)
            return code == SCARD_S_SUCCESS;
        if (list_readers() != SCARD_S_SUCCESS)
            return false;
    }
    return true; /* readers change faster than they can be listed */
}

readers_news readers_look(const CK_UTF8CHAR *reader) {
    if (connected && ask(reader))
        return READERS_OK;
    forget_service();
    return connect_service() && ask(reader) ? READERS_RESTARTED : READERS_AWAY;
}

uint64_t readers_stay(const CK_UTF8CHAR *reader) {
    const known_reader *known = find_description(reader);
    return known == NULL ? 0 : known->now;
}

bool readers_list_changed(void) {
    bool news = list_changed;
    list_changed = false;
    return news;
}

bool readers_moved(const CK_UTF8CHAR *reader) {
    const known_reader *known = find_description(reader);
    return known == NULL || known->now != known->first;
}
