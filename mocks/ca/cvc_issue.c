/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cvc_issue.h"

#include "base/file.h"
#include "ceremony.h"
#include "ca_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOT_DIGITS "9900001"
#define INTERMEDIATE_DIGITS "9900073"
#define HOLDER_DIGITS "9999774"

static result make_reference(EVP_PKEY *key, const char *digits, uint8_t reference[CVC_REFERENCE_LENGTH]) {
    uint8_t digest[32];
    result r = keys_fingerprint(key, digest);
    memcpy(reference, digits, 7);
    memcpy(reference + 7,
           "\x08\x05"
           "001",
           5);
    memcpy(reference + 12, digest, 4);
    return r;
}

/* Completes a certificate whose references are set: key numbers and signature. */
static result sign(cvc *certificate, EVP_PKEY *key, EVP_PKEY *signer, buffer *out) {
    buffer body = BUFFER_INIT(CVC_BODY_LENGTH);
    result r = keys_rsa_numbers(key, certificate->modulus, certificate->exponent);
    if (r == RESULT_OK)
        r = cvc_build_body(certificate, &body);
    if (r == RESULT_OK)
        r = keys_sign(signer, buffer_bytes(&body), certificate->signature);
    if (r == RESULT_OK)
        r = cvc_build(certificate, out);
    buffer_wipe(&body);
    return r;
}

static result write_cvc(const char *folder, const char *name, const buffer *content) {
    char *path = file_join(folder, name);
    result r = path == NULL ? RESULT_NO_MEMORY : file_replace(path, buffer_bytes(content), 0644);
    free(path);
    return r;
}

static result read_first(const char *folder, const char *name, cvc *out, buffer *raw) {
    char *path = file_join(folder, name);
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, raw);
    bytes first, rest = buffer_bytes(raw);
    if (r == RESULT_OK)
        r = cvc_chain_next(&rest, out, &first);
    free(path);
    return r;
}

typedef struct issued {
    EVP_PKEY *root_key, *key;
    buffer root, certificate;
} issued;

/* A self-signed root and a certificate under it. */
static result issue(issued *i, const char *root_digits, const char *digits) {
    cvc root, certificate;
    *i = (issued){keys_rsa(), keys_rsa(), BUFFER_INIT(CVC_LENGTH), BUFFER_INIT(CVC_LENGTH)};
    result r = i->root_key != NULL && i->key != NULL ? RESULT_OK : RESULT_INTERNAL;
    if (r == RESULT_OK)
        r = make_reference(i->root_key, root_digits, root.holder_reference);
    if (r == RESULT_OK)
        r = make_reference(i->key, digits, certificate.holder_reference);
    if (r != RESULT_OK)
        return r;
    memcpy(root.authority_reference, root.holder_reference, CVC_REFERENCE_LENGTH);
    memcpy(certificate.authority_reference, root.holder_reference, CVC_REFERENCE_LENGTH);
    r = sign(&root, i->root_key, i->root_key, &i->root);
    return r == RESULT_OK ? sign(&certificate, i->key, i->root_key, &i->certificate) : r;
}

static void release(issued *i) {
    EVP_PKEY_free(i->root_key);
    EVP_PKEY_free(i->key);
    buffer_wipe(&i->root);
    buffer_wipe(&i->certificate);
}

result cvc_issue_create(office *o) {
    issued i;
    result r = issue(&i, ROOT_DIGITS, INTERMEDIATE_DIGITS);
    if (r == RESULT_OK)
        r = write_cvc(o->anchors, "cvc-root.cvc", &i.root);
    if (r == RESULT_OK)
        r = write_cvc(o->secrets, "cvc-intermediate.cvc", &i.certificate);
    if (r == RESULT_OK)
        r = keys_write(o->secrets, "cvc-root.key", i.root_key);
    if (r == RESULT_OK)
        r = keys_write(o->secrets, "cvc-intermediate.key", i.key);
    if (r == RESULT_OK)
        r = ceremony_key(o, "CVC root", i.root_key, "kept in ca/, never leaves it");
    if (r == RESULT_OK)
        r = ceremony_key(o, "CVC intermediate", i.key, "kept in ca/, never leaves it");
    release(&i);
    return r;
}

result cvc_issue_pair(office *o, const char *name, const char *root_digits, const char *digits) {
    char root_name[64], certificate_name[64], key_name[64];
    issued i;
    snprintf(root_name, sizeof root_name, "%s-root.cvc", name);
    snprintf(certificate_name, sizeof certificate_name, "%s.cvc", name);
    snprintf(key_name, sizeof key_name, "%s.key", name);
    result r = issue(&i, root_digits, digits);
    if (r == RESULT_OK)
        r = write_cvc(o->anchors, root_name, &i.root);
    if (r == RESULT_OK)
        r = write_cvc(o->secrets, certificate_name, &i.certificate);
    if (r == RESULT_OK)
        r = keys_write(o->secrets, key_name, i.key);
    if (r == RESULT_OK)
        r = ceremony_key(o, root_name, i.root_key, "not kept: it has signed its one certificate");
    if (r == RESULT_OK)
        r = ceremony_key(o, certificate_name, i.key, "kept in ca/, never leaves it");
    release(&i);
    return r;
}

result cvc_issue_under(EVP_PKEY *issuer, const uint8_t issuer_reference[CVC_REFERENCE_LENGTH], EVP_PKEY *key,
                       const uint8_t reference[CVC_REFERENCE_LENGTH], uint8_t out[CVC_LENGTH]) {
    cvc certificate;
    buffer whole = BUFFER_INIT(CVC_LENGTH);
    memcpy(certificate.authority_reference, issuer_reference, CVC_REFERENCE_LENGTH);
    memcpy(certificate.holder_reference, reference, CVC_REFERENCE_LENGTH);
    result r = sign(&certificate, key, issuer, &whole);
    if (r == RESULT_OK)
        memcpy(out, whole.data, CVC_LENGTH);
    buffer_wipe(&whole);
    return r;
}

result cvc_issue_chain(office *o, EVP_PKEY *key, const char *folder, const char *name) {
    cvc intermediate, holder;
    EVP_PKEY *signer = NULL;
    buffer chain = BUFFER_INIT(2 * CVC_LENGTH);
    result r = read_first(o->secrets, "cvc-intermediate.cvc", &intermediate, &chain);
    if (r == RESULT_OK)
        r = keys_read(o->secrets, "cvc-intermediate.key", &signer);
    if (r == RESULT_OK)
        r = make_reference(key, HOLDER_DIGITS, holder.holder_reference);
    if (r == RESULT_OK) {
        memcpy(holder.authority_reference, intermediate.holder_reference, CVC_REFERENCE_LENGTH);
        r = sign(&holder, key, signer, &chain);
    }
    if (r == RESULT_OK)
        r = write_cvc(folder, name, &chain);
    EVP_PKEY_free(signer);
    buffer_wipe(&chain);
    return r;
}

/* The references of a genuine chain, two certificates. */
static result read_genuine(const char *path, cvc pair[2]) {
    buffer raw = BUFFER_INIT(2 * CVC_LENGTH);
    bytes one;
    result r = file_read(path, &raw);
    bytes rest = buffer_bytes(&raw);
    for (int i = 0; r == RESULT_OK && i < 2; i++)
        r = cvc_chain_next(&rest, &pair[i], &one);
    buffer_wipe(&raw);
    return r;
}

result cvc_issue_forged(office *o, office *forger, const char *genuine, EVP_PKEY *key, const char *folder,
                        const char *name) {
    cvc pair[2];
    EVP_PKEY *root = NULL, *intermediate = NULL;
    buffer chain = BUFFER_INIT(2 * CVC_LENGTH);
    char *path = file_join(o->folder, genuine);
    result r = path == NULL ? RESULT_NO_MEMORY : read_genuine(path, pair);
    if (r == RESULT_OK)
        r = keys_read(forger->secrets, "cvc-root.key", &root);
    if (r == RESULT_OK)
        r = keys_read(forger->secrets, "cvc-intermediate.key", &intermediate);
    if (r == RESULT_OK)
        r = sign(&pair[0], intermediate, root, &chain);
    if (r == RESULT_OK)
        r = sign(&pair[1], key, intermediate, &chain);
    if (r == RESULT_OK)
        r = write_cvc(folder, name, &chain);
    EVP_PKEY_free(root);
    EVP_PKEY_free(intermediate);
    buffer_wipe(&chain);
    free(path);
    return r;
}
