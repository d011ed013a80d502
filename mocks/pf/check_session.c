/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check_session.h"

#include "base/buffer.h"
#include "base/secret.h"
#include "crypt/digest.h"

#include <stdlib.h>
#include <string.h>

#define PURPOSE "platform session"
#define MESSAGE_MAX 1024
#define TIME_DIGITS 12 /* 48 bits: the first 12 hexadecimal digits, and a hyphen between them */

result check_session_key(const uint8_t link_key[CHECK_SESSION_KEY_LENGTH], uint8_t out[CHECK_SESSION_KEY_LENGTH]) {
    _Static_assert(CHECK_SESSION_KEY_LENGTH == CRYPT_SHA256_LENGTH, "a key is a MAC");
    return crypt_hmac_sha256(bytes_of(link_key, CHECK_SESSION_KEY_LENGTH), bytes_of(PURPOSE, sizeof PURPOSE - 1), out);
}

/* Each text ends with a NUL, so that no two lists of texts have the same bytes. */
static result mac(const uint8_t *key, const check_session *s, int64_t expires, uint8_t out[CRYPT_SHA256_LENGTH]) {
    const char *const texts[] = {s->institution_code, s->terminal_id, s->card_id, s->challenge, s->nonce};
    buffer message = BUFFER_INIT(MESSAGE_MAX);
    buffer_append_format(&message, "%lld", (long long)expires);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buffer_append_u8(&message, 0);
        buffer_append_text(&message, texts[i]);
    }
    result outcome = message.failed;
    if (outcome == RESULT_OK)
        outcome = crypt_hmac_sha256(bytes_of(key, CHECK_SESSION_KEY_LENGTH), buffer_bytes(&message), out);
    buffer_wipe(&message);
    return outcome;
}

result check_session_make(const uint8_t key[CHECK_SESSION_KEY_LENGTH], const check_session *s, int64_t expires,
                          char id[UUID_TEXT_SIZE]) {
    uint8_t proof[CRYPT_SHA256_LENGTH], raw[16];
    result outcome = mac(key, s, expires, proof);
    for (int i = 0; i < 6; i++)
        raw[i] = (uint8_t)((uint64_t)expires >> (40 - 8 * i)); /* custom_a: 48 bits */
    memcpy(raw + 6, proof, 10);                                /* custom_b and custom_c: 74 bits of the MAC */
    uuid_v8(raw, id);
    secret_wipe(proof, sizeof proof);
    return outcome;
}

static int64_t end_of(const char *id) {
    char digits[TIME_DIGITS + 1] = "";
    size_t count = 0;
    for (const char *c = id; *c && count < TIME_DIGITS; c++)
        if (*c != '-')
            digits[count++] = *c;
    return (int64_t)strtoull(digits, NULL, 16);
}

/* In a time that does not tell where they differ. */
static bool is_same(const char a[UUID_TEXT_SIZE], const char b[UUID_TEXT_SIZE]) {
    unsigned difference = 0;
    for (size_t i = 0; i < UUID_TEXT_SIZE; i++)
        difference |= (unsigned)(a[i] ^ b[i]);
    return difference == 0;
}

result check_session_verify(const uint8_t key[CHECK_SESSION_KEY_LENGTH], const check_session *s, const char *id,
                            int64_t now) {
    char due[UUID_TEXT_SIZE];
    if (!uuid_is_valid(id))
        return RESULT_REFUSED;
    const int64_t expires = end_of(id);
    const result outcome = check_session_make(key, s, expires, due);
    if (outcome != RESULT_OK)
        return outcome;
    if (!is_same(due, id))
        return RESULT_REFUSED;
    return expires < now ? RESULT_EXPIRED : RESULT_OK;
}
