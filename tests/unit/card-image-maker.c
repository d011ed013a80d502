/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card-image-maker.h"

#include "base/file.h"
#include "base/hex.h"
#include "iso7816/apdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static buffer last_answer = BUFFER_INIT(APDU_RESPONSE_MAX);

void card_image_put(const card_image_maker *maker, const char *name, const void *content, size_t length) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", maker->folder, name);
    if (content == NULL) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    char *slash = strrchr(path, '/');
    *slash = 0;
    assert_int_equal(file_make_folders(path, 0700), RESULT_OK);
    *slash = '/';
    assert_int_equal(file_replace(path, bytes_of(content, length), 0600), RESULT_OK);
}

static void put_text(const card_image_maker *maker, const char *name, const char *text) {
    card_image_put(maker, name, text, strlen(text));
}

void card_image_put_key(const card_image_maker *maker, const char *name, EVP_PKEY *key) {
    BIO *pem = BIO_new(BIO_s_mem());
    char *text;
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL), 1);
    long length = BIO_get_mem_data(pem, &text);
    card_image_put(maker, name, text, (size_t)length);
    BIO_free(pem);
}

/* Self-signed; also put into the CA's file, as nobody checks chains here. */
static void put_certificate(const card_image_maker *maker, const char *name, const char *ca_name, EVP_PKEY *key,
                            const char *common_name, uint8_t content[2048]) {
    X509 *x509 = X509_new();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 19748810);
    X509_gmtime_adj(X509_getm_notBefore(x509), 0);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_NAME *name_of_both = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name_of_both, "CN", MBSTRING_ASC, (const uint8_t *)common_name, -1, -1, 0);
    X509_set_issuer_name(x509, name_of_both);
    X509_set_pubkey(x509, key);
    assert_int_not_equal(X509_sign(x509, key, EVP_sha256()), 0);
    memset(content, 0xFF, 2048);
    uint8_t *end = content;
    int length = i2d_X509(x509, &end);
    assert_in_range(length, 256, 2047);
    card_image_put(maker, name, content, (size_t)length);
    card_image_put(maker, ca_name, content, (size_t)length);
    X509_free(x509);
}

void make_signature(EVP_PKEY *key, bytes message, uint8_t signature[256]) {
    size_t length = 256;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &length, message.data, message.length), 1);
    assert_int_equal(length, 256);
    EVP_MD_CTX_free(context);
}

void make_cvc(EVP_PKEY *signer, const char *authority, const char *holder, EVP_PKEY *key, uint8_t out[CVC_LENGTH]) {
    cvc certificate;
    BIGNUM *n = NULL, *e = NULL;
    buffer body = BUFFER_INIT(CVC_BODY_LENGTH), whole = BUFFER_INIT(CVC_LENGTH);
    memcpy(certificate.authority_reference, authority, CVC_REFERENCE_LENGTH);
    memcpy(certificate.holder_reference, holder, CVC_REFERENCE_LENGTH);
    assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n), 1);
    assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e), 1);
    BN_bn2binpad(n, certificate.modulus, CVC_MODULUS_LENGTH);
    BN_bn2binpad(e, certificate.exponent, CVC_EXPONENT_LENGTH);
    assert_int_equal(cvc_build_body(&certificate, &body), RESULT_OK);
    make_signature(signer, buffer_bytes(&body), certificate.signature);
    assert_int_equal(cvc_build(&certificate, &whole), RESULT_OK);
    assert_int_equal(whole.length, CVC_LENGTH);
    memcpy(out, whole.data, CVC_LENGTH);
    buffer_wipe(&whole);
    buffer_wipe(&body);
    BN_free(e);
    BN_free(n);
}

static void put_token(const card_image_maker *maker, const char *application) {
    uint8_t token[160];
    char head[97];
    memset(token, 0xFF, sizeof token);
    snprintf(head, sizeof head, "%-32s%-32s%-16s%s", application, "MAKER", "MODEL", MAKER_CARD_ID);
    memcpy(token, head, 96);
    card_image_put(maker, "ef/0006", token, sizeof token);
}

static void put_trust(card_image_maker *maker) {
    uint8_t root[CVC_LENGTH];
    make_cvc(maker->root, MAKER_ROOT_REFERENCE, MAKER_ROOT_REFERENCE, maker->root, root);
    card_image_put(maker, "trust/root.cvc", root, sizeof root);
    make_cvc(maker->root, MAKER_ROOT_REFERENCE, MAKER_INTERMEDIATE_REFERENCE, maker->intermediate,
             maker->intermediate_cvc);
    make_cvc(maker->intermediate, MAKER_INTERMEDIATE_REFERENCE, MAKER_HOLDER_REFERENCE, maker->holder,
             maker->holder_cvc);
}

void card_image_make(card_image_maker *maker, const char *personality) {
    bool patient = strcmp(personality, "patient") == 0;
    *maker = (card_image_maker){.folder = "/tmp/test-patient-card.XXXXXX"};
    assert_non_null(mkdtemp(maker->folder));
    EVP_PKEY **keys[] = {&maker->auth, &maker->sign, &maker->root, &maker->intermediate, &maker->holder};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_non_null(*keys[i] = EVP_RSA_gen(2048));
    put_text(maker, "personality", patient ? "patient\n" : "operator\n");
    put_text(maker, "atr", "3B8880010000 05E0B381A1007F\n");
    put_text(maker, "card-id", MAKER_CARD_ID);
    put_text(maker, "pin/auth", MAKER_AUTH_PIN);
    put_text(maker, "pin/sign", MAKER_SIGN_PIN "\n");
    put_certificate(maker, "ef/0001", "ef/0002", maker->sign, "signature", maker->sign_certificate);
    put_certificate(maker, "ef/000A", "ef/000B", maker->auth, "authentication", maker->auth_certificate);
    put_token(maker, patient ? "JPKIAPICCTOKEN2" : "UKETSUKEOPTOKEN");
    card_image_put_key(maker, "key/auth.pem", maker->auth);
    card_image_put_key(maker, "key/sign.pem", maker->sign);
    put_trust(maker);
}

static void remove_tree(const char *folder, const char *part) {
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s%s'", folder, part);
    assert_int_equal(system(command), 0);
}

void card_image_forget(const card_image_maker *maker) {
    remove_tree(maker->folder, "/state");
}

void card_image_remove(card_image_maker *maker) {
    EVP_PKEY *keys[] = {maker->auth, maker->sign, maker->root, maker->intermediate, maker->holder};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        EVP_PKEY_free(keys[i]);
    remove_tree(maker->folder, "");
    buffer_wipe(&last_answer);
}

static const card_personality *personality_of(const card *c) {
    (void)c; /* both personalities are the same applet */
    return &patient_card_personality;
}

status_word exchange_raw(card *c, bytes raw) {
    bytes data;
    status_word sw = 0;
    /* A copy of exactly that size, so that a sanitizer sees any step outside. */
    uint8_t *copy = malloc(raw.length + 1);
    assert_non_null(copy);
    if (raw.length > 0)
        memcpy(copy, raw.data, raw.length);
    copy = realloc(copy, raw.length > 0 ? raw.length : 1);
    buffer_clear(&last_answer);
    personality_of(c)->transmit(c, bytes_of(copy, raw.length), &last_answer);
    free(copy);
    assert_int_equal(apdu_response(buffer_bytes(&last_answer), &data, &sw), RESULT_OK);
    return sw;
}

bytes answer_data(void) {
    return bytes_slice(buffer_bytes(&last_answer), 0, last_answer.length - 2);
}

status_word exchange(card *c, const char *hexadecimal) {
    buffer raw = BUFFER_INIT(APDU_COMMAND_MAX);
    assert_int_equal(hex_decode(hexadecimal, &raw), RESULT_OK);
    status_word sw = exchange_raw(c, buffer_bytes(&raw));
    buffer_wipe(&raw);
    return sw;
}

status_word exchange_data(card *c, uint32_t header, bytes data, uint32_t le) {
    apdu_command command = {.cla = (uint8_t)(header >> 24),
                            .ins = (uint8_t)(header >> 16),
                            .p1 = (uint8_t)(header >> 8),
                            .p2 = (uint8_t)header,
                            .data = data,
                            .le = le};
    buffer raw = BUFFER_INIT(APDU_COMMAND_MAX);
    assert_int_equal(apdu_build(&command, &raw), RESULT_OK);
    status_word sw = exchange_raw(c, buffer_bytes(&raw));
    buffer_wipe(&raw);
    return sw;
}

void select_jpki(card *c) {
    assert_int_equal(exchange(c, "00A4040C0AD392F000260100000001"), 0x9000);
}

void select_ef(card *c, uint16_t id) {
    uint8_t raw[] = {(uint8_t)(id >> 8), (uint8_t)id};
    assert_int_equal(exchange_data(c, 0x00A4020C, BYTES(raw), 0), 0x9000);
}

static bool data_is(const char *hexadecimal, bytes data) {
    buffer wanted = BUFFER_INIT(APDU_RESPONSE_MAX);
    char text[2048];
    bool begins = strlen(hexadecimal) >= 3 && strcmp(hexadecimal + strlen(hexadecimal) - 3, "...") == 0;
    snprintf(text, sizeof text, "%.*s", (int)(strlen(hexadecimal) - (begins ? 3 : 0)), hexadecimal);
    assert_int_equal(hex_decode(text, &wanted), RESULT_OK);
    bool is = bytes_equal(buffer_bytes(&wanted), begins ? bytes_slice(data, 0, wanted.length) : data);
    buffer_wipe(&wanted);
    return is;
}

void run_script(card *c, const script_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        status_word sw = exchange(c, rows[i].command);
        if (sw != rows[i].sw)
            fail_msg("row %zu, %s: %04X instead of %04X", i, rows[i].command, sw, rows[i].sw);
        if (rows[i].data != NULL && !data_is(rows[i].data, answer_data()))
            fail_msg("row %zu, %s: other data than %s", i, rows[i].command, rows[i].data);
    }
}
