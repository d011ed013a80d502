/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/record_seal.h"

#include <stdio.h>
#include <string.h>

/* Every column is bound to the content, and each text has its length in front: a record under another id,
 * kind, subject, state, time or version does not open. */
int record_place(const terminal_record *r, char *place, size_t size) {
    return snprintf(place, size, "record\n%zu %s\n%zu %s\n%zu %s\n%zu %s\n%lld\n%lld", strlen(r->kind), r->kind,
                    strlen(r->id), r->id, strlen(r->subject), r->subject, strlen(r->state), r->state, (long long)r->at,
                    (long long)r->version);
}

result record_seal(const store_access *s, const terminal_record *row, bytes plain, buffer *sealed) {
    char place[RECORD_PLACE_SIZE];
    const int length = record_place(row, place, sizeof place);
    return crypt_seal(s->record_key, bytes_of(place, (size_t)length), plain, sealed);
}

result record_open(const store_access *s, const terminal_record *row, bytes sealed, buffer *plain) {
    char place[RECORD_PLACE_SIZE];
    const int length = record_place(row, place, sizeof place);
    return crypt_open(s->record_key, bytes_of(place, (size_t)length), sealed, plain);
}

static bytes setting_place(const char *name, int64_t version, char place[RECORD_PLACE_SIZE]) {
    const int length = snprintf(place, RECORD_PLACE_SIZE, "setting\n%s\n%lld", name, (long long)version);
    return bytes_of(place, (size_t)length);
}

result record_seal_setting(const store_access *s, const char *name, int64_t version, bytes plain, buffer *sealed) {
    char place[RECORD_PLACE_SIZE];
    return crypt_seal(s->record_key, setting_place(name, version, place), plain, sealed);
}

result record_open_setting(const store_access *s, const char *name, int64_t version, bytes sealed, buffer *plain) {
    char place[RECORD_PLACE_SIZE];
    return crypt_open(s->record_key, setting_place(name, version, place), sealed, plain);
}
