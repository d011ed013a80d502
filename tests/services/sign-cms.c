/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signs a file as our programs do (crypt/cms.h), with keys that are files: content inside.
 *
 *   sign-cms OUT CONTENT CERTIFICATE KEY [CERTIFICATE KEY...] */
#include "base/clock.h"
#include "base/file.h"
#include "crypt/cms.h"

#include <stdio.h>

int main(int argc, char **argv) {
    buffer content = BUFFER_INIT(1024 * 1024), der = BUFFER_INIT(1024 * 1024);
    cms_signer signers[CMS_SIGNERS_MAX];
    size_t count = 0;
    result outcome = argc >= 5 ? file_read(argv[2], &content) : RESULT_INVALID;
    for (int i = 3; i + 1 < argc && count < CMS_SIGNERS_MAX && outcome == RESULT_OK; i += 2) {
        certificate *c = NULL;
        cms_key *key = NULL;
        outcome = certificate_from_file(argv[i], &c);
        if (outcome == RESULT_OK)
            outcome = cms_key_from_file(argv[i + 1], &key);
        if (outcome == RESULT_OK)
            signers[count++] = cms_key_signer(key, c); /* both live as long as the program */
    }
    if (outcome == RESULT_OK)
        outcome = cms_sign(buffer_bytes(&content), false, signers, count, clock_wall_s(), &der);
    if (outcome == RESULT_OK)
        outcome = file_replace(argv[1], buffer_bytes(&der), 0644);
    if (outcome != RESULT_OK)
        fprintf(stderr, "sign-cms: %s\n", result_text(outcome));
    return outcome == RESULT_OK ? 0 : 1;
}
