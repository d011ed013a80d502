/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CMS SignedData and the DER walker under it. What is read lies inside the message; what passes all checks but those of
 * the signature, GnuTLS's reader must read, too, with the same content and as many signers; nothing but the document is
 * verified. The input's first byte: 1 gives the content from outside, 2 takes every signature for right. */
#include "fuzz.h"

#include "base/file.h"
#include "accept_all.h"
#include "crypt/cms.h"
#include "crypt/cms_signer.h"

#include <gnutls/pkcs7.h>
#include <string.h>

#define DETACHED 1
#define BELIEVING 2

static const bytes document = {(const uint8_t *)"document", 8};

static void give(const char *name, uint8_t options, const cms_signer *signers, size_t count) {
    buffer seed = BUFFER_INIT(32768);
    buffer_append_u8(&seed, options);
    FUZZ_REQUIRE(cms_sign(document, options & DETACHED, signers, count, 1795564931, &seed) == RESULT_OK);
    fuzz_give_seed(name, buffer_bytes(&seed));
    buffer_wipe(&seed);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    static certificate *certificates[2];
    static cms_key *keys[2];
    (void)count, (void)arguments;
    FUZZ_REQUIRE(certificate_from_file(fuzz_office("pf/answer.pem"), &certificates[0]) == RESULT_OK);
    FUZZ_REQUIRE(cms_key_from_file(fuzz_office("pf/answer.key"), &keys[0]) == RESULT_OK);
    FUZZ_REQUIRE(certificate_from_file(fuzz_office("se-1/institution.pem"), &certificates[1]) == RESULT_OK);
    FUZZ_REQUIRE(cms_key_from_file(fuzz_office("se-1/institution.key"), &keys[1]) == RESULT_OK);
    const cms_signer signers[] = {cms_key_signer(keys[0], certificates[0]), cms_key_signer(keys[1], certificates[1])};
    give("one", 0, signers, 1);
    give("two", 0, signers, 2);
    give("detached", DETACHED, signers, 1);
    give("believed", BELIEVING, signers, 2);
    return 0;
}

static void require_inside(bytes whole, bytes part) {
    FUZZ_REQUIRE(part.length == 0 || (part.data >= whole.data && part.data + part.length <= whole.data + whole.length));
}

static void check_parts(bytes der, const cms_signed_data *data) {
    FUZZ_REQUIRE(data->signer_count > 0 && data->signer_count <= CMS_SIGNERS_MAX);
    require_inside(der, data->content);
    for (size_t i = 0; i < data->certificate_count; i++)
        require_inside(der, data->certificates[i].der);
    for (size_t i = 0; i < data->signer_count; i++) {
        require_inside(der, data->signers[i].signed_attributes);
        require_inside(der, data->signers[i].signature);
        FUZZ_REQUIRE(data->signers[i].message_digest.length == CRYPT_SHA256_LENGTH);
    }
}

static gnutls_datum_t datum(bytes b) {
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)b.data, (unsigned)b.length};
}

/* A certificate that nobody signed with is not read by us. */
static bool are_certificates_readable(const cms_signed_data *data) {
    bool good = true;
    for (size_t i = 0; i < data->certificate_count && good; i++) {
        certificate *c = NULL;
        good = certificate_new(data->certificates[i].der, &c) == RESULT_OK;
        certificate_free(&c);
    }
    return good;
}

/* The other reader's opinion of a message that ours has verified. */
static void compare(bytes der, const cms_signed_data *data) {
    gnutls_pkcs7_t other;
    gnutls_datum_t in = datum(der), content = {NULL, 0};
    FUZZ_REQUIRE(gnutls_pkcs7_init(&other) == 0);
    if (gnutls_pkcs7_import(other, &in, GNUTLS_X509_FMT_DER) != 0) {
        FUZZ_REQUIRE(!are_certificates_readable(data));
    } else {
        FUZZ_REQUIRE(gnutls_pkcs7_get_signature_count(other) == (int)data->signer_count);
        if (data->content.length > 0) {
            FUZZ_REQUIRE(gnutls_pkcs7_get_embedded_data(other, 0, &content) == 0);
            FUZZ_REQUIRE(bytes_equal(bytes_of(content.data, content.size), data->content));
            gnutls_free(content.data);
        }
    }
    gnutls_pkcs7_deinit(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static cms_signed_data parts;
    cms_message message;
    if (size == 0)
        return 0;
    bytes der = bytes_of(data + 1, size - 1);
    fuzz_accept_all = data[0] & BELIEVING;
    const bool read = cms_read(der, &parts) == RESULT_OK;
    if (read)
        check_parts(der, &parts);
    result code = cms_verify(der, data[0] & DETACHED ? document : bytes_of(NULL, 0), &message);
    FUZZ_REQUIRE(code != RESULT_OK || message.problem == CMS_NO_PROBLEM);
    FUZZ_REQUIRE(code != RESULT_OK || fuzz_accept_all || bytes_equal(buffer_bytes(&message.content), document));
    if (code == RESULT_OK) {
        FUZZ_REQUIRE(read && message.count == parts.signer_count);
        compare(der, &parts);
    }
    cms_message_free(&message);
    return 0;
}
