/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/crypt: sealing, base64, certificates and trust (two CAs of one name, revocation, validity), CMS with a key that
 * lives elsewhere. */
#include "base/file.h"
#include "crypt/base64.h"
#include "crypt/cms.h"
#include "crypt/digest.h"
#include "crypt/seal.h"
#include "crypt/secret_file.h"
#include "crypt/trust.h"
#include "test_certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test-crypt.XXXXXX";
static test_identity authority, other_generation, foreign, person, revoked;
static int64_t now;

static char *in_folder(const char *name) {
    return test_path(folder, name);
}

static int make_everything(void **state) {
    (void)state;
    now = time(NULL);
    assert_non_null(mkdtemp(folder));
    const int64_t day = 86400;
    const test_profile ca = {
        "CN=One CA,O=Test,C=JP", 1, now - day, now + 1000 * day, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN, NULL};
    test_identity_make(&authority, &ca, NULL, NULL);
    test_identity_make(&other_generation, &ca, NULL, NULL);
    test_identity_make(&foreign, &ca, NULL, NULL);
    const test_profile p = {"CN=Person,O=Test,C=JP", 0x00C0FFEE, now - day, now + day, GNUTLS_KEY_DIGITAL_SIGNATURE,
                            GNUTLS_KP_TLS_WWW_CLIENT};
    test_identity_make(&person, &p, &authority, NULL);
    const test_profile r = {"CN=Revoked,O=Test,C=JP", 7, now - day, now + day, GNUTLS_KEY_DIGITAL_SIGNATURE,
                            GNUTLS_KP_TLS_WWW_CLIENT};
    test_identity_make(&revoked, &r, &authority, NULL);
    test_identity_write(&authority, in_folder("ca.pem"), NULL);
    test_identity_write(&other_generation, in_folder("other.pem"), NULL);
    test_identity_write(&foreign, in_folder("foreign.pem"), NULL);
    test_identity_write(&person, in_folder("person.pem"), in_folder("person.key"));
    test_revocation_write(&authority, &revoked, in_folder("ca.crl"));
    return 0;
}

static int remove_everything(void **state) {
    (void)state;
    static const char *const names[] = {"ca.pem", "other.pem", "foreign.pem", "person.pem", "person.key", "ca.crl"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_folder(names[i]));
    rmdir(folder);
    test_identity *const all[] = {&authority, &other_generation, &foreign, &person, &revoked};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        test_identity_free(all[i]);
    return 0;
}

static void sealing_binds_key_and_context(void **state) {
    (void)state;
    uint8_t key[CRYPT_SEAL_KEY_LENGTH] = {1}, other[CRYPT_SEAL_KEY_LENGTH] = {2};
    buffer sealed = BUFFER_INIT(1000), plain = BUFFER_INIT(1000);
    assert_int_equal(crypt_seal(key, BYTES("id-1"), bytes_of("secret", 6), &sealed), RESULT_OK);
    assert_int_equal(sealed.length, 6 + CRYPT_SEAL_OVERHEAD);
    assert_int_equal(crypt_open(key, BYTES("id-1"), buffer_bytes(&sealed), &plain), RESULT_OK);
    assert_string_equal(buffer_text(&plain), "secret");
    /* A nonce that came twice would give both contents away (NIST SP 800-38D 8). */
    buffer again = BUFFER_INIT(1000);
    assert_int_equal(crypt_seal(key, BYTES("id-1"), bytes_of("secret", 6), &again), RESULT_OK);
    for (size_t i = 0; i < 12; i += 4) /* and no part of it is always the same */
        assert_memory_not_equal(sealed.data + i, again.data + i, 4);
    assert_memory_not_equal(sealed.data + 12, again.data + 12, 6);
    buffer_wipe(&again);
    assert_int_equal(crypt_open(other, BYTES("id-1"), buffer_bytes(&sealed), &plain), RESULT_BAD_SIGNATURE);
    assert_int_equal(crypt_open(key, BYTES("id-2"), buffer_bytes(&sealed), &plain), RESULT_BAD_SIGNATURE);
    for (size_t i = 0; i < sealed.length; i++) {
        sealed.data[i] ^= 1;
        assert_int_equal(crypt_open(key, BYTES("id-1"), buffer_bytes(&sealed), &plain), RESULT_BAD_SIGNATURE);
        sealed.data[i] ^= 1;
        assert_int_equal(crypt_open(key, BYTES("id-1"), bytes_slice(buffer_bytes(&sealed), 0, i), &plain),
                         i < CRYPT_SEAL_OVERHEAD ? RESULT_TRUNCATED : RESULT_BAD_SIGNATURE);
    }
    assert_int_equal(plain.length, 6);
    buffer_clear(&sealed);
    buffer_clear(&plain);
    assert_int_equal(crypt_seal(key, BYTES("x"), bytes_of(NULL, 0), &sealed), RESULT_OK);
    assert_int_equal(crypt_open(key, BYTES("x"), buffer_bytes(&sealed), &plain), RESULT_OK);
    assert_int_equal(plain.length, 0);
    buffer_wipe(&sealed);
    buffer_wipe(&plain);
}

static void base64_is_strict(void **state) {
    (void)state;
    static const char *const wrong[] = {"QQ",    "QQ=",  "QR==", "Q Q==", "QQ==\n",
                                        "QUJD=", "====", "-_==", "QUJDQ", "QUJDQQ"};
    buffer data = BUFFER_INIT(100);
    assert_int_equal(crypt_base64_append(&data, bytes_of("\xFF\x00\x10\x20", 4)), RESULT_OK);
    assert_string_equal(buffer_text(&data), "/wAQIA==");
    buffer_clear(&data);
    assert_int_equal(crypt_base64_decode(bytes_of("/wAQIA==", 8), &data), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&data), bytes_of("\xFF\x00\x10\x20", 4)));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(crypt_base64_decode(bytes_of(wrong[i], strlen(wrong[i])), &data), RESULT_INVALID);
    assert_int_equal(data.length, 4);
    buffer_wipe(&data);
}

static void certificate_shows_its_fields(void **state) {
    (void)state;
    certificate *c, *again;
    char text[64], tiny[3];
    assert_int_equal(certificate_from_file(in_folder("person.pem"), &c), RESULT_OK);
    assert_int_equal(certificate_new(bytes_of(person.der.data, person.der.size), &again), RESULT_OK);
    assert_true(certificate_equal(c, again));
    assert_string_equal(certificate_serial(c), "C0FFEE");
    assert_int_equal(certificate_subject_attribute(c, CERTIFICATE_COMMON_NAME, text, sizeof text), RESULT_OK);
    assert_string_equal(text, "Person");
    assert_int_equal(certificate_subject_attribute(c, CERTIFICATE_COMMON_NAME, tiny, sizeof tiny), RESULT_TOO_LONG);
    assert_int_equal(certificate_subject_attribute(c, CERTIFICATE_TITLE, text, sizeof text), RESULT_NOT_FOUND);
    buffer modulus = BUFFER_INIT(CRYPT_MODULUS_MAX);
    assert_int_equal(certificate_modulus(c, &modulus), RESULT_OK);
    assert_int_equal(modulus.length, 256);
    buffer_wipe(&modulus);
    certificate_free(&c);
    certificate_free(&again);
    assert_int_equal(certificate_new(bytes_of(person.der.data, person.der.size - 1), &c), RESULT_INVALID);
    assert_null(c);
}

static void trust_gives_each_verdict(void **state) {
    (void)state;
    trust *t, *strangers;
    certificate *good, *bad;
    assert_int_equal(trust_new(&t), RESULT_OK);
    assert_int_equal(trust_new(&strangers), RESULT_OK);
    trust_set_policy(strangers, &(revocation_policy){.without_lists = true});
    assert_int_equal(trust_add_authorities(t, in_folder("other.pem")), RESULT_OK); /* the same name, tried first */
    assert_int_equal(trust_add_anchor(t, folder, "ca"), RESULT_OK);
    assert_int_equal(trust_add_anchor(strangers, folder, "foreign"), RESULT_OK);
    assert_int_equal(trust_add_anchor(t, folder, "absent"), RESULT_NOT_FOUND);
    assert_int_equal(trust_add_revocations(t, in_folder("ca.pem")), RESULT_INVALID);
    assert_int_equal(certificate_new(bytes_of(person.der.data, person.der.size), &good), RESULT_OK);
    assert_int_equal(certificate_new(bytes_of(revoked.der.data, revoked.der.size), &bad), RESULT_OK);
    assert_int_equal(trust_check(t, good, TRUST_CLIENT_AUTHENTICATION, now), TRUST_OK);
    assert_int_equal(trust_check(t, good, TRUST_SERVER_AUTHENTICATION, now), TRUST_WRONG_PURPOSE);
    assert_int_equal(trust_check(t, good, TRUST_SIGNATURE, now), TRUST_OK);
    assert_int_equal(trust_check(t, good, TRUST_ANY_PURPOSE, now - 10 * 86400), TRUST_NOT_YET_VALID);
    assert_int_equal(trust_check(t, good, TRUST_ANY_PURPOSE, now + 10 * 86400), TRUST_EXPIRED);
    assert_int_equal(trust_check(strangers, good, TRUST_ANY_PURPOSE, now), TRUST_UNKNOWN_ISSUER);
    assert_int_equal(trust_check(t, bad, TRUST_ANY_PURPOSE, now), TRUST_REVOKED);
    certificate_free(&good);
    certificate_free(&bad);
    trust_free(&t);
    trust_free(&strangers);
}

static result refusing_signer(void *context, bytes message, buffer *signature) {
    (void)context;
    (void)message;
    (void)signature;
    return RESULT_REMOVED;
}

static void cms_round_trip_and_every_altered_byte(void **state) {
    (void)state;
    cms_key *key;
    certificate *c;
    cms_message message;
    buffer der = BUFFER_INIT(16384);
    const bytes content = bytes_of("{\"version\":1}", 13);
    assert_int_equal(certificate_from_file(in_folder("person.pem"), &c), RESULT_OK);
    assert_int_equal(cms_key_from_file(in_folder("person.key"), &key), RESULT_OK);
    cms_signer signers[] = {cms_key_signer(key, c), {c, refusing_signer, NULL}};
    assert_int_equal(cms_sign(content, false, signers, 2, now, &der), RESULT_REMOVED);
    assert_int_equal(der.length, 0);
    assert_int_equal(cms_sign(content, false, signers, 1, 1795564931, &der), RESULT_OK);
    assert_int_equal(cms_verify(buffer_bytes(&der), bytes_of(NULL, 0), &message), RESULT_OK);
    assert_int_equal(message.count, 1);
    assert_true(certificate_equal(message.signers[0], c));
    assert_int_equal(message.signing_time[0], 1795564931);
    assert_true(bytes_equal(buffer_bytes(&message.content), content));
    cms_message_free(&message);
    size_t accepted = 0;
    for (size_t i = 0; i < der.length; i++) {
        der.data[i] ^= 0x01;
        if (cms_verify(buffer_bytes(&der), bytes_of(NULL, 0), &message) == RESULT_OK && message.count == 1 &&
            certificate_equal(message.signers[0], c) && !bytes_equal(buffer_bytes(&message.content), content))
            accepted++;
        cms_message_free(&message);
        der.data[i] ^= 0x01;
        assert_int_not_equal(cms_verify(bytes_slice(buffer_bytes(&der), 0, i), bytes_of(NULL, 0), &message), RESULT_OK);
        cms_message_free(&message);
    }
    assert_int_equal(accepted, 0);
    buffer_clear(&der);
    assert_int_equal(cms_sign(content, true, signers, 1, now, &der), RESULT_OK);
    assert_int_equal(cms_verify(buffer_bytes(&der), content, &message), RESULT_OK);
    cms_message_free(&message);
    assert_int_equal(cms_verify(buffer_bytes(&der), bytes_of("{\"version\":2}", 13), &message), RESULT_BAD_SIGNATURE);
    cms_message_free(&message);
    assert_int_equal(cms_verify(buffer_bytes(&der), bytes_of(NULL, 0), &message), RESULT_INVALID);
    cms_message_free(&message);
    buffer_wipe(&der);
    cms_key_free(&key);
    certificate_free(&c);
}

/* Text with a NUL inside ends there for C, and would be another holder's number. */
static void a_number_with_a_nul_is_nobodys(void **state) {
    (void)state;
    static const char number[] = "1312345678X";
    const test_profile profile = {"serialNumber=1312345678X,C=JP", 9,   now - 1, now + 1,
                                  GNUTLS_KEY_DIGITAL_SIGNATURE,    NULL};
    test_identity holder;
    certificate *c;
    char text[64];
    test_identity_make(&holder, &profile, &authority, NULL);
    uint8_t *at = memmem(holder.der.data, holder.der.size, number, sizeof number - 1);
    assert_non_null(at);
    assert_int_equal(certificate_new(bytes_of(holder.der.data, holder.der.size), &c), RESULT_OK);
    assert_int_equal(certificate_subject_attribute(c, CERTIFICATE_SERIAL_NUMBER, text, sizeof text), RESULT_OK);
    assert_string_equal(text, number);
    certificate_free(&c);
    at[sizeof number - 2] = 0;
    assert_int_equal(certificate_new(bytes_of(holder.der.data, holder.der.size), &c), RESULT_OK);
    if (certificate_subject_attribute(c, CERTIFICATE_SERIAL_NUMBER, text, sizeof text) == RESULT_OK)
        assert_string_not_equal(text, "1312345678"); /* GnuTLS gives it in hexadecimal, "#" before it */
    certificate_free(&c);
    test_identity_free(&holder);
}

/* RFC 8017 8.2.2 step 1: as long as the modulus. A signature that begins with a zero byte is the same number without. */
static void a_signature_has_one_length(void **state) {
    (void)state;
    cms_key *key;
    certificate *c;
    uint8_t longer[257] = {0};
    buffer mark = BUFFER_INIT(256);
    assert_int_equal(certificate_from_file(in_folder("person.pem"), &c), RESULT_OK);
    assert_int_equal(cms_key_from_file(in_folder("person.key"), &key), RESULT_OK);
    uint32_t message = 0;
    do { /* one of 256 begins so */
        buffer_clear(&mark);
        message++;
        assert_int_equal(cms_key_sign(key, bytes_of(&message, sizeof message), &mark), RESULT_OK);
    } while (mark.data[0] != 0);
    assert_int_equal(certificate_verify(c, bytes_of(&message, sizeof message), buffer_bytes(&mark)), RESULT_OK);
    assert_int_equal(
        certificate_verify(c, bytes_of(&message, sizeof message), bytes_slice(buffer_bytes(&mark), 1, 255)),
        RESULT_BAD_SIGNATURE);
    memcpy(longer + 1, mark.data, mark.length);
    assert_int_equal(certificate_verify(c, bytes_of(&message, sizeof message), BYTES(longer)), RESULT_BAD_SIGNATURE);
    buffer_wipe(&mark);
    cms_key_free(&key);
    certificate_free(&c);
}

/* Made once, for its user alone; one that is there stays as it is. */
static void a_secret_is_made_once(void **state) {
    char place[] = "/tmp/uketsuke-secret.XXXXXX", path[64];
    buffer first = BUFFER_SECRET(SECRET_FILE_MAX), again = BUFFER_SECRET(SECRET_FILE_MAX);
    static const uint8_t nothing[32];
    struct stat seen;
    (void)state;
    assert_non_null(mkdtemp(place));
    snprintf(path, sizeof path, "%s/secret", place);
    assert_int_equal(secret_file_make(path, SECRET_FILE_MAX + 1), RESULT_TOO_LONG);
    assert_int_equal(stat(path, &seen), -1);
    assert_int_equal(secret_file_make(path, sizeof nothing), RESULT_OK);
    assert_int_equal(stat(path, &seen), 0);
    assert_int_equal(seen.st_mode & 0777, 0600);
    assert_int_equal(file_read_secret(path, &first), RESULT_OK);
    assert_int_equal(first.length, sizeof nothing);
    assert_memory_not_equal(first.data, nothing, sizeof nothing);
    assert_int_equal(secret_file_make(path, sizeof nothing), RESULT_OK);
    assert_int_equal(file_read_secret(path, &again), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&first), buffer_bytes(&again)));
    buffer_wipe(&first);
    buffer_wipe(&again);
    unlink(path);
    rmdir(place);
    assert_int_not_equal(secret_file_make(path, sizeof nothing), RESULT_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealing_binds_key_and_context),         cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(certificate_shows_its_fields),          cmocka_unit_test(trust_gives_each_verdict),
        cmocka_unit_test(cms_round_trip_and_every_altered_byte), cmocka_unit_test(a_signature_has_one_length),
        cmocka_unit_test(a_number_with_a_nul_is_nobodys),        cmocka_unit_test(a_secret_is_made_once),
    };
    return cmocka_run_group_tests(tests, make_everything, remove_everything);
}
