/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card_signer.h"

#include "base/file.h"
#include "card_tlv.h"
#include "cvc_issue.h"
#include "iso7816/tlv.h"
#include "ca_keys.h"

#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "card-data"
#define ROOT_DIGITS "5990023"
#define SIGNER_DIGITS "5999001"
#define DOMAIN_NAME "issuer-domain"
#define DOMAIN_ROOT_DIGITS "5990020"
#define DOMAIN_DIGITS "5990021"
#define SIGNED_MAX 32768
#define DIGESTS_MAX 96

static result read_certificate(const office *o, const char *name, uint8_t whole[CVC_LENGTH],
                               uint8_t reference[CVC_REFERENCE_LENGTH]) {
    cvc certificate;
    buffer raw = BUFFER_INIT(CVC_LENGTH);
    char *path = file_join(o->secrets, name);
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, &raw);
    if (r == RESULT_OK)
        r = cvc_parse(buffer_bytes(&raw), &certificate);
    if (r == RESULT_OK) {
        memcpy(whole, raw.data, CVC_LENGTH);
        memcpy(reference, certificate.holder_reference, CVC_REFERENCE_LENGTH);
    }
    buffer_wipe(&raw);
    free(path);
    return r;
}

/* The key; the first time it is made. */
static result open_key(office *o, const char *name, const char *root_digits, const char *digits, EVP_PKEY **key) {
    char file_name[64];
    snprintf(file_name, sizeof file_name, "%s.key", name);
    result r = keys_read(o->secrets, file_name, key);
    if (r != RESULT_NOT_FOUND)
        return r;
    r = cvc_issue_pair(o, name, root_digits, digits);
    return r == RESULT_OK ? keys_read(o->secrets, file_name, key) : r;
}

result card_signer_open(office *o, card_signer *signer) {
    EVP_PKEY *domain = NULL;
    *signer = (card_signer){0};
    result r = open_key(o, NAME, ROOT_DIGITS, SIGNER_DIGITS, &signer->key);
    if (r == RESULT_OK)
        r = read_certificate(o, NAME ".cvc", signer->certificate, signer->reference);
    if (r == RESULT_OK)
        r = open_key(o, DOMAIN_NAME, DOMAIN_ROOT_DIGITS, DOMAIN_DIGITS, &domain);
    if (r == RESULT_OK)
        r = read_certificate(o, DOMAIN_NAME ".cvc", signer->domain_certificate, signer->domain_reference);
    if (r == RESULT_OK)
        r = cvc_issue_under(domain, signer->domain_reference, signer->key, signer->reference, signer->below_domain);
    EVP_PKEY_free(domain);
    return r;
}

void card_signer_close(card_signer *signer) {
    EVP_PKEY_free(signer->key);
    *signer = (card_signer){0};
}

result card_signer_sign(const card_signer *signer, bytes data, uint8_t signature[256]) {
    return keys_sign(signer->key, data, signature);
}

/* RFC 8017 9.2: the DigestInfo of SHA-256, whose digest is as long as what is in it. */
result card_signer_sign_digests(const card_signer *signer, bytes digests, uint8_t signature[256]) {
    static const uint8_t algorithm[] = {0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                        0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00};
    size_t length = 256;
    buffer information = BUFFER_INIT(4 + sizeof algorithm + DIGESTS_MAX), octets = BUFFER_INIT(2 + DIGESTS_MAX);
    result r = tlv_append(&octets, 0x04, digests);
    if (r == RESULT_OK)
        r = tlv_append_header(&information, 0x30, sizeof algorithm + octets.length);
    if (r == RESULT_OK)
        r = buffer_append(&information, BYTES(algorithm));
    if (r == RESULT_OK)
        r = buffer_append(&information, buffer_bytes(&octets));
    EVP_PKEY_CTX *context = r == RESULT_OK ? EVP_PKEY_CTX_new(signer->key, NULL) : NULL;
    bool done = context != NULL && EVP_PKEY_sign_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_sign(context, signature, &length, information.data, information.length) == 1;
    EVP_PKEY_CTX_free(context);
    buffer_wipe(&information);
    buffer_wipe(&octets);
    return r != RESULT_OK ? r : done ? RESULT_OK : RESULT_INTERNAL;
}

result card_signer_put_signed(const card_signer *signer, uint32_t tag, bytes value, uint32_t signature_tag,
                              buffer *out) {
    uint8_t signature[256];
    buffer all = BUFFER_INIT(SIGNED_MAX);
    result r = card_signer_sign(signer, value, signature);
    if (r == RESULT_OK)
        r = buffer_append(&all, value);
    if (r == RESULT_OK)
        r = card_tlv_append(&all, signature_tag, BYTES(signature));
    if (r == RESULT_OK)
        r = card_tlv_append(out, tag, buffer_bytes(&all));
    buffer_wipe(&all);
    return r;
}
