/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "patient_institution.h"

#include "base/secret.h"
#include "iso7816/tlv.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#define BODY_COMMAND_LENGTH 307        /* 7F21 820233 5F4E 820129 <297> */
#define SIGNATURE_COMMAND_LENGTH 261   /* 5F37 820100 <256> */
#define CERTIFICATE_COMMAND_LENGTH 563 /* 5F4E 820129 <297> 5F37 820100 <256> */
#define REFERENCE_COMMAND_LENGTH 18    /* 83 10 <16> */
#define TAG_KEY_REFERENCE 0x83         /* ISO/IEC 7816-4 table 55: reference of a public key */

void institution_clear(institution *i) {
    i->level = LEVEL_NONE;
    i->body_pending = i->issuer_chosen = i->challenge_outstanding = i->authenticated = false;
    secret_wipe(i->challenge, sizeof i->challenge);
}

static EVP_PKEY *public_key_of(const cvc *certificate) {
    EVP_PKEY *key = NULL;
    BIGNUM *n = BN_bin2bn(certificate->modulus, CVC_MODULUS_LENGTH, NULL);
    BIGNUM *e = BN_bin2bn(certificate->exponent, CVC_EXPONENT_LENGTH, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *parameters = NULL;
    if (n != NULL && e != NULL && build != NULL && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
        parameters = OSSL_PARAM_BLD_to_param(build);
    if (parameters != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1)
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
    OSSL_PARAM_free(parameters);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_BLD_free(build);
    BN_free(e);
    BN_free(n);
    return key;
}

/* RSA PKCS#1 v1.5 with SHA-256 under the certificate's key. */
static bool signature_is_right(const cvc *signer, bytes message, bytes signature) {
    EVP_PKEY *key = public_key_of(signer);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool right = key != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                 EVP_DigestVerify(context, signature.data, signature.length, message.data, message.length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return right;
}

/* The codec sees to a full-length odd modulus and an odd exponent; with 1 anybody could make signatures. */
static bool exponent_is_one(const cvc *certificate) {
    static const uint8_t one[CVC_EXPONENT_LENGTH] = {0, 0, 1};
    return memcmp(certificate->exponent, one, sizeof one) == 0;
}

static bool references_equal(const uint8_t a[CVC_REFERENCE_LENGTH], const uint8_t b[CVC_REFERENCE_LENGTH]) {
    return memcmp(a, b, CVC_REFERENCE_LENGTH) == 0;
}

/* The key that signs certificates with this CAR, and the level of what it signs; NULL when unknown. */
static const cvc *issuer_of(const institution *i, const uint8_t reference[CVC_REFERENCE_LENGTH],
                            institution_level *level) {
    if (i->has_anchor && references_equal(i->anchor.holder_reference, reference)) {
        *level = LEVEL_INTERMEDIATE;
        return &i->anchor;
    }
    if (i->level == LEVEL_INTERMEDIATE && references_equal(i->held.holder_reference, reference)) {
        *level = LEVEL_HOLDER;
        return &i->held;
    }
    return NULL;
}

/* Whatever is refused on the way also takes the certificate held so far: a chain is whole or nothing. */
static status_word refuse(institution *i, status_word sw) {
    i->level = LEVEL_NONE;
    i->body_pending = i->issuer_chosen = false;
    return sw;
}

static status_word check_body(const institution *i, bytes body, cvc *certificate) {
    institution_level level;
    if (cvc_parse_body(body, certificate) != RESULT_OK || exponent_is_one(certificate))
        return SW_WRONG_DATA;
    return issuer_of(i, certificate->authority_reference, &level) == NULL ? SW_REFERENCE_NOT_FOUND : SW_OK;
}

/* Takes the object off *rest when it has that tag and length. */
static bool take(bytes *rest, uint32_t tag, size_t length, bytes *value) {
    tlv object;
    if (tlv_next(rest, &object) != RESULT_OK || object.tag != tag || object.value.length != length)
        return false;
    *value = object.value;
    return true;
}

static status_word verify_and_hold(institution *i, const cvc *certificate, bytes body, bytes signature) {
    institution_level level;
    const cvc *issuer = issuer_of(i, certificate->authority_reference, &level);
    if (issuer == NULL)
        return refuse(i, SW_REFERENCE_NOT_FOUND);
    if (!signature_is_right(issuer, body, signature))
        return refuse(i, SW_SECURITY_STATUS);
    i->held = *certificate;
    i->level = level;
    i->body_pending = i->issuer_chosen = false;
    return SW_OK;
}

/* Part one announces the whole certificate (7F21, length 563) but ends after 5F4E: the header is taken off by hand. */
status_word institution_import_body(institution *i, bytes data) {
    static const uint8_t header[] = {0x7F, 0x21, 0x82, 0x02, 0x33};
    bytes body;
    if (!i->has_anchor)
        return SW_REFERENCE_NOT_FOUND;
    if (data.length != BODY_COMMAND_LENGTH)
        return refuse(i, SW_WRONG_LENGTH);
    bytes rest = bytes_slice(data, sizeof header, data.length);
    if (!bytes_equal(bytes_slice(data, 0, sizeof header), BYTES(header)) ||
        !take(&rest, CVC_TAG_BODY, CVC_BODY_LENGTH, &body))
        return refuse(i, SW_WRONG_DATA);
    status_word sw = check_body(i, body, &i->body);
    if (sw != SW_OK)
        return refuse(i, sw);
    i->body_pending = true;
    return SW_OK;
}

status_word institution_import_signature(institution *i, bytes data) {
    bytes signature;
    if (!i->has_anchor)
        return SW_REFERENCE_NOT_FOUND;
    if (data.length != SIGNATURE_COMMAND_LENGTH)
        return refuse(i, SW_WRONG_LENGTH);
    if (!i->body_pending)
        return refuse(i, SW_CONDITIONS);
    if (!take(&data, CVC_TAG_SIGNATURE, CVC_SIGNATURE_LENGTH, &signature))
        return refuse(i, SW_WRONG_DATA);
    buffer body = BUFFER_INIT(CVC_BODY_LENGTH);
    status_word sw = SW_UNKNOWN;
    if (cvc_build_body(&i->body, &body) == RESULT_OK)
        sw = verify_and_hold(i, &i->body, buffer_bytes(&body), signature);
    buffer_wipe(&body);
    return sw;
}

static status_word take_reference(bytes data, bytes *reference) {
    if (data.length != REFERENCE_COMMAND_LENGTH)
        return SW_WRONG_LENGTH;
    return take(&data, TAG_KEY_REFERENCE, CVC_REFERENCE_LENGTH, reference) ? SW_OK : SW_WRONG_DATA;
}

status_word institution_choose_issuer(institution *i, bytes data) {
    bytes reference;
    institution_level level;
    i->issuer_chosen = false;
    status_word sw = i->has_anchor ? take_reference(data, &reference) : SW_REFERENCE_NOT_FOUND;
    if (sw != SW_OK)
        return sw;
    if (issuer_of(i, reference.data, &level) == NULL)
        return SW_REFERENCE_NOT_FOUND;
    memcpy(i->issuer, reference.data, CVC_REFERENCE_LENGTH);
    i->issuer_chosen = true;
    return SW_OK;
}

status_word institution_verify_certificate(institution *i, bytes data) {
    bytes body, signature;
    cvc certificate;
    if (!i->has_anchor)
        return SW_REFERENCE_NOT_FOUND;
    if (data.length != CERTIFICATE_COMMAND_LENGTH)
        return refuse(i, SW_WRONG_LENGTH);
    if (!i->issuer_chosen)
        return refuse(i, SW_CONDITIONS);
    if (!take(&data, CVC_TAG_BODY, CVC_BODY_LENGTH, &body) ||
        !take(&data, CVC_TAG_SIGNATURE, CVC_SIGNATURE_LENGTH, &signature))
        return refuse(i, SW_WRONG_DATA);
    status_word sw = check_body(i, body, &certificate);
    if (sw == SW_OK && !references_equal(certificate.authority_reference, i->issuer))
        sw = SW_REFERENCE_NOT_FOUND;
    return sw == SW_OK ? verify_and_hold(i, &certificate, body, signature) : refuse(i, sw);
}

status_word institution_choose_holder(const institution *i, bytes data) {
    bytes reference;
    status_word sw = i->has_anchor ? take_reference(data, &reference) : SW_REFERENCE_NOT_FOUND;
    if (sw != SW_OK)
        return sw;
    bool named = i->level == LEVEL_HOLDER && references_equal(i->held.holder_reference, reference.data);
    return named ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

void institution_challenge_given(institution *i, bytes random) {
    i->challenge_outstanding = random.length == INSTITUTION_CHALLENGE_LENGTH;
    if (i->challenge_outstanding)
        memcpy(i->challenge, random.data, INSTITUTION_CHALLENGE_LENGTH);
}

status_word institution_authenticate(institution *i, bytes signature) {
    bool outstanding = i->challenge_outstanding;
    i->challenge_outstanding = i->authenticated = false;
    if (!i->has_anchor)
        return SW_REFERENCE_NOT_FOUND;
    if (signature.length != INSTITUTION_SIGNATURE_LENGTH)
        return SW_WRONG_LENGTH;
    if (!outstanding || i->level != LEVEL_HOLDER)
        return SW_CONDITIONS;
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    institution_message(i->card_id, i->held.holder_reference, i->challenge, message);
    i->authenticated = signature_is_right(&i->held, BYTES(message), signature);
    return i->authenticated ? SW_OK : SW_NO_INFORMATION;
}
