/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "admissions.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"
#include "crypt/secret_file.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_LENGTH 32
#define KEY_LENGTH 16
#define INVITATIONS 16
#define NAME "uketsuke-"
#define VALUE_SIZE (ADMISSION_KEY_SIZE + 2 * CRYPT_SHA256_LENGTH + 1) /* nonce "." mac */

typedef struct invitation {
    char key[ADMISSION_KEY_SIZE]; /* "": free */
    const char *view;
    uid_t uid;
    int64_t until_ms;
} invitation;

struct admissions {
    buffer secret;
    pthread_mutex_t guard; /* of the invitations */
    invitation invitations[INVITATIONS];
};

static result read_secret(const char *file, buffer *secret) {
    result code = file_read_secret(file, secret);
    if (code == RESULT_NOT_FOUND && (code = secret_file_make(file, SECRET_LENGTH)) == RESULT_OK)
        code = file_read_secret(file, secret);
    return code == RESULT_OK && secret->length != SECRET_LENGTH ? RESULT_INVALID : code;
}

result admissions_open(const char *file, admissions **out) {
    admissions *a = *out = calloc(1, sizeof *a);
    if (a == NULL)
        return RESULT_NO_MEMORY;
    a->secret = BUFFER_SECRET(SECRET_LENGTH);
    pthread_mutex_init(&a->guard, NULL);
    const result code = read_secret(file, &a->secret);
    if (code == RESULT_OK)
        return RESULT_OK;
    log_error("%s: %s. It holds the secret of the pages' cookies; it may be deleted.", file, result_text(code));
    admissions_free(out);
    return code;
}

void admissions_free(admissions **a) {
    if (*a == NULL)
        return;
    buffer_wipe(&(*a)->secret);
    pthread_mutex_destroy(&(*a)->guard);
    free(*a);
    *a = NULL;
}

static result random_text(char text[ADMISSION_KEY_SIZE]) {
    uint8_t number[KEY_LENGTH];
    const result code = crypt_random(number, sizeof number);
    if (code == RESULT_OK)
        hex_encode(BYTES(number), text, ADMISSION_KEY_SIZE);
    return code;
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

/* A free place, else that of the oldest unused key. */
static invitation *place_for(admissions *a) {
    invitation *oldest = a->invitations;
    for (size_t i = 0; i < INVITATIONS; i++) {
        if (a->invitations[i].key[0] == 0)
            return &a->invitations[i];
        if (a->invitations[i].until_ms < oldest->until_ms)
            oldest = &a->invitations[i];
    }
    return oldest;
}

result admissions_invite(admissions *a, const char *view, uid_t uid, char key[ADMISSION_KEY_SIZE]) {
    const result code = random_text(key);
    if (code != RESULT_OK)
        return code;
    pthread_mutex_lock(&a->guard);
    invitation *place = place_for(a);
    *place = (invitation){.view = view, .uid = uid, .until_ms = clock_monotonic_ms() + ADMISSION_KEY_MS};
    memcpy(place->key, key, ADMISSION_KEY_SIZE);
    pthread_mutex_unlock(&a->guard);
    return RESULT_OK;
}

static bool use_up(admissions *a, const char *view, uid_t uid, const char *key) {
    invitation found = {.view = ""};
    if (strlen(key) != ADMISSION_KEY_SIZE - 1)
        return false;
    pthread_mutex_lock(&a->guard);
    for (size_t i = 0; i < INVITATIONS; i++) {
        if (!bytes_equal_secret(BYTES(a->invitations[i].key), bytes_of(key, ADMISSION_KEY_SIZE)))
            continue;
        found = a->invitations[i];
        a->invitations[i] = (invitation){.view = ""};
    }
    pthread_mutex_unlock(&a->guard);
    return strcmp(found.view, view) == 0 && found.uid == uid && clock_monotonic_ms() < found.until_ms;
}

/* --- cookies ------------------------------------------------------------------------------------------------------ */

/* nonce "." MAC over view, user and nonce. */
static result make_value(const admissions *a, const char *view, uid_t uid, const char *nonce, char value[VALUE_SIZE]) {
    uint8_t mac[CRYPT_SHA256_LENGTH];
    char text[128], shown[2 * CRYPT_SHA256_LENGTH + 1];
    const int length = snprintf(text, sizeof text, "%s %u %s", view, (unsigned)uid, nonce);
    const result code = crypt_hmac_sha256(buffer_bytes(&a->secret), bytes_of(text, (size_t)length), mac);
    if (code != RESULT_OK)
        return code;
    hex_encode(BYTES(mac), shown, sizeof shown);
    snprintf(value, VALUE_SIZE, "%s.%s", nonce, shown);
    return RESULT_OK;
}

result admissions_enter(admissions *a, const char *view, uid_t uid, const char *key,
                        char cookie[ADMISSION_COOKIE_SIZE]) {
    char nonce[ADMISSION_KEY_SIZE], value[VALUE_SIZE];
    if (!use_up(a, view, uid, key))
        return RESULT_DENIED;
    result code = random_text(nonce);
    if (code == RESULT_OK)
        code = make_value(a, view, uid, nonce, value);
    if (code == RESULT_OK)
        snprintf(cookie, ADMISSION_COOKIE_SIZE, NAME "%s=%s; Path=/%s; HttpOnly; SameSite=Strict", view, value, view);
    return code;
}

static bool is_good(const admissions *a, const char *view, uid_t uid, const char *value, size_t length) {
    char nonce[ADMISSION_KEY_SIZE] = "", expected[VALUE_SIZE];
    if (length != VALUE_SIZE - 1)
        return false;
    memcpy(nonce, value, ADMISSION_KEY_SIZE - 1);
    return make_value(a, view, uid, nonce, expected) == RESULT_OK &&
           bytes_equal_secret(bytes_of(expected, length), bytes_of(value, length));
}

bool admissions_know(const admissions *a, const char *view, uid_t uid, const char *cookies) {
    char name[32];
    const size_t length = (size_t)snprintf(name, sizeof name, NAME "%s=", view);
    for (const char *one = cookies; *one != 0; one += strspn(one, "; ")) {
        const size_t whole = strcspn(one, ";");
        if (whole > length && strncmp(one, name, length) == 0 && is_good(a, view, uid, one + length, whole - length))
            return true;
        one += whole;
    }
    return false;
}
