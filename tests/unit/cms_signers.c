/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cms_signers.h"

#include <openssl/cms.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

actor cms_authority, cms_person;
const bytes cms_example = {(const uint8_t *)"{\"version\":1}", 13};

int cms_signers_make(void **state) {
    (void)state;
    char folder[] = "/tmp/test-cms.XXXXXX";
    const int64_t now = time(NULL);
    const test_profile ca = {"CN=CA,C=JP", 1, now - 86400, now + 86400, GNUTLS_KEY_KEY_CERT_SIGN, NULL};
    const test_profile p = {"CN=Person,C=JP", 0x00C0FFEE, now - 86400, now + 86400, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    assert_non_null(mkdtemp(folder));
    test_actor_make(&cms_authority, &ca, NULL, folder);
    test_actor_make(&cms_person, &p, &cms_authority.identity, folder);
    rmdir(folder);
    return 0;
}

int cms_signers_free(void **state) {
    (void)state;
    test_actor_free(&cms_person);
    test_actor_free(&cms_authority);
    return 0;
}

/* Stock OpenSSL's verdict of the same message, and the content that it gives. Trust is not asked. */
bool cms_openssl_accepts(bytes der, bytes expected) {
    BIO *in = BIO_new_mem_buf(der.data, (int)der.length), *out = BIO_new(BIO_s_mem());
    CMS_ContentInfo *cms = d2i_CMS_bio(in, NULL);
    char *data = NULL;
    bool good = cms != NULL && CMS_verify(cms, NULL, NULL, NULL, out, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1;
    long length = BIO_get_mem_data(out, &data);
    good = good && bytes_equal(bytes_of(data, (size_t)length), expected);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    BIO_free(out);
    return good;
}

result cms_signers_verify(cms_verifier *by, bytes der, cms_problem *problem) {
    cms_message message;
    bool known = true;
    result code = by(der, bytes_of(NULL, 0), &message);
    *problem = message.problem;
    if (code == RESULT_OK) {
        assert_true(bytes_equal(buffer_bytes(&message.content), cms_example));
        /* another certificate is trust_check's to refuse, and GnuTLS's to read */
        for (size_t i = 0; i < message.count; i++)
            known = known && (certificate_equal(message.signers[i], cms_person.certificate) ||
                              certificate_equal(message.signers[i], cms_authority.certificate));
        assert_true(!known || cms_openssl_accepts(der, cms_example));
    }
    cms_message_free(&message);
    return known ? code : RESULT_DENIED;
}
