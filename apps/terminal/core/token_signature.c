/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/token_signature.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "crypt/cms.h"

#define CERTIFICATE_MAX 8192

result sign_with_key(void *context, bytes message, buffer *signature) {
    const signing_key *key = context;
    return token_sign(key->token, key->label, message, signature);
}

static result read_certificate(const signing_key *key, certificate **out) {
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    const result code = token_certificate(key->token, key->label, &der);
    return code == RESULT_OK ? certificate_new(buffer_bytes(&der), out) : code;
}

result sign_text(bytes text, signing_key *keys, size_t count, token **by, buffer *der) {
    certificate *certificates[SIGNING_KEYS_MAX] = {NULL};
    cms_signer signers[SIGNING_KEYS_MAX];
    result code = count <= SIGNING_KEYS_MAX ? RESULT_OK : RESULT_TOO_LONG;
    *by = NULL;
    for (size_t i = 0; i < count && code == RESULT_OK; i++) {
        code = read_certificate(&keys[i], &certificates[i]);
        *by = code == RESULT_OK ? NULL : keys[i].token;
        signers[i] = (cms_signer){certificates[i], sign_with_key, &keys[i]};
    }
    if (code == RESULT_OK)
        code = cms_sign(text, true, signers, count, clock_wall_s(), der);
    for (size_t i = 0; i < SIGNING_KEYS_MAX; i++)
        certificate_free(&certificates[i]);
    return code;
}
