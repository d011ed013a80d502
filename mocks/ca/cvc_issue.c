#include "cvc_issue.h"

#include "base/file.h"
#include "ceremony.h"
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#define ROOT_DIGITS "9900001"
#define INTERMEDIATE_DIGITS "9900073"
#define HOLDER_DIGITS "9999774"

static result make_reference(EVP_PKEY *key, const char *digits, uint8_t reference[CVC_REFERENCE_LENGTH]) {
    uint8_t digest[32];
    result r = keys_fingerprint(key, digest);
    memcpy(reference, digits, 7);
    memcpy(reference + 7, "\x08\x05" "001", 5);
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

result cvc_issue_create(office *o) {
    EVP_PKEY *root_key = keys_rsa(), *key = keys_rsa();
    cvc root, intermediate;
    buffer root_raw = BUFFER_INIT(CVC_LENGTH), raw = BUFFER_INIT(CVC_LENGTH);
    result r = root_key != NULL && key != NULL ? RESULT_OK : RESULT_INTERNAL;
    if (r == RESULT_OK)
        r = make_reference(root_key, ROOT_DIGITS, root.holder_reference);
    if (r == RESULT_OK)
        r = make_reference(key, INTERMEDIATE_DIGITS, intermediate.holder_reference);
    if (r == RESULT_OK) {
        memcpy(root.authority_reference, root.holder_reference, CVC_REFERENCE_LENGTH);
        memcpy(intermediate.authority_reference, root.holder_reference, CVC_REFERENCE_LENGTH);
        r = sign(&root, root_key, root_key, &root_raw);
    }
    if (r == RESULT_OK)
        r = sign(&intermediate, key, root_key, &raw);
    if (r == RESULT_OK)
        r = write_cvc(o->anchors, "cvc-root.cvc", &root_raw);
    if (r == RESULT_OK)
        r = write_cvc(o->secrets, "cvc-intermediate.cvc", &raw);
    if (r == RESULT_OK)
        r = keys_write(o->secrets, "cvc-root.key", root_key);
    if (r == RESULT_OK)
        r = keys_write(o->secrets, "cvc-intermediate.key", key);
    if (r == RESULT_OK)
        r = ceremony_key(o, "CVC root", root_key, "kept in ca/, never leaves it");
    if (r == RESULT_OK)
        r = ceremony_key(o, "CVC intermediate", key, "kept in ca/, never leaves it");
    EVP_PKEY_free(root_key);
    EVP_PKEY_free(key);
    buffer_wipe(&root_raw);
    buffer_wipe(&raw);
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
