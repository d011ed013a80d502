/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/signable.h"

#include "base/hex.h"
#include "crypt/cms_attributes_read.h"
#include "crypt/digest.h"
#include "iso7816/institution_message.h"

#include <string.h>

#define AUDIT_LABEL "Uketsuke-AUDIT-1" /* docs/interfaces/local-store.md, "The audit log" */
#define STORE_LABEL "Uketsuke-STORE-1" /* docs/interfaces/local-store.md, "Keys" */
#define LABEL_LENGTH 16
#define WRAPPED_LENGTH 256 /* under an RSA-2048 key */
#define HEX "0123456789ABCDEFabcdef"

static bool begins_with(bytes message, const char *label) {
    return message.length >= LABEL_LENGTH && memcmp(message.data, label, LABEL_LENGTH) == 0;
}

static result name_hash(bytes of, signable *out) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    const result code = crypt_sha256(of, digest);
    hex_encode(BYTES(digest), out->about, sizeof out->about);
    return code;
}

/* docs/interfaces/institution-authentication.md: label, card id, holder reference, challenge. */
static result read_institution(bytes message, bytes holder, bytes fingerprint, signable *out) {
    (void)fingerprint;
    if (message.length != INSTITUTION_MESSAGE_LENGTH || !begins_with(message, INSTITUTION_LABEL) ||
        !bytes_equal(bytes_slice(message, 32, CVC_REFERENCE_LENGTH), holder))
        return RESULT_REFUSED;
    return name_hash(bytes_slice(message, 16, INSTITUTION_CARD_ID_LENGTH), out);
}

/* RFC 5652 5.4: the attributes as a SET OF. Where they name the signer's certificate, it is this SE's. */
static result read_attributes(bytes message, bytes holder, bytes fingerprint, signable *out) {
    cms_attributes_seen seen;
    (void)holder;
    if (cms_attributes_read_set(message, &seen) != RESULT_OK ||
        (seen.has_certificate && !bytes_equal(BYTES(seen.certificate_hash), fingerprint)))
        return RESULT_REFUSED;
    hex_encode(BYTES(seen.message_digest), out->about, sizeof out->about);
    return RESULT_OK;
}

static result read_audit(bytes message, bytes holder, bytes fingerprint, signable *out) {
    const bytes chain = bytes_slice(message, LABEL_LENGTH, message.length);
    char text[2 * CRYPT_SHA256_LENGTH + 1] = "";
    (void)holder;
    (void)fingerprint;
    if (!begins_with(message, AUDIT_LABEL) || chain.length != 2 * CRYPT_SHA256_LENGTH)
        return RESULT_REFUSED;
    memcpy(text, chain.data, chain.length);
    return strspn(text, HEX) == chain.length ? name_hash(chain, out) : RESULT_REFUSED;
}

static result read_store(bytes message, bytes holder, bytes fingerprint, signable *out) {
    (void)holder;
    (void)fingerprint;
    if (!begins_with(message, STORE_LABEL) || message.length != LABEL_LENGTH + WRAPPED_LENGTH)
        return RESULT_REFUSED;
    return name_hash(bytes_slice(message, LABEL_LENGTH, WRAPPED_LENGTH), out);
}

static const struct {
    const char *role;
    result (*read)(bytes message, bytes holder, bytes fingerprint, signable *out);
} kinds[] = {
    {SIGNABLE_INSTITUTION, read_institution},
    {SIGNABLE_EVIDENCE, read_attributes},
    {SIGNABLE_AUDIT, read_audit},
    {SIGNABLE_STORE, read_store},
};

result signable_read(bytes message, bytes holder, bytes fingerprint, signable *out) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        *out = (signable){.role = kinds[i].role};
        if (kinds[i].read(message, holder, fingerprint, out) == RESULT_OK)
            return RESULT_OK;
    }
    *out = (signable){0};
    return RESULT_REFUSED;
}
