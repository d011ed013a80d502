/* The bound SE: every cell of the table of states (docs/interfaces/secure-element.md) as commands, and what an attacker at the
 * contacts may try. The host's end is lib/scp03's, which published traces hold to the standard (test-scp03). */
#include "card.h"

#include "base/file.h"
#include "base/hex.h"
#include "iso7816/apdu.h"
#include "scp03/scp03.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define APPLICATION "F276A288BCFBA69D34F31001"
#define PIN "31323334353600000000000000000000"
#define WRONG_PIN "31323334353700000000000000000000"
#define PUK "30313233343536373839414243444546"
#define WRONG_PUK "30313233343536373839414243444547"
#define ISSUER 0x01
#define BINDING 0x30
#define FULL SCP03_FULL

static const card_personality *const se = &secure_element_personality;
static char folder[64];
static card *c;
static scp03 session;
static scp03_keys issuer, fresh_issuer, binding;
static buffer answer = BUFFER_INIT(APDU_RESPONSE_MOST);
static bytes tampered; /* what was sent last, for replays */
static buffer last = BUFFER_INIT(APDU_COMMAND_MOST);

/* --- the image, and bytes ----------------------------------------------------------------------------------------------- */

static void write_image_file(const char *name, const char *text) {
    char *path = file_join(folder, name);
    assert_int_equal(file_replace(path, bytes_of(text, strlen(text)), 0600), RESULT_OK);
    free(path);
}

static void open_card(void) {
    const char *problem = "";
    assert_int_equal(se->open(folder, &c, &problem), RESULT_OK);
}

/* The image is opened again: what was only in memory is gone. */
static void power_cycle(void) {
    se->close(&c);
    open_card();
    scp03_wipe(&session);
}

static status_word send_raw(bytes command) {
    buffer_clear(&answer);
    se->transmit(c, command, &answer);
    assert_true(answer.length >= 2);
    status_word sw = (status_word)(answer.data[answer.length - 2] << 8 | answer.data[answer.length - 1]);
    buffer_truncate(&answer, answer.length - 2);
    return sw;
}

static status_word send(const char *hex) {
    buffer command = BUFFER_INIT(APDU_COMMAND_MOST);
    assert_int_equal(hex_decode(hex, &command), RESULT_OK);
    status_word sw = send_raw(buffer_bytes(&command));
    buffer_wipe(&command);
    return sw;
}

static status_word select_application(void) {
    return send("00A404000C" APPLICATION "00");
}

/* All of an answer, by GET RESPONSE if need be. */
static status_word gather(status_word sw) {
    buffer all = BUFFER_INIT(APDU_RESPONSE_MOST);
    buffer_append(&all, buffer_bytes(&answer));
    while (sw >> 8 == SW_MORE_DATA >> 8) {
        sw = send("00C0000000");
        buffer_append(&all, buffer_bytes(&answer));
    }
    buffer_clear(&answer);
    buffer_append(&answer, buffer_bytes(&all));
    buffer_wipe(&all);
    return sw;
}

static status_word send_command(uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, bytes data, uint32_t le) {
    const apdu_command command = {.cla = cla, .ins = ins, .p1 = p1, .p2 = p2, .data = data, .le = le};
    buffer_clear(&last);
    assert_int_equal(apdu_build(&command, &last), RESULT_OK);
    tampered = buffer_bytes(&last);
    return gather(send_raw(tampered));
}

/* --- the channel --------------------------------------------------------------------------------------------------------- */

static scp03_keys keys_of(uint8_t version, uint8_t first, size_t length) {
    scp03_keys keys = {.version = version, .length = length};
    for (size_t i = 0; i < length; i++) {
        keys.enc[i] = (uint8_t)(first + i);
        keys.mac[i] = (uint8_t)(first + 0x40 + i);
        keys.dek[i] = (uint8_t)(first + 0x80 + i);
    }
    return keys;
}

static scp03_keys factory_keys(void) {
    scp03_keys keys = {.version = ISSUER, .length = 16};
    for (size_t i = 0; i < 16; i++)
        keys.enc[i] = keys.mac[i] = keys.dek[i] = (uint8_t)(0x40 + i);
    return keys;
}

static status_word open_channel_at(const scp03_keys *keys, uint8_t level, uint32_t *sequence) {
    static const uint8_t challenge[SCP03_CHALLENGE] = {1, 2, 3, 4, 5, 6, 7, 8};
    buffer data = BUFFER_INIT(64);
    status_word sw = send_command(0x80, 0x50, keys->version, 0, BYTES(challenge), 256);
    if (sw != SW_OK)
        return sw;
    if (scp03_host_begin(&session, keys, challenge, buffer_bytes(&answer), sequence) != RESULT_OK)
        return SW_UNKNOWN; /* the host would stop here: not the SE it knows */
    assert_int_equal(scp03_host_authenticate(&session, level, &data), RESULT_OK);
    sw = send_command(0x84, 0x82, level, 0, buffer_bytes(&data), APDU_NO_LE);
    buffer_wipe(&data);
    return sw;
}

static status_word open_channel(const scp03_keys *keys) {
    uint32_t sequence;
    return open_channel_at(keys, FULL, &sequence);
}

/* In the channel; the answer is in clear afterwards. */
static status_word wrapped(uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, bytes data, uint32_t le) {
    uint8_t header[SCP03_HEADER] = {cla, ins, p1, p2};
    buffer body = BUFFER_INIT(8192), plain = BUFFER_INIT(8192);
    assert_int_equal(scp03_host_wrap(&session, header, data, &body), RESULT_OK);
    status_word sw = send_command(header[0], ins, p1, p2, buffer_bytes(&body), le);
    assert_int_equal(scp03_host_unwrap(&session, buffer_bytes(&answer), sw, &plain), RESULT_OK);
    buffer_clear(&answer);
    buffer_append(&answer, buffer_bytes(&plain));
    buffer_wipe(&body);
    buffer_wipe(&plain);
    return sw;
}

static status_word wrapped_hex(uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, const char *hex, uint32_t le) {
    buffer data = BUFFER_INIT(4096);
    assert_int_equal(hex_decode(hex, &data), RESULT_OK);
    status_word sw = wrapped(cla, ins, p1, p2, buffer_bytes(&data), le);
    buffer_wipe(&data);
    return sw;
}

static status_word put_keys(const scp03_keys *under, const scp03_keys *keys, uint8_t replaces) {
    const uint8_t *const each[] = {keys->enc, keys->mac, keys->dek};
    buffer data = BUFFER_INIT(256);
    buffer_append_u8(&data, keys->version);
    for (size_t i = 0; i < 3; i++) {
        uint8_t cryptogram[SCP03_KEY_MOST], check[SCP03_CHECK_VALUE];
        size_t length = 0;
        assert_int_equal(scp03_encrypt_key(under, bytes_of(each[i], keys->length), cryptogram, &length), RESULT_OK);
        assert_int_equal(scp03_check_value(bytes_of(each[i], keys->length), check), RESULT_OK);
        buffer_append_u8(&data, 0x88);
        buffer_append_u8(&data, (uint8_t)(1 + length));
        buffer_append_u8(&data, (uint8_t)keys->length);
        buffer_append(&data, bytes_of(cryptogram, length));
        buffer_append_u8(&data, SCP03_CHECK_VALUE);
        buffer_append(&data, BYTES(check));
    }
    status_word sw = wrapped(0x80, 0xD8, replaces, 0x81, buffer_bytes(&data), 256);
    buffer_wipe(&data);
    return sw;
}

static status_word life_cycle(void) {
    return send("00CA010400") == SW_OK && answer.length == 1 ? answer.data[0] : SW_UNKNOWN;
}

static status_word set_status(uint8_t p1, uint8_t p2) {
    return wrapped(0x80, 0xF0, p1, p2, bytes_of(NULL, 0), APDU_NO_LE);
}

/* PIN and PUK, a key in place 0, the binding, a new issuer's key, to work: as personalisation does it. */
static void personalise(void) {
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(send("0024010210" PUK), SW_OK);
    assert_int_equal(send("0024010110" PIN), SW_OK);
    assert_int_equal(open_channel(&issuer), SW_OK);
    assert_int_equal(set_status(0x40, 0x0F), SW_CONDITIONS); /* nothing is bound yet */
    assert_int_equal(wrapped_hex(0, 0x22, 0x41, 0x00, "8001F3840100", APDU_NO_LE), SW_OK);
    assert_int_equal(wrapped_hex(0, 0x46, 0x42, 0x00, "", 256), SW_OK);
    assert_int_equal(put_keys(&issuer, &binding, 0), SW_OK);
    assert_int_equal(answer.length, 1 + 3 * SCP03_CHECK_VALUE);
    assert_int_equal(set_status(0x40, 0x0F), SW_CONDITIONS); /* the issuer's key is still the factory's */
    assert_int_equal(put_keys(&issuer, &fresh_issuer, ISSUER), SW_OK);
    assert_int_equal(set_status(0x40, 0x0F), SW_OK);
    assert_int_equal(life_cycle(), 0x0F);
}

static status_word activate(void) {
    status_word sw = open_channel(&binding);
    return sw == SW_OK ? wrapped_hex(0, 0x20, 0, 0x01, PIN, APDU_NO_LE) : sw;
}

static status_word sign_wrapped(uint32_t le) {
    status_word sw = wrapped_hex(0, 0x22, 0x41, 0xB6, "800111840100", APDU_NO_LE);
    return sw == SW_OK ? wrapped_hex(0, 0x2A, 0x9E, 0x9A, "0102030405060708", le) : sw;
}

static int set_up(void **state) {
    (void)state;
    strcpy(folder, "/tmp/test-se-channel.XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    write_image_file("personality", "se\n");
    write_image_file("atr", "3B00\n");
    write_image_file("card-id", "5312345678901234");
    issuer = factory_keys();
    fresh_issuer = keys_of(ISSUER, 0x11, 32);
    binding = keys_of(BINDING, 0x22, 16);
    open_card();
    return 0;
}

static int tear_down(void **state) {
    char command[128];
    (void)state;
    se->close(&c);
    buffer_wipe(&answer);
    buffer_wipe(&last);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* --- the table of states --------------------------------------------------------------------------------------------------- */

typedef enum who { IN_CLEAR, BOUND, ACTIVE, ISSUING, WHO_COUNT } who;

/* Commands that do harm or tell something, each harmless in itself here. Expected: 0 for anything but a refusal of rights. */
static const struct {
    const char *name;
    uint8_t cla, ins, p1, p2;
    const char *data;
    uint32_t le;
    status_word expected[WHO_COUNT];
} cells[] = {
    {"GET DATA serial", 0x00, 0xCA, 0x01, 0x02, "", 256, {SW_OK, SW_OK, SW_OK, SW_OK}},
    {"GET DATA fingerprint", 0x00, 0xCA, 0x01, 0x10, "", 256, {SW_OK, SW_OK, SW_OK, SW_OK}},
    {"SELECT MF", 0x00, 0xA4, 0x00, 0x00, "3F00", 256, {SW_OK, SW_OK, SW_OK, SW_OK}},
    {"VERIFY wrong PIN", 0x00, 0x20, 0x00, 0x01, WRONG_PIN, 0, {SW_SECURITY_STATUS, 0x63C4, 0x63C4, 0x63C4}},
    {"VERIFY query", 0x00, 0x20, 0x00, 0x01, "", 0, {SW_SECURITY_STATUS, 0x63C5, SW_OK, 0x63C5}},
    {"CHANGE PIN, wrong old one", 0x00, 0x24, 0x00, 0x01, WRONG_PIN PIN, 0, {SW_SECURITY_STATUS, 0x63C4, 0x63C4, 0x63C4}},
    {"RESET RETRY COUNTER, wrong PUK", 0x00, 0x2C, 0x00, 0x01, WRONG_PUK PIN, 0,
     {SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_SECURITY_STATUS, 0x63C4}},
    {"MSE", 0x00, 0x22, 0x41, 0xB6, "800111840100", 0, {SW_SECURITY_STATUS, SW_OK, SW_OK, SW_OK}},
    {"GENERATE", 0x00, 0x46, 0x42, 0x00, "", 256, {SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_CONDITIONS}},
    {"PUT DATA", 0x00, 0xDB, 0x3F, 0xFF, "7F4800", 0, {SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_CONDITIONS}},
    {"CREATE FILE", 0x00, 0xE0, 0x00, 0x00, "6200", 0, {SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_WRONG_DATA}},
    {"DELETE FILE", 0x00, 0xE4, 0x00, 0x00, "1234", 0, {SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_NOT_FOUND}},
    {"UPDATE BINARY", 0x00, 0xD6, 0x00, 0x00, "00", 0, {SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_NO_CURRENT_EF}},
    {"PUT KEY", 0x80, 0xD8, 0x30, 0x81, "30", 256, {SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_WRONG_DATA}},
    {"SET STATUS nonsense", 0x80, 0xF0, 0x40, 0x07, "", 0, {SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_WRONG_P1P2}},
    {"PSO without MSE", 0x00, 0x2A, 0x9E, 0x9A, "01", 256, {SW_SECURITY_STATUS, SW_SECURITY_STATUS, SW_CONDITIONS, SW_SECURITY_STATUS}},
};

static void become(who w) {
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    if (w == BOUND)
        assert_int_equal(open_channel(&binding), SW_OK);
    else if (w == ACTIVE)
        assert_int_equal(activate(), SW_OK);
    else if (w == ISSUING)
        assert_int_equal(open_channel(&fresh_issuer), SW_OK);
}

static void test_every_cell_of_the_operational_state(void **state) {
    (void)state;
    personalise();
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        for (who w = IN_CLEAR; w < WHO_COUNT; w++) {
            become(w);
            buffer data = BUFFER_INIT(64);
            assert_int_equal(hex_decode(cells[i].data, &data), RESULT_OK);
            status_word sw = w == IN_CLEAR ? send_command(cells[i].cla, cells[i].ins, cells[i].p1, cells[i].p2,
                                                          buffer_bytes(&data), cells[i].le)
                                           : wrapped_hex(cells[i].cla, cells[i].ins, cells[i].p1, cells[i].p2, cells[i].data,
                                                         cells[i].le);
            buffer_wipe(&data);
            if (sw != cells[i].expected[w])
                print_error("%s as %d: %04X\n", cells[i].name, (int)w, sw);
            assert_int_equal(sw, cells[i].expected[w]);
            /* Whatever was tried with a wrong PIN: the right one makes all tries good again. */
            become(ACTIVE);
        }
}

static void test_plain_verify_costs_no_try(void **state) {
    (void)state;
    personalise();
    for (int i = 0; i < 20; i++) {
        power_cycle();
        assert_int_equal(select_application(), SW_OK);
        assert_int_equal(send("0020000110" WRONG_PIN), SW_SECURITY_STATUS);
    }
    assert_int_equal(activate(), SW_OK);
}

static void test_a_signature_needs_binding_and_pin(void **state) {
    (void)state;
    personalise();
    become(BOUND);
    assert_int_equal(sign_wrapped(256), SW_SECURITY_STATUS);
    become(ISSUING);
    assert_int_equal(wrapped_hex(0, 0x20, 0, 0x01, PIN, APDU_NO_LE), SW_OK);
    assert_int_equal(sign_wrapped(256), SW_SECURITY_STATUS);
    become(ACTIVE);
    assert_int_equal(sign_wrapped(256), SW_OK); /* 280 bytes on the wire: 256 and GET RESPONSE */
    assert_int_equal(answer.length, 256);
    assert_int_equal(sign_wrapped(65536), SW_OK); /* extended length: at once */
    assert_int_equal(answer.length, 256);
}

static void test_power_cut_between_pin_and_signature(void **state) {
    (void)state;
    personalise();
    become(ACTIVE);
    se->reset(c);
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(send("002241B606800111840100"), SW_SECURITY_STATUS);
    assert_int_equal(send("002A9E9A01010000"), SW_WRONG_LENGTH);
    assert_int_equal(send("002A9E9A010100"), SW_SECURITY_STATUS);
    assert_int_equal(open_channel(&binding), SW_OK);
    assert_int_equal(sign_wrapped(256), SW_SECURITY_STATUS); /* bound again, but the PIN is asked anew */
}

static void test_another_process_of_the_terminal(void **state) {
    (void)state;
    personalise();
    become(ACTIVE);
    assert_int_equal(select_application(), SW_OK);      /* in clear, by the other process: ends the session, */
    assert_int_equal(open_channel(&binding), SW_OK);    /* which it opens itself */
    assert_int_equal(sign_wrapped(256), SW_OK);         /* and the PIN is still given */
    assert_int_equal(open_channel(&fresh_issuer), SW_OK);
    assert_int_equal(open_channel(&binding), SW_OK);
    assert_int_equal(sign_wrapped(256), SW_SECURITY_STATUS); /* not so after the issuer was there */
}

static void test_levels_below_the_full_one_open_nothing(void **state) {
    static const uint8_t levels[] = {0x01, 0x03, 0x11, 0x13};
    uint32_t sequence;
    (void)state;
    personalise();
    for (size_t i = 0; i < sizeof levels; i++) {
        become(IN_CLEAR);
        assert_int_equal(open_channel_at(&binding, levels[i], &sequence), SW_OK);
        assert_int_equal(wrapped_hex(0, 0xCA, 0x01, 0x02, "", 256), SW_OK);
        assert_int_equal(answer.length, 16);
        assert_int_equal(wrapped_hex(0, 0x20, 0, 0x01, PIN, APDU_NO_LE), SW_SECURITY_STATUS);
    }
}

/* --- at the contacts ------------------------------------------------------------------------------------------------------- */

static void test_every_flipped_bit_ends_it(void **state) {
    (void)state;
    personalise();
    become(ACTIVE);
    uint8_t header[SCP03_HEADER] = {0, 0x2A, 0x9E, 0x9A};
    buffer raw = BUFFER_INIT(512);
    static const uint8_t digest[] = {1, 2, 3};
    for (size_t bit = 0;; bit++) {
        buffer body = BUFFER_INIT(512);
        become(ACTIVE);
        assert_int_equal(wrapped_hex(0, 0x22, 0x41, 0xB6, "800111840100", APDU_NO_LE), SW_OK);
        header[0] = 0;
        assert_int_equal(scp03_host_wrap(&session, header, BYTES(digest), &body), RESULT_OK);
        const apdu_command command = {.cla = header[0], .ins = 0x2A, .p1 = 0x9E, .p2 = 0x9A, .data = buffer_bytes(&body), .le = 256};
        buffer_clear(&raw);
        assert_int_equal(apdu_build(&command, &raw), RESULT_OK);
        buffer_wipe(&body);
        /* P1, P2 and every bit of the data field; the class and instruction bytes make it another command. */
        const size_t fields = 2 + command.data.length;
        if (bit >= 8 * fields)
            break;
        const size_t at = bit / 8 < 2 ? 2 + bit / 8 : 5 + bit / 8 - 2;
        raw.data[at] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(send_raw(buffer_bytes(&raw)), SW_SECURITY_STATUS);
        /* The session is dead, and the PIN forgotten. */
        assert_int_equal(open_channel(&binding), SW_OK);
        assert_int_equal(sign_wrapped(256), SW_SECURITY_STATUS);
    }
    buffer_wipe(&raw);
}

static void test_replay(void **state) {
    (void)state;
    personalise();
    become(ACTIVE);
    buffer verify = BUFFER_INIT(512);
    buffer_append(&verify, tampered); /* the VERIFY that has just been accepted */
    assert_int_equal(send_raw(buffer_bytes(&verify)), SW_SECURITY_STATUS);
    become(BOUND);
    assert_int_equal(send_raw(buffer_bytes(&verify)), SW_SECURITY_STATUS); /* nor in a later session */
    buffer_wipe(&verify);
}

static void test_a_foreign_se_and_a_foreign_terminal(void **state) {
    scp03_keys other = keys_of(BINDING, 0x33, 16);
    (void)state;
    personalise();
    become(IN_CLEAR);
    assert_int_equal(open_channel(&other), SW_UNKNOWN); /* the host sees that the cryptogram is wrong, and stops */
    other.version = 0x31;
    assert_int_equal(open_channel(&other), SW_REFERENCE_NOT_FOUND);
}

static status_word fail_authentication(void) {
    static const uint8_t challenge[SCP03_CHALLENGE] = {9}, nonsense[16] = {7};
    status_word sw = send_command(0x80, 0x50, BINDING, 0, BYTES(challenge), 256);
    return sw == SW_OK ? send_command(0x84, 0x82, FULL, 0, BYTES(nonsense), APDU_NO_LE) : sw;
}

static void test_ten_failures_over_power_cycles_lock(void **state) {
    (void)state;
    personalise();
    for (int i = 0; i < 9; i++) {
        become(IN_CLEAR);
        assert_int_equal(fail_authentication(), SW_SECURITY_STATUS);
    }
    assert_int_equal(activate(), SW_OK); /* a success makes it good again */
    for (int i = 0; i < 10; i++) {
        assert_int_equal(life_cycle(), 0x0F);
        become(IN_CLEAR);
        assert_int_equal(fail_authentication(), SW_SECURITY_STATUS);
    }
    assert_int_equal(life_cycle(), 0x8F);
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(life_cycle(), 0x8F);
    /* Locked: its terminal gets nowhere, the issuer can do one thing. */
    assert_int_equal(open_channel(&binding), SW_CONDITIONS);
    assert_int_equal(send("00B0000000"), SW_CONDITIONS);
    assert_int_equal(send("0020000110" PIN), SW_CONDITIONS);
    assert_int_equal(open_channel(&fresh_issuer), SW_OK);
    assert_int_equal(wrapped_hex(0, 0x46, 0x42, 0x00, "", 256), SW_CONDITIONS);
    assert_int_equal(set_status(0x40, 0x0F), SW_OK);
    assert_int_equal(activate(), SW_OK);
    assert_int_equal(sign_wrapped(256), SW_OK);
}

static void test_the_sequence_tells_of_every_attempt(void **state) {
    uint32_t before, after;
    (void)state;
    personalise();
    become(IN_CLEAR);
    assert_int_equal(open_channel_at(&binding, FULL, &before), SW_OK);
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    for (int i = 0; i < 3; i++)
        fail_authentication(); /* somebody tries while it is out */
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(open_channel_at(&binding, FULL, &after), SW_OK);
    assert_int_equal(after - before, 4);
}

static void test_an_exhausted_sequence(void **state) {
    (void)state;
    personalise();
    char *path = file_join(folder, "state/sequence-binding");
    assert_int_equal(file_replace(path, bytes_of("\xFF\xFF\xFE", 3), 0600), RESULT_OK);
    free(path);
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(open_channel(&binding), SW_OK);
    assert_int_equal(open_channel(&binding), SW_CONDITIONS);
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(open_channel(&binding), SW_CONDITIONS);
    assert_int_equal(open_channel(&fresh_issuer), SW_OK); /* a new pairing begins anew */
    assert_int_equal(put_keys(&fresh_issuer, &binding, BINDING), SW_OK);
    assert_int_equal(activate(), SW_OK);
}

/* --- pairing and the end ----------------------------------------------------------------------------------------------------- */

static void test_pairing_with_another_terminal(void **state) {
    scp03_keys next = keys_of(BINDING, 0x44, 24);
    (void)state;
    personalise();
    become(ISSUING);
    assert_int_equal(put_keys(&issuer, &next, BINDING), SW_WRONG_DATA); /* encrypted under another key: check values differ */
    assert_int_equal(put_keys(&fresh_issuer, &next, 0), SW_REFERENCE_NOT_FOUND);
    assert_int_equal(put_keys(&fresh_issuer, &next, BINDING), SW_OK);
    become(IN_CLEAR);
    assert_int_equal(open_channel(&next), SW_OK);
    become(IN_CLEAR);
    assert_int_equal(open_channel(&issuer), SW_UNKNOWN); /* the factory's key is no key any more */
    become(IN_CLEAR);
    static const uint8_t challenge[SCP03_CHALLENGE] = {0};
    uint32_t sequence;
    assert_int_equal(send_command(0x80, 0x50, BINDING, 0, BYTES(challenge), 256), SW_OK);
    assert_int_equal(scp03_host_begin(&session, &binding, challenge, buffer_bytes(&answer), &sequence), RESULT_BAD_SIGNATURE);
}

static void test_terminated_is_the_end(void **state) {
    (void)state;
    personalise();
    become(ISSUING);
    assert_int_equal(set_status(0x80, 0xFF), SW_OK);
    power_cycle();
    assert_int_equal(life_cycle(), 0xFF);
    assert_int_equal(send("00CA010200"), SW_OK);
    assert_int_equal(send("00CA011000"), SW_REFERENCE_NOT_FOUND); /* no key is left */
    assert_int_equal(select_application(), SW_CONDITIONS);
    assert_int_equal(send("8050000008010203040506070800"), SW_CONDITIONS);
    for (const char *const *name = (const char *const[]){"state/key-0", "state/keys-issuer", "state/keys-binding", NULL};
         *name != NULL; name++) {
        char *path = file_join(folder, *name);
        assert_int_not_equal(access(path, F_OK), 0);
        free(path);
    }
}

static void test_factory_keys_are_refused_at_work(void **state) {
    (void)state;
    personalise();
    char *path = file_join(folder, "state/keys-issuer");
    assert_int_equal(unlink(path), 0);
    free(path);
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(open_channel(&issuer), SW_REFERENCE_NOT_FOUND); /* losing the file does not bring them back */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_every_cell_of_the_operational_state),
        TEST(test_plain_verify_costs_no_try),
        TEST(test_a_signature_needs_binding_and_pin),
        TEST(test_power_cut_between_pin_and_signature),
        TEST(test_another_process_of_the_terminal),
        TEST(test_levels_below_the_full_one_open_nothing),
        TEST(test_every_flipped_bit_ends_it),
        TEST(test_replay),
        TEST(test_a_foreign_se_and_a_foreign_terminal),
        TEST(test_ten_failures_over_power_cycles_lock),
        TEST(test_the_sequence_tells_of_every_attempt),
        TEST(test_an_exhausted_sequence),
        TEST(test_pairing_with_another_terminal),
        TEST(test_terminated_is_the_end),
        TEST(test_factory_keys_are_refused_at_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
