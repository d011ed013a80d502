/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/filter_calls.h"

#include "se/relay_client.h"
#include "se/signable.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <string.h>

#define SIGNATURE_LENGTH 256 /* of an RSA-2048 key */
#define PLAIN_MAX 256

/* --- whether ------------------------------------------------------------------------------------------------------ */

static CK_RV refuse(const char *why) {
    const relay_client *client = relay_client_here();
    atomic_fetch_add(&client->desk->refused, 1);
    log_warning("%s asked for a use of a key that it does not get: %s", client->terminal, why);
    return CKR_KEY_FUNCTION_NOT_PERMITTED;
}

static CK_RV check_rate(void) {
    const relay_client *client = relay_client_here();
    if (http_rate_take(client->desk->rate, client->terminal, clock_monotonic_ms()) == 0)
        return CKR_OK;
    refuse("too many in a minute");
    return CKR_DEVICE_ERROR; /* may be temporary */
}

static relay_use use_of(const token_object *key, const char *role, const char *about) {
    relay_use use = {0};
    snprintf(use.terminal, sizeof use.terminal, "%s", relay_client_here()->terminal);
    snprintf(use.key, sizeof use.key, "%s", key->label);
    snprintf(use.role, sizeof use.role, "%s", role);
    snprintf(use.about, sizeof use.about, "%s", about);
    return use;
}

static CK_RV rv_of(const relay_use *use, result code) {
    if (use->number == 0)
        return CKR_DEVICE_MEMORY; /* not in the ledger */
    switch (code) {
    case RESULT_OK: return CKR_OK;
    case RESULT_REMOVED:
    case RESULT_UNAVAILABLE: return CKR_DEVICE_REMOVED;
    case RESULT_INVALID: return CKR_ENCRYPTED_DATA_INVALID;
    default: return CKR_DEVICE_ERROR;
    }
}

/* --- signing ------------------------------------------------------------------------------------------------------ */

CK_RV filter_sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    client_session *one;
    const CK_RV rv = relay_client_session(session, &one);
    if (rv != CKR_OK)
        return rv;
    const token_object *object = relay_client_object(key);
    if (object == NULL || object->class != CKO_PRIVATE_KEY)
        return CKR_KEY_HANDLE_INVALID;
    if (one->signs != NULL)
        return CKR_OPERATION_ACTIVE;
    if (!object->may_sign)
        return refuse("this key signs for no terminal");
    if (mechanism->mechanism != CKM_SHA256_RSA_PKCS)
        return refuse("another mechanism than CKM_SHA256_RSA_PKCS, whose message cannot be read");
    one->signs = object;
    one->in_parts = false;
    buffer_clear(&one->message);
    one->message.failed = RESULT_OK;
    return CKR_OK;
}

static CK_RV sign(const token_object *key, bytes message, CK_BYTE *signature, CK_ULONG *size) {
    const relay_client *client = relay_client_here();
    const token_objects *all = relay_se_objects(client->desk->se);
    buffer made = BUFFER_INIT(SIGNATURE_LENGTH);
    uint32_t counter = 0;
    signable what;
    if (signable_read(message, BYTES(all->holder), BYTES(all->fingerprint), &what) != RESULT_OK)
        return refuse("not a message that a terminal signs");
    const CK_RV rv = check_rate();
    if (rv != CKR_OK)
        return rv;
    relay_use use = use_of(key, what.role, what.about);
    const result code = relay_se_sign(client->desk->se, &use, message, &made, &counter);
    if (use.number != 0)
        terminal_views_note(client->desk->views, client->terminal, use.number, code == RESULT_OK ? counter : 0);
    if (code == RESULT_OK && made.length == SIGNATURE_LENGTH)
        memcpy(signature, made.data, made.length);
    *size = SIGNATURE_LENGTH;
    buffer_wipe(&made);
    return rv_of(&use, code);
}

/* PKCS #11 2.40 5.2: a call that asks for the length, or whose buffer is too small, does not end the operation. *asked:
 * it was such a call. */
static CK_RV check_place(const CK_BYTE *place, CK_ULONG *size, CK_ULONG needed, bool *asked) {
    const CK_ULONG room = *size;
    *asked = place == NULL || room < needed;
    if (*asked)
        *size = needed;
    return place != NULL && room < needed ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

CK_RV filter_sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length, CK_BYTE *signature, CK_ULONG *size) {
    client_session *one;
    bool asked;
    CK_RV rv = relay_client_session(session, &one);
    if (rv == CKR_OK && (one->signs == NULL || one->in_parts))
        rv = CKR_OPERATION_NOT_INITIALIZED;
    if (rv != CKR_OK)
        return rv;
    rv = check_place(signature, size, SIGNATURE_LENGTH, &asked);
    if (asked)
        return rv;
    const token_object *key = one->signs;
    one->signs = NULL;
    return sign(key, bytes_of(data, length), signature, size);
}

CK_RV filter_sign_update(CK_SESSION_HANDLE session, CK_BYTE *part, CK_ULONG length) {
    client_session *one;
    const CK_RV rv = relay_client_session(session, &one);
    if (rv != CKR_OK || one->signs == NULL)
        return rv != CKR_OK ? rv : CKR_OPERATION_NOT_INITIALIZED;
    one->in_parts = true;
    if (buffer_append(&one->message, bytes_of(part, length)) == RESULT_OK)
        return CKR_OK;
    one->signs = NULL;
    return CKR_DATA_LEN_RANGE;
}

CK_RV filter_sign_final(CK_SESSION_HANDLE session, CK_BYTE *signature, CK_ULONG *size) {
    client_session *one;
    bool asked;
    CK_RV rv = relay_client_session(session, &one);
    if (rv == CKR_OK && (one->signs == NULL || !one->in_parts))
        rv = CKR_OPERATION_NOT_INITIALIZED;
    if (rv != CKR_OK)
        return rv;
    rv = check_place(signature, size, SIGNATURE_LENGTH, &asked);
    if (asked)
        return rv;
    const token_object *key = one->signs;
    one->signs = NULL;
    one->in_parts = false;
    return sign(key, buffer_bytes(&one->message), signature, size);
}

/* --- opening a wrapped key ---------------------------------------------------------------------------------------- */

CK_RV filter_decrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    client_session *one;
    const CK_RV rv = relay_client_session(session, &one);
    if (rv != CKR_OK)
        return rv;
    const token_object *object = relay_client_object(key);
    if (object == NULL || object->class != CKO_PRIVATE_KEY)
        return CKR_KEY_HANDLE_INVALID;
    if (one->decrypts != NULL)
        return CKR_OPERATION_ACTIVE;
    if (!object->may_decrypt || mechanism->mechanism != CKM_RSA_PKCS)
        return refuse("this key opens nothing for a terminal");
    one->decrypts = object;
    return CKR_OK;
}

/* Unwraps only keys that this terminal had signed as its own store's key. */
static CK_RV decrypt(const token_object *key, bytes encrypted, buffer *plain) {
    const relay_client *client = relay_client_here();
    uint8_t digest[CRYPT_SHA256_LENGTH];
    char about[RELAY_WORD_SIZE];
    if (crypt_sha256(encrypted, digest) != RESULT_OK)
        return CKR_DEVICE_ERROR;
    hex_encode(BYTES(digest), about, sizeof about);
    const result known = relay_store_find_wrapped(client->desk->store, client->terminal, about);
    if (known == RESULT_NOT_FOUND)
        return refuse("a wrapped key that is not this terminal's");
    const CK_RV rv = known == RESULT_OK ? check_rate() : CKR_DEVICE_ERROR;
    if (rv != CKR_OK)
        return rv;
    relay_use use = use_of(key, SIGNABLE_UNWRAP, about);
    return rv_of(&use, relay_se_decrypt(client->desk->se, &use, encrypted, plain));
}

CK_RV filter_decrypt(CK_SESSION_HANDLE session, CK_BYTE *encrypted, CK_ULONG length, CK_BYTE *plain, CK_ULONG *size) {
    client_session *one;
    bool asked;
    buffer opened = BUFFER_SECRET(PLAIN_MAX);
    CK_RV rv = relay_client_session(session, &one);
    if (rv == CKR_OK && one->decrypts == NULL)
        rv = CKR_OPERATION_NOT_INITIALIZED;
    if (rv != CKR_OK)
        return rv;
    rv = check_place(plain, size, PLAIN_MAX, &asked);
    if (asked)
        return rv;
    const token_object *key = one->decrypts;
    one->decrypts = NULL;
    rv = decrypt(key, bytes_of(encrypted, length), &opened);
    if (rv == CKR_OK && opened.length > 0)
        memcpy(plain, opened.data, opened.length);
    *size = opened.length;
    buffer_wipe(&opened);
    return rv;
}
