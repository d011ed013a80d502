/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool.h"

#include "key_file.h"
#include "channel_state.h"

#include "base/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#define CLA_GLOBALPLATFORM 0x80
#define INS_GET_DATA 0xCA
#define INS_PUT_KEY 0xD8
#define INS_SET_STATUS 0xF0
#define VERSION_ISSUER 0x01
#define VERSION_BINDING 0x30
#define KEY_TYPE_AES 0x88
#define FIRST_OF_SEVERAL 0x81
#define OF_APPLICATION 0x40
#define OF_CARD 0x80
#define OPERATIONAL 0x0F
#define LOCKED 0x8F
#define TERMINATED 0xFF
#define KEY_LENGTH 32
#define ANSWER_MAX 256
#define FINGERPRINT_LENGTH 32
#define LIFE_CYCLE 0x04 /* GET DATA 0104 */
#define FIRST_FINGERPRINT 0x10
#define NO_ANSWER "the SE does not answer. Put it in again, and give the same command: it goes on"

/* --- --- keys ----------------------------------------------------------------------------------------------------- */

static int read_keys(const char *path, uint8_t version, scp03_keys *keys) {
    result code = key_file_read(path, keys);
    if (code == RESULT_OK && keys->version == version)
        return TOOL_OK;
    if (code == RESULT_OK)
        return tool_complain("%s holds key version %02X, not %02X", path, keys->version, version);
    return tool_complain("%s: %s", path,
                         code == RESULT_NOT_FOUND ? "no such file"
                         : code == RESULT_REFUSED ? "other users can read it (chmod 600)"
                                                  : "not a key set (version, enc, mac, dek)");
}

/* GlobalPlatform's well-known test key, as a fresh SE has it. */
static void set_factory_key(scp03_keys *keys) {
    *keys = (scp03_keys){.version = VERSION_ISSUER, .length = SCP03_BLOCK};
    for (uint8_t i = 0; i < SCP03_BLOCK; i++)
        keys->enc[i] = keys->mac[i] = keys->dek[i] = (uint8_t)(0x40 + i);
}

static int open_with(tool *t, const scp03_keys *keys, const char *key_path) {
    se_channel_request request = {.keys = keys, .key_path = key_path};
    int code = sc_card_ctl(t->card, SE_CONTROL_OPEN, &request);
    return code == SC_SUCCESS ? TOOL_OK : tool_complain("no secure channel to the SE: %s", sc_strerror(code));
}

/* The channel as the issuer. Wipe *keys. */
static int open_as_issuer(tool *t, scp03_keys *keys) {
    int code = TOOL_OK;
    if (t->issuer_key != NULL)
        code = read_keys(t->issuer_key, VERSION_ISSUER, keys);
    else
        set_factory_key(keys);
    return code == TOOL_OK ? open_with(t, keys, NULL) : code;
}

static int make_keys(uint8_t version, scp03_keys *keys) {
    *keys = (scp03_keys){.version = version, .length = KEY_LENGTH};
    bool made = getrandom(keys->enc, KEY_LENGTH, 0) == KEY_LENGTH &&
                getrandom(keys->mac, KEY_LENGTH, 0) == KEY_LENGTH && getrandom(keys->dek, KEY_LENGTH, 0) == KEY_LENGTH;
    return made ? TOOL_OK : tool_complain("the random number generator failed");
}

/* 88 L length cryptogram 03 check value (Amendment D 7.2) */
static result append_key(buffer *data, buffer *checks, const scp03_keys *under, const uint8_t *key) {
    uint8_t cryptogram[SCP03_KEY_MAX], check[SCP03_CHECK_VALUE];
    size_t length;
    bytes plain = bytes_of(key, KEY_LENGTH);
    result code = scp03_encrypt_key(under, plain, cryptogram, &length);
    if (code == RESULT_OK)
        code = scp03_check_value(plain, check);
    if (code != RESULT_OK)
        return code;
    buffer_append_u8(data, KEY_TYPE_AES);
    buffer_append_u8(data, (uint8_t)(length + 1));
    buffer_append_u8(data, KEY_LENGTH);
    buffer_append(data, bytes_of(cryptogram, length));
    buffer_append_u8(data, sizeof check);
    buffer_append(checks, BYTES(check));
    return buffer_append(data, BYTES(check));
}

/* The SE returns the check values: it has the intended keys. *refused: it said that it has not. */
static int put_keys(tool *t, const scp03_keys *issuer, const scp03_keys *fresh, uint8_t replaced, bool *refused) {
    buffer data = BUFFER_INIT(ANSWER_MAX), checks = BUFFER_INIT(ANSWER_MAX), answer = BUFFER_INIT(ANSWER_MAX);
    status_word sw = SW_UNKNOWN;
    buffer_append_u8(&data, fresh->version);
    buffer_append_u8(&checks, fresh->version);
    bool built = append_key(&data, &checks, issuer, fresh->enc) == RESULT_OK &&
                 append_key(&data, &checks, issuer, fresh->mac) == RESULT_OK &&
                 append_key(&data, &checks, issuer, fresh->dek) == RESULT_OK;
    const se_command put = {.cla = CLA_GLOBALPLATFORM,
                            .ins = INS_PUT_KEY,
                            .p1 = replaced,
                            .p2 = FIRST_OF_SEVERAL,
                            .data = buffer_bytes(&data),
                            .le = ANSWER_MAX,
                            .secret = true};
    result sent = built ? tool_send(t, put, &answer, &sw) : RESULT_INTERNAL;
    int code = TOOL_OK;
    *refused = !built || (sent == RESULT_OK && sw != SW_OK);
    if (sent != RESULT_OK)
        code = tool_complain(NO_ANSWER);
    else if (sw == SW_REFERENCE_NOT_FOUND)
        code = tool_complain(replaced == 0 ? "the SE is paired already: re-pair replaces its binding key"
                                           : "the SE has no such key to be replaced");
    else if (sw != SW_OK)
        code = tool_complain("the SE does not take the key (%04X)", sw);
    else if (!bytes_equal(buffer_bytes(&answer), buffer_bytes(&checks)))
        code = tool_complain("the SE answers with other check values than the key's");
    buffer_wipe(&data);
    buffer_wipe(&checks);
    buffer_wipe(&answer);
    return code;
}

/* A run that was interrupted has left its key; the SE tells whether it got it. *done: it did, and what was left to do is
 * done. If it did not the file is of no use to anybody, and goes; without an answer it stays. */
static int end_interrupted(tool *t, const char *new_path, uint8_t version, const char *path, bool *done) {
    scp03_keys fresh;
    *done = false;
    if (access(new_path, F_OK) != 0)
        return TOOL_OK;
    if (read_keys(new_path, version, &fresh) != TOOL_OK)
        return unlink(new_path) == 0 ? TOOL_OK : tool_complain("%s: %s", new_path, strerror(errno));
    se_channel_request request = {.keys = &fresh};
    const int opened = sc_card_ctl(t->card, SE_CONTROL_OPEN, &request);
    scp03_keys_wipe(&fresh);
    if (opened != SC_SUCCESS && opened != SC_ERROR_WRONG_CARD)
        return tool_complain(
            "an earlier attempt was interrupted, and the SE does not tell whether it has the key in %s: "
            "%s. Begin again",
            new_path, sc_strerror(opened));
    *done = opened == SC_SUCCESS;
    if ((*done ? rename(new_path, path) : unlink(new_path)) != 0)
        return tool_complain("%s: %s", new_path, strerror(errno));
    return *done ? TOOL_OK : tool_connect_again(t);
}

/* A fresh key for the SE, in path when it has it. */
static int put_fresh(tool *t, const char *new_path, const char *path, uint8_t version, uint8_t replaced) {
    scp03_keys issuer, fresh;
    bool refused = false;
    int code = open_as_issuer(t, &issuer);
    if (code == TOOL_OK)
        code = make_keys(version, &fresh);
    if (code == TOOL_OK && key_file_write(new_path, &fresh) != RESULT_OK)
        code = tool_complain("%s: %s", new_path, strerror(errno));
    else if (code == TOOL_OK && (code = put_keys(t, &issuer, &fresh, replaced, &refused)) != TOOL_OK)
        (void)(refused && unlink(new_path));
    else if (code == TOOL_OK && rename(new_path, path) != 0)
        code = tool_complain("%s: %s; the SE has the key in %s", path, strerror(errno), new_path);
    scp03_keys_wipe(&issuer);
    scp03_keys_wipe(&fresh);
    return code;
}

/* One at a time for the keys of a folder (flock(2)): the key file of one at work is none that was left behind. */
static int lock_folder_of(const char *path) {
    char *copy = strdup(path);
    const int folder = copy != NULL ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(copy);
    if (folder >= 0)
        flock(folder, LOCK_EX);
    return folder;
}

/* The new key is on disk before the SE gets it, and renamed afterwards: at no point does only one side have the key.
 * existing: what is said when path exists; NULL: it is replaced. */
static int replace_keys(tool *t, const char *path, uint8_t version, uint8_t replaced, const char *existing) {
    char *new_path = NULL;
    bool done = false;
    int code = TOOL_OK;
    if (asprintf(&new_path, "%s.new", path) < 0)
        return tool_complain("out of memory");
    const int folder = lock_folder_of(path);
    if (existing != NULL && access(path, F_OK) == 0)
        code = tool_complain("%s exists: %s", path, existing);
    if (code == TOOL_OK)
        code = end_interrupted(t, new_path, version, path, &done);
    if (code == TOOL_OK && !done)
        code = put_fresh(t, new_path, path, version, replaced);
    if (folder >= 0)
        close(folder);
    free(new_path);
    return code;
}

/* The channel_state belongs to the old key. */
static void forget_ledger(const char *path) {
    char *state = NULL;
    if (asprintf(&state, "%s.state", path) >= 0)
        unlink(state);
    free(state);
}

int tool_pair(tool *t) {
    int code = replace_keys(t, t->binding_key, VERSION_BINDING, 0, "re-pair replaces it");
    if (code == TOOL_OK)
        forget_ledger(t->binding_key);
    return code;
}

int tool_pair_again(tool *t) {
    int code = replace_keys(t, t->binding_key, VERSION_BINDING, VERSION_BINDING, NULL);
    if (code == TOOL_OK)
        forget_ledger(t->binding_key);
    return code;
}

int tool_rotate(tool *t) {
    return replace_keys(t, t->new_issuer_key, VERSION_ISSUER, VERSION_ISSUER, "no key is overwritten");
}

/* --- --- life ----------------------------------------------------------------------------------------------------- */

static bool get_data(tool *t, uint8_t which, buffer *answer) {
    status_word sw;
    const se_command get = {.ins = INS_GET_DATA, .p1 = 0x01, .p2 = which, .le = ANSWER_MAX};
    return tool_send(t, get, answer, &sw) == RESULT_OK && sw == SW_OK;
}

/* Also by an earlier attempt whose answer was lost. */
static bool has_life_cycle(tool *t, uint8_t state) {
    buffer answer = BUFFER_INIT(ANSWER_MAX);
    const bool has = get_data(t, LIFE_CYCLE, &answer) && answer.length >= 1 && answer.data[0] == state;
    buffer_wipe(&answer);
    return has;
}

static int set_status(tool *t, uint8_t of, uint8_t state) {
    scp03_keys issuer;
    status_word sw;
    const se_command set = {.cla = CLA_GLOBALPLATFORM, .ins = INS_SET_STATUS, .p1 = of, .p2 = state};
    if (state == TERMINATED && has_life_cycle(t, state))
        return TOOL_OK; /* it opens no channel any more */
    int code = open_as_issuer(t, &issuer);
    scp03_keys_wipe(&issuer);
    if (code != TOOL_OK)
        return code;
    if (tool_send(t, set, NULL, &sw) != RESULT_OK)
        return tool_complain(NO_ANSWER);
    if (sw == SW_CONDITIONS && has_life_cycle(t, state))
        return TOOL_OK;
    if (sw == SW_CONDITIONS)
        return tool_complain(
            "not from this state: an operational SE needs a PIN, a binding key and its own issuer's key; a "
            "terminated one cannot be changed");
    return sw == SW_OK ? TOOL_OK : tool_complain("the SE refuses (%04X)", sw);
}

int tool_operational(tool *t) {
    return set_status(t, OF_APPLICATION, OPERATIONAL);
}

int tool_lock(tool *t) {
    return set_status(t, OF_APPLICATION, LOCKED);
}

int tool_terminate(tool *t) {
    return set_status(t, OF_CARD, TERMINATED);
}

/* --- --- status --------------------------------------------------------------------------------------------------- */

static const char *life_cycle_name(uint8_t value) {
    return value == 0x07          ? "personalisation"
           : value == OPERATIONAL ? "operational"
           : value == LOCKED      ? "locked"
           : value == TERMINATED  ? "terminated"
                                  : "unknown";
}

typedef struct report {
    char serial[17];
    const char *life_cycle;
    unsigned long signatures;
    const char *binding; /* "not asked", "this terminal", "another" */
    channel_state_record record;
} report;

static int read_report(tool *t, report *r) {
    buffer answer = BUFFER_INIT(ANSWER_MAX);
    bool read = get_data(t, 0x02, &answer) && answer.length == 16;
    if (read)
        memcpy(r->serial, answer.data, 16);
    buffer_clear(&answer);
    read = read && get_data(t, LIFE_CYCLE, &answer) && answer.length >= 1;
    r->life_cycle = read ? life_cycle_name(answer.data[0]) : "unknown";
    buffer_clear(&answer);
    if (read && get_data(t, 0x01, &answer))
        for (size_t i = 0; i < answer.length && i < 4; i++)
            r->signatures = r->signatures << 8 | answer.data[i];
    buffer_wipe(&answer);
    return read ? TOOL_OK : tool_complain("the SE does not tell its state");
}

static int read_binding(tool *t, report *r) {
    scp03_keys keys;
    channel_state memory;
    int code = read_keys(t->binding_key, VERSION_BINDING, &keys);
    if (code != TOOL_OK)
        return code;
    se_channel_request request = {.keys = &keys, .key_path = t->binding_key};
    r->binding = sc_card_ctl(t->card, SE_CONTROL_OPEN, &request) == SC_SUCCESS ? "this terminal" : "another";
    scp03_keys_wipe(&keys);
    if (channel_state_open(&memory, t->binding_key) == RESULT_OK)
        r->record = channel_state_read(&memory);
    channel_state_close(&memory);
    return TOOL_OK;
}

static void print_text(const tool *t, const report *r) {
    printf("reader             %s\nserial number      %s\nlife cycle         %s\nsignatures         %lu\nbound to      "
           "     %s\n",
           t->card->reader->name, r->serial, r->life_cycle, r->signatures, r->binding);
    if (r->record.known)
        printf("sequence counter   %u\nforeign attempts   %u\n", r->record.sequence, r->record.jumps);
}

/* Only the reader's name needs escaping. */
static void print_json(const tool *t, const report *r) {
    fputs("{\"reader\": \"", stdout);
    for (const char *c = t->card->reader->name; *c != '\0'; c++)
        printf(*c == '"' || *c == '\\' ? "\\%c" : (unsigned char)*c < ' ' ? " " : "%c", *c);
    printf("\", \"serial\": \"%s\", \"lifeCycle\": \"%s\", \"signatures\": %lu, \"binding\": \"%s\"", r->serial,
           r->life_cycle, r->signatures, r->binding);
    if (r->record.known)
        printf(", \"sequence\": %u, \"foreignAttempts\": %u", r->record.sequence, r->record.jumps);
    puts("}");
}

int tool_status(tool *t) {
    report r = {.binding = "not asked (--binding-key)"};
    int code = read_report(t, &r);
    if (code == TOOL_OK && t->binding_key != NULL)
        code = read_binding(t, &r);
    if (code != TOOL_OK)
        return code;
    if (t->json)
        print_json(t, &r);
    else
        print_text(t, &r);
    return TOOL_OK;
}

/* GET DATA 0110 to 011F: SHA-256 over the public key of each place (SubjectPublicKeyInfo). */
int tool_fingerprint(tool *t) {
    int count = 0;
    for (uint8_t place = 0; place < SE_PLACES; place++) {
        buffer answer = BUFFER_INIT(ANSWER_MAX);
        char text[2 * FINGERPRINT_LENGTH + 1];
        if (get_data(t, FIRST_FINGERPRINT + place, &answer) && answer.length == FINGERPRINT_LENGTH) {
            hex_encode(buffer_bytes(&answer), text, sizeof text);
            printf("%X %s\n", place, text);
            count++;
        }
        buffer_wipe(&answer);
    }
    return count > 0 ? TOOL_OK : tool_complain("the SE has no keys");
}
