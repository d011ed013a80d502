/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "administration/card_chain.h"

#include "administration/enroll.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "crypt/certificate.h"
#include "iso7816/cvc.h"

#include <stdlib.h>
#include <string.h>

#define CHAIN_MAX (4 * CVC_LENGTH)

static const char *read_root(const char *folder, cvc *root) {
    CLEANED_BY(buffer_wipe) buffer raw = BUFFER_INIT(CVC_LENGTH);
    char *path = file_join(folder, ANCHORS_CVC_ROOT);
    result code = path != NULL ? file_read(path, &raw) : RESULT_NO_MEMORY;
    free(path);
    if (code == RESULT_NOT_FOUND)
        return "the root " ANCHORS_CVC_ROOT " is missing in the trust anchors; stage and activate a whole set "
               "(uketsuke anchors stage)";
    if (code == RESULT_OK)
        code = cvc_parse(buffer_bytes(&raw), root);
    return code == RESULT_OK ? NULL : "the root " ANCHORS_CVC_ROOT " cannot be read";
}

static bool is_signed_by(const cvc *c, const cvc *issuer) {
    CLEANED_BY(buffer_wipe) buffer body = BUFFER_INIT(CVC_BODY_LENGTH);
    return memcmp(c->authority_reference, issuer->holder_reference, CVC_REFERENCE_LENGTH) == 0 &&
           cvc_build_body(c, &body) == RESULT_OK &&
           crypt_rsa_verify(BYTES(issuer->modulus), BYTES(issuer->exponent), buffer_bytes(&body),
                            BYTES(c->signature)) == RESULT_OK;
}

/* From the root down; *last is the certificate at the end. */
static const char *follow(bytes chain, cvc *last) {
    cvc next;
    bytes raw;
    while (chain.length > 0) {
        if (cvc_chain_next(&chain, &next, &raw) != RESULT_OK)
            return "it is malformed";
        if (!is_signed_by(&next, last))
            return "a certificate in it is not signed by the one before";
        *last = next;
    }
    return NULL;
}

const char *card_chain_problem(token *se, const char *folder) {
    CLEANED_BY(buffer_wipe) buffer chain = BUFFER_INIT(CHAIN_MAX);
    CLEANED_BY(buffer_wipe) buffer modulus = BUFFER_INIT(CRYPT_MODULUS_MAX);
    cvc last;
    const char *problem = read_root(folder, &last);
    if (problem != NULL)
        return problem;
    if (token_data(se, ENROLL_CHAIN, &chain) != RESULT_OK)
        return token_problem(se);
    if ((problem = follow(buffer_bytes(&chain), &last)) != NULL)
        return problem;
    if (token_modulus(se, enroll_keys[ENROLL_INSTITUTION].label, &modulus) != RESULT_OK)
        return token_problem(se);
    return bytes_equal(buffer_bytes(&modulus), BYTES(last.modulus)) ? NULL : "it is for another key";
}
