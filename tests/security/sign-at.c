/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signs with any given time, as a holder of a key can.
 *
 *   sign-at CERTIFICATE KEY TIME IN OUT [detached]
 *
 * TIME: RFC 3339. OUT: a CMS, DER, with IN attached unless it is to be detached. */
#include "../services/evidence_maker.h"

#include "base/file.h"
#include "crypt/cms.h"

int main(int argc, char **argv) {
    certificate *c = NULL;
    cms_key *key = NULL;
    int64_t at = 0;
    buffer in = BUFFER_INIT(1 << 20), out = BUFFER_INIT(1 << 20);
    if (argc != 6 && argc != 7)
        return 2;
    CHECK(certificate_from_file(argv[1], &c));
    CHECK(cms_key_from_file(argv[2], &key));
    CHECK(clock_parse(argv[3], &at));
    CHECK(file_read(argv[4], &in));
    const cms_signer signer = cms_key_signer(key, c);
    CHECK(cms_sign(buffer_bytes(&in), argc == 7, &signer, 1, at, &out));
    CHECK(file_replace(argv[5], buffer_bytes(&out), 0600));
    return 0;
}
