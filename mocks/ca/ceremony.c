/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ceremony.h"

#include "base/hex.h"
#include "ca_keys.h"
#include "names.h"

#include <stdarg.h>
#include <stdio.h>

#define FILE_NAME "ceremony.txt"

result ceremony_note(office *o, const char *format, ...) {
    char line[900];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof line)
        return RESULT_TOO_LONG;
    return office_append(o->folder, FILE_NAME, 0644, "%s", line);
}

static result key_lines(office *o, EVP_PKEY *key, const char *fate) {
    uint8_t digest[32];
    char text[65];
    result r = keys_fingerprint(key, digest);
    if (r != RESULT_OK)
        return r;
    hex_encode(BYTES(digest), text, sizeof text);
    return ceremony_note(o, "    public key SHA-256  %s\n    private key  %s", text, fate);
}

result ceremony_key(office *o, const char *what, EVP_PKEY *key, const char *fate) {
    char when[CLOCK_TEXT_SIZE];
    clock_text(o->now, when);
    result r = ceremony_note(o, "%s  %s", when, what);
    return r == RESULT_OK ? key_lines(o, key, fate) : r;
}

result ceremony_certificate(office *o, const char *what, X509 *certificate, const char *fate) {
    char when[CLOCK_TEXT_SIZE], fingerprint[65];
    uint8_t digest[32];
    clock_text(o->now, when);
    char *subject = name_text(X509_get_subject_name(certificate));
    uint64_t serial = 0;
    ASN1_INTEGER_get_uint64(&serial, X509_get0_serialNumber(certificate));
    if (subject == NULL || X509_digest(certificate, EVP_sha256(), digest, NULL) != 1) {
        OPENSSL_free(subject);
        return RESULT_INTERNAL;
    }
    hex_encode(BYTES(digest), fingerprint, sizeof fingerprint);
    result r = ceremony_note(o, "%s  %s\n    subject  %s\n    serial  %08llX\n    certificate SHA-256  %s", when, what,
                             subject, (unsigned long long)serial, fingerprint);
    OPENSSL_free(subject);
    return r == RESULT_OK ? key_lines(o, X509_get0_pubkey(certificate), fate) : r;
}
