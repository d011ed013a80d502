/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "module_rights.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#define DRIVERS_MAX 8
#define LIBRARIES_MAX 1024

typedef struct driver {
    void *library; /* remains loaded while it is listed */
    rights_entry *revoke;
    log_entry *silence_log;
    officer_entry *officer; /* NULL: its cards have no security officer */
    hold_entry *hold;       /* NULL: it never holds a card */
    host_entry *host;       /* NULL: not needed */
} driver;

static driver drivers[DRIVERS_MAX];
static size_t count;

typedef struct names {
    char *list[LIBRARIES_MAX];
    size_t count;
} names;

static int note_name(struct dl_phdr_info *about, size_t size, void *context) {
    names *n = context;
    (void)size;
    char *name = about->dlpi_name[0] != 0 && n->count < LIBRARIES_MAX ? strdup(about->dlpi_name) : NULL;
    if (name != NULL)
        n->list[n->count++] = name;
    return 0;
}

static driver entries_of(void *library) {
    union {
        void *object;
        rights_entry *function;
    } rights = {dlsym(library, RIGHTS_ENTRY)};
    union {
        void *object;
        log_entry *function;
    } log = {dlsym(library, LOG_ENTRY)};
    union {
        void *object;
        officer_entry *function;
    } officer = {dlsym(library, OFFICER_ENTRY)};
    union {
        void *object;
        hold_entry *function;
    } hold = {dlsym(library, HOLD_ENTRY)};
    union {
        void *object;
        host_entry *function;
    } host = {dlsym(library, HOST_ENTRY)};
    return (driver){library, rights.function, log.function, officer.function, hold.function, host.function};
}

/* OpenSC has loaded the drivers by the paths of its configuration; they are found among the loaded libraries by their
 * entry point. Loads nothing. */
void rights_begin(void) {
    names *n = calloc(1, sizeof *n);
    if (n == NULL)
        return;
    dl_iterate_phdr(note_name, n);
    for (size_t i = 0; i < n->count; i++) {
        void *library = count < DRIVERS_MAX ? dlopen(n->list[i], RTLD_LAZY | RTLD_NOLOAD) : NULL;
        driver found = library != NULL ? entries_of(library) : (driver){.library = NULL};
        if (found.revoke != NULL)
            drivers[count++] = found;
        else if (library != NULL)
            dlclose(library);
        free(n->list[i]);
    }
    free(n);
}

void rights_host(unsigned about) {
    for (size_t i = 0; i < count; i++)
        if (drivers[i].host != NULL)
            drivers[i].host(about);
}

void rights_end(void) {
    while (count > 0)
        dlclose(drivers[--count].library);
}

static void copy_name(const CK_UTF8CHAR *reader, char name[READER_NAME_SIZE + 1]) {
    size_t length = READER_NAME_SIZE;
    while (length > 0 && reader[length - 1] == ' ')
        length--;
    memcpy(name, reader, length);
    name[length] = 0;
}

CK_RV rights_revoke(const CK_UTF8CHAR *reader) {
    char name[READER_NAME_SIZE + 1];
    CK_RV rv = CKR_OK;
    if (reader != NULL)
        copy_name(reader, name);
    for (size_t i = 0; i < count; i++) {
        int outcome = drivers[i].revoke(reader != NULL ? name : NULL);
        if (outcome != 0 && rv != CKR_DEVICE_ERROR)
            rv = outcome == RIGHTS_CARD_REMOVED ? CKR_DEVICE_REMOVED : CKR_DEVICE_ERROR;
    }
    return rv;
}

hold_state rights_hold(const CK_UTF8CHAR *reader) {
    char name[READER_NAME_SIZE + 1];
    hold_state state = HOLD_NOTHING;
    copy_name(reader, name);
    for (size_t i = 0; i < count && state == HOLD_NOTHING; i++)
        state = drivers[i].hold != NULL ? drivers[i].hold(name) : HOLD_NOTHING;
    return state;
}

bool rights_silence_log(const CK_UTF8CHAR *reader) {
    char name[READER_NAME_SIZE + 1];
    copy_name(reader, name);
    for (size_t i = 0; i < count; i++)
        if (drivers[i].silence_log != NULL && drivers[i].silence_log(name) == 0)
            return true;
    return false;
}

void rights_restore_log(void) {
    for (size_t i = 0; i < count; i++)
        if (drivers[i].silence_log != NULL)
            drivers[i].silence_log(NULL);
}

CK_RV rights_verify_officer(const CK_UTF8CHAR *reader, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
    static const CK_RV values[] = {
        [OFFICER_RIGHT] = CKR_OK,
        [OFFICER_WRONG] = CKR_PIN_INCORRECT,
        [OFFICER_LOCKED] = CKR_PIN_LOCKED,
        [OFFICER_FAILED] = CKR_DEVICE_ERROR,
    };
    char name[READER_NAME_SIZE + 1];
    copy_name(reader, name);
    for (size_t i = 0; i < count; i++) {
        officer_answer answer = drivers[i].officer != NULL ? drivers[i].officer(name, pin, length) : OFFICER_UNKNOWN;
        if (answer != OFFICER_UNKNOWN)
            return values[answer];
    }
    return CKR_USER_TYPE_INVALID;
}
