/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The emulated SE as bytes in and bytes out: PINs and sudden death, use of keys, the counter, hostile commands. */
#include "emulated_card.h"

#include "base/file.h"
#include "base/hex.h"
#include "iso7816/apdu.h"
#include "iso7816/tlv.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SELECT "00A404000CF276A288BCFBA69D34F3100100"
#define PIN_BLOCK "31323334353600000000000000000000"
#define WRONG_BLOCK "31323334353700000000000000000000"
#define NEW_BLOCK "38373635343332310000000000000000"
#define PUK_BLOCK "30313233343536373839414243444546"
#define WRONG_PUK_BLOCK "30313233343536373839414243444547"
#define VERIFY "0020000110" PIN_BLOCK
#define VERIFY_WRONG "0020000110" WRONG_BLOCK
#define SIGN_DATA "0102030405060708090A"
#define FUZZ_ROUNDS 20000

static const card_personality *const se = &secure_element_personality;
static char folder[64];
static card *c;
static buffer answer = BUFFER_INIT(APDU_RESPONSE_MAX);
static EVP_PKEY *imported; /* made once: the host's copy of the key under test */

static enum { NEVER, AT_COMPARISON, AFTER_COUNTER } die_at;

result __real_file_replace(const char *path, bytes content, mode_t mode);
result __wrap_file_replace(const char *path, bytes content, mode_t mode);
bool __real_bytes_equal_secret(bytes a, bytes b);
bool __wrap_bytes_equal_secret(bytes a, bytes b);

static bool disk_full;

result __wrap_file_replace(const char *path, bytes content, mode_t mode) {
    if (disk_full)
        return RESULT_IO;
    return __real_file_replace(path, content, mode);
}

/* The signature counter alone is written in place. */
ssize_t __real_pwrite(int fd, const void *data, size_t length, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *data, size_t length, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *data, size_t length, off_t offset) {
    ssize_t written = __real_pwrite(fd, data, length, offset);
    if (die_at == AFTER_COUNTER)
        kill(getpid(), SIGKILL);
    return written;
}

bool __wrap_bytes_equal_secret(bytes a, bytes b) {
    if (die_at == AT_COMPARISON)
        kill(getpid(), SIGKILL);
    return __real_bytes_equal_secret(a, b);
}

static void write_image_file(const char *name, const char *text) {
    char *path = file_join(folder, name);
    assert_int_equal(__real_file_replace(path, bytes_of(text, strlen(text)), 0600), RESULT_OK);
    free(path);
}

static void open_card(void) {
    const char *problem = "";
    assert_int_equal(se->open(folder, &c, &problem), RESULT_OK);
}

static status_word send_bytes(bytes command) {
    buffer_clear(&answer);
    se->transmit(c, command, &answer);
    assert_true(answer.length >= 2);
    status_word sw = (status_word)(answer.data[answer.length - 2] << 8 | answer.data[answer.length - 1]);
    buffer_truncate(&answer, answer.length - 2);
    return sw;
}

static status_word send(const char *hex) {
    buffer command = BUFFER_INIT(APDU_COMMAND_MAX);
    assert_int_equal(hex_decode(hex, &command), RESULT_OK);
    status_word sw = send_bytes(buffer_bytes(&command));
    buffer_wipe(&command);
    return sw;
}

static status_word send_data(uint8_t ins, uint8_t p1, uint8_t p2, bytes data, uint32_t le) {
    buffer raw = BUFFER_INIT(APDU_COMMAND_MAX);
    const apdu_command command = {.ins = ins, .p1 = p1, .p2 = p2, .data = data, .le = le};
    assert_int_equal(apdu_build(&command, &raw), RESULT_OK);
    status_word sw = send_bytes(buffer_bytes(&raw));
    buffer_wipe(&raw);
    return sw;
}

static uint32_t counter(void) {
    assert_int_equal(send("00CA010100"), SW_OK);
    assert_int_equal(answer.length, 4);
    return (uint32_t)answer.data[0] << 24 | (uint32_t)answer.data[1] << 16 | (uint32_t)answer.data[2] << 8 |
           answer.data[3];
}

static void append_part(buffer *set, uint32_t tag, const char *name) {
    BIGNUM *number = NULL;
    uint8_t room[256];
    assert_int_equal(EVP_PKEY_get_bn_param(imported, name, &number), 1);
    int length = BN_bn2bin(number, room);
    BN_free(number);
    assert_int_equal(tlv_append(set, tag, bytes_of(room, (size_t)length)), RESULT_OK);
}

static void import_message(buffer *message, bool broken) {
    buffer set = BUFFER_INIT(1024);
    append_part(&set, 0x92, OSSL_PKEY_PARAM_RSA_FACTOR1);
    append_part(&set, 0x93, OSSL_PKEY_PARAM_RSA_FACTOR2);
    append_part(&set, 0x94, OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
    append_part(&set, 0x95, OSSL_PKEY_PARAM_RSA_EXPONENT1);
    append_part(&set, 0x96, OSSL_PKEY_PARAM_RSA_EXPONENT2);
    if (broken)
        set.data[set.length - 1] ^= 0x02;
    assert_int_equal(tlv_append(message, 0x7F48, buffer_bytes(&set)), RESULT_OK);
    buffer_wipe(&set);
}

static status_word import_key(uint8_t place, bool broken) {
    char choose[] = "00224100068001F3840100";
    buffer message = BUFFER_INIT(2048);
    choose[sizeof choose - 2] = (char)('0' + place);
    assert_int_equal(send(choose), SW_OK);
    import_message(&message, broken);
    status_word sw = send_data(0xDB, 0x3F, 0xFF, buffer_bytes(&message), APDU_NO_LE);
    buffer_wipe(&message);
    return sw;
}

/* A fresh SE: PUK, PIN, the same key in place 0 (signs) and 2 (deciphers). */
static int make(void **state) {
    (void)state;
    strcpy(folder, "/tmp/test-se-card.XXXXXX");
    assert_non_null(mkdtemp(folder));
    write_image_file("personality", "se\n");
    write_image_file("atr", "3B80800101\n");
    write_image_file("card-id", "5312345678901234");
    open_card();
    assert_int_equal(send(SELECT), SW_OK);
    if (imported == NULL)
        imported = EVP_RSA_gen(2048);
    assert_int_equal(import_key(0, false), SW_OK);
    assert_int_equal(import_key(2, false), SW_OK);
    assert_int_equal(send("0024010210" PUK_BLOCK), SW_OK);
    assert_int_equal(send("0024010106313233343536"), SW_OK);
    se->reset(c);
    assert_int_equal(send(SELECT), SW_OK);
    return 0;
}

static int clean(void **state) {
    (void)state;
    char command[96];
    disk_full = false;
    se->close(&c);
    buffer_wipe(&answer);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static status_word sign(void) {
    status_word sw = send("002241B606800111840100");
    return sw == SW_OK ? send("002A9E9A0A" SIGN_DATA "00") : sw;
}

static void test_selection(void **state) {
    (void)state;
    se->reset(c);
    assert_int_equal(send("00CA010300"), SW_INS_UNSUPPORTED); /* nothing before the application */
    assert_int_equal(send("00A4040005A00000000100"), SW_NOT_FOUND);
    assert_int_equal(send(SELECT), SW_OK);
    assert_memory_equal(answer.data, "\x00\x06\x03", 3);
    assert_int_equal(send("00CA010200"), SW_OK);
    assert_memory_equal(answer.data, "5312345678901234", 16);
    assert_int_equal(send("00A40000023F0000"), SW_OK);
}

static void test_pin(void **state) {
    (void)state;
    assert_int_equal(send("00200001"), SW_TRIES_LEFT | 5);
    assert_int_equal(send(VERIFY_WRONG), SW_TRIES_LEFT | 4);
    assert_int_equal(send("002000010412345678"), SW_WRONG_DATA); /* no PIN can be this: no try */
    assert_int_equal(send("00200001"), SW_TRIES_LEFT | 4);
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(send("00200001"), SW_OK);
    assert_int_equal(send("0020FF01"), SW_OK);
    assert_int_equal(send("00200001"), SW_TRIES_LEFT | 5);
    for (int left = 4; left >= 0; left--)
        assert_int_equal(send(VERIFY_WRONG), SW_TRIES_LEFT | left);
    assert_int_equal(send(VERIFY), SW_AUTHENTICATION_BLOCKED);
    assert_int_equal(send("002C000120" WRONG_PUK_BLOCK NEW_BLOCK), SW_TRIES_LEFT | 4);
    assert_int_equal(send("002C000120" PUK_BLOCK NEW_BLOCK), SW_OK);
    assert_int_equal(send(VERIFY), SW_TRIES_LEFT | 4);
    assert_int_equal(send("0020000110" NEW_BLOCK), SW_OK);
    assert_int_equal(send("0024000120" NEW_BLOCK PIN_BLOCK), SW_OK);
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(send("0024010106313233343536"), SW_CONDITIONS); /* the first value is set once */
}

/* Whatever is asked of one of the two, a right that stood open ends with the question. */
static void test_a_wrong_value_ends_the_other_right(void **state) {
    (void)state;
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(send("0020000210" WRONG_PUK_BLOCK), SW_TRIES_LEFT | 4);
    assert_int_equal(sign(), SW_SECURITY_STATUS);
    assert_int_equal(send("0020000210" PUK_BLOCK), SW_OK);
    assert_int_equal(send(VERIFY_WRONG), SW_TRIES_LEFT | 4);
    assert_int_equal(send("002C020110" NEW_BLOCK), SW_SECURITY_STATUS);
}

static void test_officer(void **state) {
    (void)state;
    assert_int_equal(send("002C020110" NEW_BLOCK), SW_SECURITY_STATUS);
    assert_int_equal(send("0020000210" WRONG_PUK_BLOCK), SW_TRIES_LEFT | 4);
    assert_int_equal(send("002C020110" NEW_BLOCK), SW_SECURITY_STATUS);
    assert_int_equal(send("0020000210" PUK_BLOCK), SW_OK);
    assert_int_equal(send("00200002"), SW_OK);
    assert_int_equal(sign(), SW_SECURITY_STATUS); /* the PUK allows a new PIN and nothing else */
    assert_int_equal(send("0020FF02"), SW_OK);
    assert_int_equal(send("002C020110" NEW_BLOCK), SW_SECURITY_STATUS);
    assert_int_equal(send("0020000210" PUK_BLOCK), SW_OK);
    se->reset(c);
    assert_int_equal(send(SELECT), SW_OK);
    assert_int_equal(send("002C020110" NEW_BLOCK), SW_SECURITY_STATUS);
    assert_int_equal(send("0020000210" PUK_BLOCK), SW_OK);
    assert_int_equal(send("002C020110" NEW_BLOCK), SW_OK);
    assert_int_equal(send("002C020110" NEW_BLOCK), SW_SECURITY_STATUS); /* once */
    assert_int_equal(sign(), SW_SECURITY_STATUS);
    assert_int_equal(send("0020000110" NEW_BLOCK), SW_OK);
}

static void test_reset_ends_the_pin(void **state) {
    (void)state;
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(sign(), SW_OK);
    assert_int_equal(send(SELECT), SW_OK); /* another process connects: still verified */
    assert_int_equal(sign(), SW_OK);
    se->reset(c);
    assert_int_equal(send(SELECT), SW_OK);
    assert_int_equal(sign(), SW_SECURITY_STATUS);
}

/* Runs act in a child that dies at the place; the card is opened again afterwards. */
static void die_during(int place, void (*act)(void)) {
    se->close(&c);
    pid_t child = fork();
    if (child == 0) {
        open_card();
        send(SELECT);
        die_at = AT_COMPARISON;
        if (place == AFTER_COUNTER) {
            die_at = NEVER;
            send(VERIFY);
            die_at = AFTER_COUNTER;
        }
        act();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    open_card();
    assert_int_equal(send(SELECT), SW_OK);
}

static void try_wrong_pin(void) {
    send(VERIFY_WRONG);
}

static void try_puk(void) {
    send("002C000120" WRONG_PUK_BLOCK NEW_BLOCK);
}

static void try_to_sign(void) {
    sign();
}

static void test_sudden_death(void **state) {
    (void)state;
    die_during(AT_COMPARISON, try_wrong_pin);
    assert_int_equal(send("00200001"), SW_TRIES_LEFT | 4);
    die_during(AT_COMPARISON, try_puk);
    assert_int_equal(send("00200002"), SW_TRIES_LEFT | 4);
    die_during(AFTER_COUNTER, try_to_sign);
    assert_int_equal(counter(), 1); /* the signature never left, and is counted */
}

/* What the disk held when the power went: the reservation of a boot before this one, and an older count. */
static void test_power_cut(void **state) {
    (void)state;
    char *path = file_join(folder, "state/signatures"), *reserved_path = file_join(folder, "state/signatures-reserved");
    buffer reserved = BUFFER_INIT(64), kept = BUFFER_INIT(64);
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(sign(), SW_OK);
    assert_int_equal(counter(), 1);
    assert_int_equal(file_read(reserved_path, &reserved), RESULT_OK);
    assert_int_equal(file_read(path, &kept), RESULT_OK);
    assert_int_equal(sign(), SW_OK);
    se->close(&c);
    open_card();
    assert_int_equal(send(SELECT), SW_OK);
    assert_int_equal(counter(), 2); /* an orderly end is exact */
    se->close(&c);
    reserved.data[4] ^= 1;
    assert_int_equal(__real_file_replace(reserved_path, buffer_bytes(&reserved), 0600), RESULT_OK);
    assert_int_equal(__real_file_replace(path, buffer_bytes(&kept), 0600), RESULT_OK);
    open_card();
    assert_int_equal(send(SELECT), SW_OK);
    assert_int_equal(counter(), 64); /* ahead of the two that were made, never behind */
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(sign(), SW_OK);
    assert_int_equal(counter(), 65);
    buffer_wipe(&reserved);
    buffer_wipe(&kept);
    free(path);
    free(reserved_path);
}

static void test_full_disk(void **state) {
    (void)state;
    assert_int_equal(send(VERIFY), SW_OK);
    disk_full = true;
    assert_int_equal(sign(), SW_MEMORY_FAILURE);
    assert_int_equal(answer.length, 0);
    assert_int_equal(send(VERIFY), SW_MEMORY_FAILURE); /* nothing was compared */
    disk_full = false;
    assert_int_equal(counter(), 0);
}

static bool verifies(int padding) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(imported, NULL);
    uint8_t input[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    bool pss = padding == RSA_PKCS1_PSS_PADDING;
    bool right = EVP_PKEY_verify_init(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1;
    if (pss)
        right = right && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 32) == 1;
    right = right && EVP_PKEY_verify(context, answer.data, answer.length, input, pss ? 32 : 10) == 1;
    EVP_PKEY_CTX_free(context);
    return right;
}

static void test_signatures(void **state) {
    (void)state;
    const uint8_t hash[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(sign(), SW_OK);
    assert_true(verifies(RSA_PKCS1_PADDING));
    assert_int_equal(counter(), 1);
    assert_int_equal(send("002241B606800112840100"), SW_OK);
    assert_int_equal(send_data(0x2A, 0x9E, 0x9A, BYTES(hash), 256), SW_OK);
    assert_true(verifies(RSA_PKCS1_PSS_PADDING));
    assert_int_equal(send("002A9E9A0A" SIGN_DATA "00"), SW_WRONG_LENGTH); /* no hash value */
    assert_int_equal(counter(), 2);
    /* Without Le, as T=0 has it: the rest waits. */
    assert_int_equal(send_data(0x2A, 0x9E, 0x9A, BYTES(hash), APDU_NO_LE), SW_MORE_DATA);
    assert_int_equal(send("00C0000000"), SW_OK);
    assert_int_equal(answer.length, 256);
    se->close(&c);
    open_card();
    assert_int_equal(send(SELECT), SW_OK);
    assert_int_equal(counter(), 3);
}

static void test_use_of_keys(void **state) {
    (void)state;
    uint8_t cryptogram[257] = {0};
    size_t length = 256;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(imported, NULL);
    assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), 1);
    assert_int_equal(EVP_PKEY_encrypt(context, cryptogram + 1, &length, (const uint8_t *)"secret", 6), 1);
    EVP_PKEY_CTX_free(context);
    assert_int_equal(send("002241B806800111840102"), SW_OK);
    assert_int_equal(send_data(0x2A, 0x80, 0x86, BYTES(cryptogram), 256), SW_SECURITY_STATUS);
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(send_data(0x2A, 0x80, 0x86, BYTES(cryptogram), 256), SW_OK);
    assert_true(bytes_equal(buffer_bytes(&answer), bytes_of("secret", 6)));
    assert_int_equal(send("002A9E9A0A" SIGN_DATA "00"), SW_CONDITIONS); /* the template says decipher */
    assert_int_equal(send("002241B606800111840102"), SW_OK);
    assert_int_equal(send("002A9E9A0A" SIGN_DATA "00"), SW_CONDITIONS); /* the key says decipher */
    assert_int_equal(send("002241B806800111840100"), SW_OK);
    assert_int_equal(send_data(0x2A, 0x80, 0x86, BYTES(cryptogram), 256), SW_CONDITIONS); /* the key says sign */
    /* A refused environment takes the one of before away. */
    assert_int_equal(send("002241B606800112840100"), SW_OK);
    assert_int_equal(send("0022F1B606800112840100"), SW_WRONG_P1P2);
    assert_int_equal(send("002A9E9A0A" SIGN_DATA "00"), SW_CONDITIONS);
    assert_int_equal(send("002241B606800111840105"), SW_OK);
    assert_int_equal(send("002A9E9A0A" SIGN_DATA "00"), SW_REFERENCE_NOT_FOUND);
    assert_int_equal(counter(), 0);
}

static void test_keys_come_in_whole_or_not(void **state) {
    (void)state;
    assert_int_equal(send("00224100068001F3840103"), SW_OK);
    assert_int_equal(send_data(0xDB, 0x3F, 0xFF, BYTES("\x7F\x48\x00"), APDU_NO_LE), SW_SECURITY_STATUS);
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(import_key(3, true), SW_WRONG_DATA);
    assert_int_equal(import_key(3, false), SW_OK);
    assert_int_equal(send("00224100068001EC840103"), SW_FUNCTION_UNSUPPORTED); /* elliptic curves */
    assert_int_equal(send("00224100068001F384010F"), SW_OK);                   /* the last place, */
    assert_int_equal(send("00224100068001F3840110"), SW_REFERENCE_NOT_FOUND);  /* and one behind it */
}

static void test_files(void **state) {
    (void)state;
    /* 4401: update with the PIN, free to read; 4402: never to be read. */
    const char *readable = "00E00000176F15"
                           "81020004"
                           "820101"
                           "83024401"
                           "8608FF90909090909000";
    const char *hidden = "00E00000176F15"
                         "81020004"
                         "820101"
                         "83024402"
                         "8608FF909090909090FF";
    assert_int_equal(send(readable), SW_SECURITY_STATUS);
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(send(readable), SW_OK);
    assert_int_equal(send(readable), SW_FILE_EXISTS);
    assert_int_equal(send("00D6000004DEADBEEF"), SW_OK);
    assert_int_equal(send("00D6000101FF"), SW_OK);
    assert_int_equal(send("00D6000303FFFFFF"), SW_NO_SPACE);
    assert_int_equal(send(hidden), SW_OK);
    assert_int_equal(send("00B0000000"), SW_SECURITY_STATUS);
    se->close(&c);
    open_card();
    assert_int_equal(send(SELECT), SW_OK);
    assert_int_equal(send("00A4000C024401"), SW_OK);
    assert_int_equal(send("00B0000000"), SW_OK);
    assert_memory_equal(answer.data, "\xDE\xFF\xBE\xEF", 4);
    assert_int_equal(send("00B0000500"), SW_WRONG_OFFSET);
    assert_int_equal(send("00D600000100"), SW_SECURITY_STATUS);
    assert_int_equal(send("00E40000024401"), SW_SECURITY_STATUS);
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(send("00E40000024401"), SW_OK);
    assert_int_equal(send("00A4000C024401"), SW_NOT_FOUND);
}

static uint32_t next_random(void) {
    static uint32_t seed = 20261123;
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

/* Whatever comes: a status word, no private key, and no signature that is not counted. GENERATE is left out: it is
 * slow. */
static void test_hostile_commands(void **state) {
    (void)state;
    static const uint8_t instructions[] = {0xA4, 0xB0, 0xD6, 0xE0, 0xE4, 0xCA, 0x84,
                                           0x20, 0x24, 0x2C, 0x22, 0x2A, 0xDB, 0xC0};
    uint8_t raw[300];
    disk_full = true; /* nothing is written: the rounds are fast, and every failure of the disk is met */
    for (int round = 0; round < FUZZ_ROUNDS; round++) {
        size_t length = next_random() % (round % 8 == 0 ? sizeof raw : 24);
        for (size_t i = 0; i < length; i++)
            raw[i] = (uint8_t)next_random();
        if (length > 1 && round % 4 != 0) {
            raw[0] = round % 16 == 1 ? 0x10 : 0x00;
            raw[1] = instructions[next_random() % sizeof instructions];
        }
        if (length > 5 && round % 2 == 0)
            raw[4] = (uint8_t)(length - 5);
        if (length > 1 && raw[1] == 0x46)
            continue;
        send_bytes(bytes_of(raw, length));
    }
    disk_full = false;
    se->reset(c);
    assert_int_equal(send(SELECT), SW_OK);
    assert_int_equal(counter(), 0);
    assert_int_equal(sign(), SW_SECURITY_STATUS);
    assert_int_equal(send(VERIFY), SW_OK);
    assert_int_equal(sign(), SW_OK);
    assert_true(verifies(RSA_PKCS1_PADDING));
}

static void test_damaged_image(void **state) {
    (void)state;
    static const char *const names[] = {"state/pin-tries", "state/signatures", "state/signatures-reserved",
                                        "state/key-0", "state/file-5015"};
    const char *problem;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = file_join(folder, names[i]);
        buffer kept = BUFFER_INIT(4096);
        bool existed = file_read(path, &kept) == RESULT_OK;
        se->close(&c);
        write_image_file(names[i], "damaged");
        problem = NULL;
        assert_int_not_equal(se->open(folder, &c, &problem), RESULT_OK);
        assert_null(c);
        assert_non_null(problem);
        if (existed)
            assert_int_equal(__real_file_replace(path, buffer_bytes(&kept), 0600), RESULT_OK);
        else
            unlink(path);
        buffer_wipe(&kept);
        free(path);
        open_card();
    }
    /* A value without its counter of tries. */
    static const char *const counters[] = {"state/pin-tries", "state/puk-tries"};
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        char *path = file_join(folder, counters[i]);
        buffer kept = BUFFER_INIT(16);
        se->close(&c);
        assert_int_equal(file_read(path, &kept), RESULT_OK);
        assert_int_equal(unlink(path), 0);
        assert_int_not_equal(se->open(folder, &c, &problem), RESULT_OK);
        assert_int_equal(__real_file_replace(path, buffer_bytes(&kept), 0600), RESULT_OK);
        buffer_wipe(&kept);
        free(path);
        open_card();
    }
    card *second = NULL;
    assert_int_equal(se->open(folder, &second, &problem), RESULT_UNAVAILABLE); /* one reader at a time */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clean)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_selection),
        TEST(test_pin),
        TEST(test_a_wrong_value_ends_the_other_right),
        TEST(test_officer),
        TEST(test_reset_ends_the_pin),
        TEST(test_sudden_death),
        TEST(test_power_cut),
        TEST(test_full_disk),
        TEST(test_signatures),
        TEST(test_use_of_keys),
        TEST(test_keys_come_in_whole_or_not),
        TEST(test_files),
        TEST(test_hostile_commands),
        TEST(test_damaged_image),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    EVP_PKEY_free(imported);
    return failed;
}
