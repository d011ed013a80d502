/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/p11 with another maker's PKCS#11 module: SoftHSM (Debian package softhsm2), its store in a private folder.
 * Skipped where the module is not installed; what only our own module does is tested in tests/pkcs11. */
#include "base/file.h"
#include "crypt/certificate.h"
#include "crypt/digest.h"
#include "p11/institution_token.h"
#include "p11/return_value.h"
#include "p11/token.h"
#include "test_certificates.h"

#include <ftw.h>
#include <p11-kit/p11-kit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define SKIPPED 77 /* automake: a test that could not run */
#define READER "SoftHSM slot"
#define OFFICER "12345678"
#define PIN "2468"
#define ROOM 4096

static char folder[] = "/tmp/test-p11.XXXXXX";
static test_identity identity;
static certificate *certificate_of_key;
static CK_FUNCTION_LIST *functions; /* for what lib/p11 never does: making tokens and keys */
static token_module *module;

static bytes pin(const char *text) {
    return bytes_of(text, strlen(text));
}

/* --- a store with two tokens: "Alpha token" has objects, "Beta token" none ---------------------------------------- */

static void make_configuration(void) {
    char path[64], tokens[64];
    assert_non_null(mkdtemp(folder));
    snprintf(tokens, sizeof tokens, "%s/tokens", folder);
    snprintf(path, sizeof path, "%s/softhsm2.conf", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", tokens);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(file_make_folders(tokens, 0700), RESULT_OK);
    assert_int_equal(setenv("SOFTHSM2_CONF", path, 1), 0);
}

static CK_SESSION_HANDLE make_token(CK_SLOT_ID slot, const char *label) {
    CK_UTF8CHAR padded[32];
    CK_SESSION_HANDLE session;
    memset(padded, ' ', sizeof padded);
    memcpy(padded, label, strlen(label));
    assert_int_equal(functions->C_InitToken(slot, (CK_UTF8CHAR *)(uintptr_t)OFFICER, strlen(OFFICER), padded), CKR_OK);
    assert_int_equal(functions->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session), CKR_OK);
    assert_int_equal(functions->C_Login(session, CKU_SO, (CK_UTF8CHAR *)(uintptr_t)OFFICER, strlen(OFFICER)), CKR_OK);
    assert_int_equal(functions->C_InitPIN(session, (CK_UTF8CHAR *)(uintptr_t)PIN, strlen(PIN)), CKR_OK);
    assert_int_equal(functions->C_Logout(session), CKR_OK);
    assert_int_equal(functions->C_Login(session, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)PIN, strlen(PIN)), CKR_OK);
    return session;
}

#define TEXT(text) (void *)(uintptr_t)(text), strlen(text)

static void make_key(CK_SESSION_HANDLE session, const char *label, CK_BBOOL ask_each_time) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = CKK_RSA;
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_HANDLE object;
    gnutls_datum_t m, e, d, p, q, u, dp, dq;
    assert_int_equal(gnutls_x509_privkey_export_rsa_raw2(identity.key, &m, &e, &d, &p, &q, &u, &dp, &dq), 0);
    /* clang-format off */
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class}, {CKA_KEY_TYPE, &type, sizeof type}, {CKA_LABEL, TEXT(label)},
        {CKA_TOKEN, &yes, 1}, {CKA_PRIVATE, &yes, 1}, {CKA_SENSITIVE, &yes, 1}, {CKA_SIGN, &yes, 1},
        {CKA_DECRYPT, &yes, 1}, {CKA_ALWAYS_AUTHENTICATE, &ask_each_time, 1}, {CKA_MODULUS, m.data, m.size},
        {CKA_PUBLIC_EXPONENT, e.data, e.size}, {CKA_PRIVATE_EXPONENT, d.data, d.size}, {CKA_PRIME_1, p.data, p.size},
        {CKA_PRIME_2, q.data, q.size}, {CKA_EXPONENT_1, dp.data, dp.size}, {CKA_EXPONENT_2, dq.data, dq.size},
        {CKA_COEFFICIENT, u.data, u.size},
    };
    /* clang-format on */
    assert_int_equal(functions->C_CreateObject(session, template, sizeof template / sizeof *template, &object), CKR_OK);
    gnutls_datum_t *const all[] = {&m, &e, &d, &p, &q, &u, &dp, &dq};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        gnutls_free(all[i]->data);
}

static void make_data(CK_SESSION_HANDLE session, const char *label, bytes value, CK_BBOOL private_object) {
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_HANDLE object;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_TOKEN, &yes, 1},
        {CKA_PRIVATE, &private_object, 1},
        {CKA_LABEL, TEXT(label)},
        {CKA_VALUE, (void *)(uintptr_t)value.data, value.length},
    };
    assert_int_equal(functions->C_CreateObject(session, template, sizeof template / sizeof *template, &object), CKR_OK);
}

static void make_certificate(CK_SESSION_HANDLE session, const char *label) {
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_OBJECT_HANDLE object;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_CERTIFICATE_TYPE, &type, sizeof type},
        {CKA_TOKEN, &yes, 1},
        {CKA_PRIVATE, &no, 1},
        {CKA_LABEL, TEXT(label)},
        {CKA_SUBJECT, TEXT("subject")},
        {CKA_VALUE, identity.der.data, identity.der.size},
    };
    assert_int_equal(functions->C_CreateObject(session, template, sizeof template / sizeof *template, &object), CKR_OK);
}

static void make_objects(CK_SESSION_HANDLE session) {
    uint8_t large[3000];
    memset(large, 0xA5, sizeof large);
    make_key(session, "plain key", CK_FALSE);
    make_key(session, "guarded key", CK_TRUE);
    make_certificate(session, "certificate");
    make_data(session, "open data", pin("for everybody"), CK_FALSE);
    make_data(session, "private data", pin("after login"), CK_TRUE);
    make_data(session, "large data", BYTES(large), CK_FALSE);
}

static int make_everything(void **state) {
    (void)state;
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;
    const int64_t now = time(NULL);
    const test_profile profile = {"CN=Key,C=JP", 1, now - 60, now + 86400, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    test_identity_make(&identity, &profile, NULL, NULL);
    assert_int_equal(certificate_new(bytes_of(identity.der.data, identity.der.size), &certificate_of_key), RESULT_OK);
    make_configuration();
    assert_int_equal(token_module_open(MODULE, &module), RESULT_OK);
    /* Unmanaged: the module itself, initialized by the line before, whose every session it can close. */
    functions = p11_kit_module_load(MODULE, P11_KIT_MODULE_CRITICAL | P11_KIT_MODULE_UNMANAGED);
    assert_non_null(functions);
    /* SoftHSM always shows one more slot, whose token waits for C_InitToken. */
    assert_int_equal(functions->C_GetSlotList(CK_FALSE, slots, &count), CKR_OK);
    assert_int_equal(count, 1);
    CK_SESSION_HANDLE alpha = make_token(slots[0], "Alpha token");
    make_objects(alpha);
    assert_int_equal(functions->C_CloseSession(alpha), CKR_OK);
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status, (void)kind, (void)where;
    return remove(path);
}

static int remove_everything(void **state) {
    (void)state;
    token_module_close(&module);
    p11_kit_module_release(functions);
    certificate_free(&certificate_of_key);
    test_identity_free(&identity);
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- modules, readers, tokens ------------------------------------------------------------------------------------- */

static void modules_that_are_none_are_not_found(void **state) {
    (void)state;
    token_module *none = (token_module *)folder;
    assert_int_equal(token_module_open("/nowhere/module.so", &none), RESULT_NOT_FOUND);
    assert_null(none);
    char path[64];
    snprintf(path, sizeof path, "%s/softhsm2.conf", folder);
    assert_int_equal(token_module_open(path, &none), RESULT_NOT_FOUND);
    assert_null(none);
    token_module_close(&none);
}

/* PKCS #11 v3.0, 5.5, C_GetSlotList: only a call without a list makes new readers known. Runs before any other test has
 * asked for slots. */
static void a_reader_that_came_later_is_seen(void **state) {
    (void)state;
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;
    assert_int_equal(token_card_present(module, READER " ID 0x1"), RESULT_OK);
    assert_int_equal(functions->C_GetSlotList(CK_FALSE, slots, &count), CKR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(functions->C_CloseSession(make_token(slots[1], "Beta token")), CKR_OK);
}

static void tokens_are_chosen_by_reader_and_label(void **state) {
    (void)state;
    token *t;
    assert_int_equal(token_card_present(module, READER), RESULT_OK);
    assert_int_equal(token_card_present(module, ""), RESULT_OK);
    assert_int_equal(token_card_present(module, "Other reader"), RESULT_NOT_FOUND);
    assert_int_equal(token_open(module, READER, "Alpha", &t), RESULT_OK);
    assert_string_equal(token_label(t), "Alpha token");
    assert_int_equal(strlen(token_serial(t)), TOKEN_SERIAL_SIZE - 1);
    token_close(&t);
    assert_null(t);
    token_close(&t);
    assert_int_equal(token_open(module, READER, "Beta token", &t), RESULT_OK);
    assert_string_equal(token_label(t), "Beta token");
    token_close(&t);
    static const char *const without[][2] = {
        {READER, "Gamma"}, {READER, "alpha"}, {READER, "Alpha token and more"}, {"Other reader", "Alpha"}};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        t = (token *)folder;
        assert_int_equal(token_open(module, without[i][0], without[i][1], &t), RESULT_NOT_FOUND);
        assert_null(t);
    }
}

static token *open_alpha(void) {
    token *t;
    assert_int_equal(token_open(module, READER, "Alpha", &t), RESULT_OK);
    return t;
}

static token *open_alpha_with_pin(void) {
    token *t = open_alpha();
    assert_int_equal(token_login(t, pin(PIN)), RESULT_OK);
    return t;
}

static void login_says_what_is_wrong(void **state) {
    (void)state;
    token *t = open_alpha();
    token_tries tries;
    assert_int_equal(token_pin_tries(t, &tries), RESULT_OK);
    assert_int_equal(tries, TOKEN_TRIES_FULL);
    assert_int_equal(token_login(t, pin("1357")), RESULT_DENIED);
    assert_string_equal(token_problem(t), "CKR_PIN_INCORRECT");
    assert_int_equal(token_pin_tries(t, &tries), RESULT_OK);
    assert_int_equal(tries, TOKEN_TRIES_LOW);
    assert_int_equal(token_login(t, pin(PIN)), RESULT_OK);
    assert_int_equal(token_pin_tries(t, &tries), RESULT_OK);
    assert_int_equal(tries, TOKEN_TRIES_FULL);
    /* Another session of the process logged in already: that is as good. */
    token *other = open_alpha();
    assert_int_equal(token_login(other, pin(PIN)), RESULT_OK);
    token_close(&other);
    token_close(&t);
}

static void logout_takes_the_rights_away(void **state) {
    (void)state;
    buffer value = BUFFER_INIT(ROOM);
    token *t = open_alpha();
    assert_int_equal(token_data(t, "private data", &value), RESULT_NOT_FOUND);
    assert_int_equal(token_login(t, pin(PIN)), RESULT_OK);
    assert_int_equal(token_data(t, "private data", &value), RESULT_OK);
    assert_string_equal(buffer_text(&value), "after login");
    token_logout(t);
    buffer_clear(&value);
    assert_int_equal(token_data(t, "private data", &value), RESULT_NOT_FOUND);
    assert_int_equal(token_sign(t, "plain key", pin("text"), &value), RESULT_NOT_FOUND);
    assert_int_equal(value.length, 0);
    token_logout(t);
    assert_int_equal(token_login(t, pin(PIN)), RESULT_OK);
    token_close(&t); /* logs out: a login of the next session must be asked for again */
    t = open_alpha();
    assert_int_equal(token_data(t, "private data", &value), RESULT_NOT_FOUND);
    token_close(&t);
    buffer_wipe(&value);
}

/* The session is gone: the same as with a card taken out. */
static void a_lost_session_is_a_removed_card(void **state) {
    (void)state;
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;
    buffer value = BUFFER_INIT(ROOM);
    token *t = open_alpha();
    assert_int_equal(functions->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    for (CK_ULONG i = 0; i < count; i++)
        functions->C_CloseAllSessions(slots[i]);
    assert_int_equal(token_data(t, "open data", &value), RESULT_REMOVED);
    assert_string_equal(token_problem(t), "CKR_SESSION_HANDLE_INVALID");
    assert_int_equal(token_login(t, pin(PIN)), RESULT_REMOVED);
    token_close(&t);
    buffer_wipe(&value);
}

/* --- objects and keys --------------------------------------------------------------------------------------------- */

static void values_are_appended_whole_or_not_at_all(void **state) {
    (void)state;
    buffer value = BUFFER_INIT(ROOM), small = BUFFER_INIT(100);
    token *t = open_alpha();
    assert_int_equal(buffer_append_text(&value, "before "), RESULT_OK);
    assert_int_equal(token_data(t, "open data", &value), RESULT_OK);
    assert_string_equal(buffer_text(&value), "before for everybody");
    assert_int_equal(token_data(t, "open", &value), RESULT_NOT_FOUND);
    assert_int_equal(token_data(t, "certificate", &value), RESULT_NOT_FOUND);
    assert_string_equal(buffer_text(&value), "before for everybody");
    buffer_clear(&value);
    assert_int_equal(token_certificate(t, "certificate", &value), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&value), certificate_der(certificate_of_key)));
    assert_int_equal(token_data(t, "large data", &small), RESULT_TOO_LONG);
    assert_int_equal(small.length, 0);
    token_close(&t);
    buffer_wipe(&value);
    buffer_wipe(&small);
}

static void check_signature(bytes data, const buffer *signature) {
    static const uint8_t exponent[] = {1, 0, 1};
    buffer modulus = BUFFER_INIT(CRYPT_MODULUS_MAX);
    assert_int_equal(certificate_modulus(certificate_of_key, &modulus), RESULT_OK);
    const bytes n = buffer_bytes(&modulus), made = buffer_bytes(signature);
    assert_int_equal(crypt_rsa_verify(n, BYTES(exponent), data, made), RESULT_OK);
    assert_int_equal(crypt_rsa_verify(n, BYTES(exponent), pin("other"), made), RESULT_BAD_SIGNATURE);
    buffer_wipe(&modulus);
}

static void signatures_verify(void **state) {
    (void)state;
    const bytes data = pin("what is signed");
    buffer signature = BUFFER_INIT(ROOM);
    token *t = open_alpha_with_pin();
    assert_int_equal(token_sign(t, "plain key", data, &signature), RESULT_OK);
    assert_int_equal(signature.length, 256);
    check_signature(data, &signature);
    buffer_clear(&signature);
    assert_int_equal(token_sign(t, "no key", data, &signature), RESULT_NOT_FOUND);
    assert_int_equal(token_sign(t, "certificate", data, &signature), RESULT_NOT_FOUND);
    assert_int_equal(signature.length, 0);
    token_close(&t);
    buffer_wipe(&signature);
}

/* CKA_ALWAYS_AUTHENTICATE: a mistyped PIN must leave the token ready for the right one. */
static void a_guarded_key_asks_each_time(void **state) {
    (void)state;
    const bytes data = pin("what is signed");
    buffer signature = BUFFER_INIT(ROOM);
    token *t = open_alpha_with_pin();
    assert_int_equal(token_sign_with_pin(t, "guarded key", pin(PIN), data, &signature), RESULT_OK);
    check_signature(data, &signature);
    buffer_clear(&signature);
    assert_int_equal(token_sign_with_pin(t, "guarded key", bytes_of(NULL, 0), data, &signature), RESULT_DENIED);
    assert_int_equal(token_sign_with_pin(t, "guarded key", pin("1357"), data, &signature), RESULT_DENIED);
    assert_string_equal(token_problem(t), "CKR_PIN_INCORRECT");
    assert_int_equal(signature.length, 0);
    assert_int_equal(token_sign_with_pin(t, "guarded key", pin(PIN), data, &signature), RESULT_OK);
    check_signature(data, &signature);
    buffer_clear(&signature);
    assert_int_equal(token_sign(t, "plain key", data, &signature), RESULT_OK); /* still logged in */
    token_close(&t);
    buffer_wipe(&signature);
}

static void decryption_gives_the_plain_text_or_nothing(void **state) {
    (void)state;
    uint8_t noise[256];
    buffer encrypted = BUFFER_INIT(ROOM), plain = BUFFER_INIT(ROOM);
    token *t = open_alpha_with_pin();
    const bytes secret = pin("a key of 32 bytes, more or less ");
    assert_int_equal(certificate_encrypt(certificate_of_key, secret, &encrypted), RESULT_OK);
    assert_int_equal(token_decrypt(t, "plain key", buffer_bytes(&encrypted), &plain), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&plain), secret));
    buffer_clear(&plain);
    const bytes short_one = bytes_slice(buffer_bytes(&encrypted), 0, 100);
    assert_int_not_equal(token_decrypt(t, "plain key", short_one, &plain), RESULT_OK);
    memset(noise, 0xFF, sizeof noise); /* above the modulus */
    assert_int_not_equal(token_decrypt(t, "plain key", BYTES(noise), &plain), RESULT_OK);
    assert_int_equal(token_decrypt(t, "no key", buffer_bytes(&encrypted), &plain), RESULT_NOT_FOUND);
    assert_int_equal(plain.length, 0);
    assert_int_equal(token_decrypt(t, "plain key", buffer_bytes(&encrypted), &plain), RESULT_OK);
    token_close(&t);
    buffer_wipe(&encrypted);
    buffer_wipe(&plain);
}

/* --- institution authentication: what does not need a card that knows it ------------------------------------------ */

static void only_whole_chains_reach_the_token(void **state) {
    (void)state;
    static const uint8_t chain[5 * CVC_LENGTH] = {0x7F, 0x21};
    static const size_t odd[] = {0, 1, CVC_LENGTH - 1, CVC_LENGTH + 1, 2 * CVC_LENGTH - 1};
    buffer value = BUFFER_INIT(ROOM);
    token *t = open_alpha_with_pin();
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_int_equal(institution_import_chain(t, bytes_of(chain, odd[i])), RESULT_INVALID);
    assert_int_equal(token_data(t, "certificate chain", &value), RESULT_NOT_FOUND);
    assert_int_equal(institution_import_chain(t, bytes_of(chain, 2 * CVC_LENGTH)), RESULT_OK);
    assert_int_equal(token_data(t, "certificate chain", &value), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&value), bytes_of(chain, 2 * CVC_LENGTH)));
    token_close(&t);
    buffer_wipe(&value);
}

static void challenges_differ_and_signatures_have_one_length(void **state) {
    (void)state;
    uint8_t one[INSTITUTION_CHALLENGE_LENGTH] = {0}, two[INSTITUTION_CHALLENGE_LENGTH] = {0};
    static const uint8_t signature[INSTITUTION_SIGNATURE_LENGTH + 1];
    token *t = open_alpha();
    assert_int_equal(institution_challenge(t, one), RESULT_OK);
    assert_int_equal(institution_challenge(t, two), RESULT_OK);
    assert_memory_not_equal(one, two, sizeof one);
    assert_int_equal(institution_login(t, bytes_of(signature, sizeof signature)), RESULT_INVALID);
    assert_int_equal(institution_login(t, bytes_of(signature, sizeof signature - 2)), RESULT_INVALID);
    token_close(&t);
}

static void return_values_have_one_meaning(void **state) {
    (void)state;
    static const struct {
        CK_RV rv;
        result code;
        const char *name;
    } rows[] = {
        {CKR_OK, RESULT_OK, "CKR_OK"},
        {CKR_PIN_LOCKED, RESULT_BLOCKED, "CKR_PIN_LOCKED"},
        {CKR_PIN_LEN_RANGE, RESULT_INVALID, "CKR_PIN_LEN_RANGE"},
        {CKR_DEVICE_REMOVED, RESULT_REMOVED, "CKR_DEVICE_REMOVED"},
        {CKR_TOKEN_NOT_PRESENT, RESULT_REMOVED, "CKR_TOKEN_NOT_PRESENT"},
        {CKR_USER_NOT_LOGGED_IN, RESULT_DENIED, "CKR_USER_NOT_LOGGED_IN"},
        {CKR_DATA_INVALID, RESULT_REFUSED, "CKR_DATA_INVALID"},
        {CKR_SESSION_READ_ONLY, RESULT_REFUSED, "CKR_SESSION_READ_ONLY"},
        {CKR_ENCRYPTED_DATA_LEN_RANGE, RESULT_INVALID, "CKR_ENCRYPTED_DATA_LEN_RANGE"},
        {CKR_VENDOR_DEFINED, RESULT_INTERNAL, "CKR_(other)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(return_value_result(rows[i].rv), rows[i].code);
        assert_string_equal(return_value_name(rows[i].rv), rows[i].name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_that_came_later_is_seen),
        cmocka_unit_test(modules_that_are_none_are_not_found),
        cmocka_unit_test(tokens_are_chosen_by_reader_and_label),
        cmocka_unit_test(login_says_what_is_wrong),
        cmocka_unit_test(logout_takes_the_rights_away),
        cmocka_unit_test(a_lost_session_is_a_removed_card),
        cmocka_unit_test(values_are_appended_whole_or_not_at_all),
        cmocka_unit_test(signatures_verify),
        cmocka_unit_test(a_guarded_key_asks_each_time),
        cmocka_unit_test(decryption_gives_the_plain_text_or_nothing),
        cmocka_unit_test(only_whole_chains_reach_the_token),
        cmocka_unit_test(challenges_differ_and_signatures_have_one_length),
        cmocka_unit_test(return_values_have_one_meaning),
    };
    if (access(MODULE, R_OK) != 0) {
        fprintf(stderr, "skipped: %s is missing; apt-get install softhsm2\n", MODULE);
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, make_everything, remove_everything);
}
