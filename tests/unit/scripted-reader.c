/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scripted-reader.h"

#include "base/hex.h"
#include "iso7816/apdu.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SCRIPT_MAX 8
#define LOG_MAX 400

static const uint8_t atr[] = {0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x05, 0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x7F};

static sc_context_t *context;
static const card_personality *kind;
static card *lying;

typedef struct scripted {
    bool due;
    uint8_t instruction;
    int error; /* 0: the answer below */
    buffer answer;
} scripted;
static scripted script[SCRIPT_MAX];

typedef struct logged {
    uint8_t instruction, p1, p2;
    buffer data;
} logged;
static logged commands[LOG_MAX];
static size_t count;

/* --- libopensc without readers of this machine -------------------------------------------------------------------- */

static void write_configuration(const char *path, const char *options) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "app default { debug = 0; %s framework pkcs15 { use_pin_caching = no; use_file_caching = no; "
            "enable_builtin_emulation = no; } }\n",
            options);
    assert_int_equal(fclose(file), 0);
}

static struct sc_card_driver *load(const char *module, const char *name) {
    char path[4096];
    const char *top = getenv("top_builddir");
    snprintf(path, sizeof path, "%s/%s", top != NULL ? top : ".", module);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        fail_msg("%s", dlerror());
    union {
        void *object;
        void *(*function)(const char *name);
    } begin = {dlsym(library, "sc_module_init")};
    assert_non_null(begin.object);
    union {
        void *object;
        struct sc_card_driver *(*function)(void);
    } driver = {begin.function(name)};
    return driver.function();
}

void scripted_reader_begin(const char *module, const char *name, const char *options) {
    char path[] = "/tmp/scripted-reader.XXXXXX";
    const sc_context_param_t parameters = {.app_name = "test"};
    const int fd = mkstemp(path);
    assert_true(fd >= 0 && close(fd) == 0);
    write_configuration(path, options);
    setenv("OPENSC_CONF", path, 1);
    setenv("PCSCLITE_CSOCK_NAME", "/nonexistent", 1);
    assert_int_equal(sc_context_create(&context, &parameters), SC_SUCCESS);
    unlink(path);
    context->card_drivers[0] = load(module, name);
    context->card_drivers[1] = NULL;
}

void scripted_reader_end(void) {
    scripted_reader_forget();
    sc_release_context(context);
    context = NULL;
}

/* --- script and log ----------------------------------------------------------------------------------------------- */

static scripted *add_to_script(uint8_t instruction) {
    for (size_t i = 0; i < SCRIPT_MAX; i++)
        if (!script[i].due) {
            script[i] = (scripted){.due = true, .instruction = instruction, .answer = BUFFER_INIT(APDU_RESPONSE_MAX)};
            return &script[i];
        }
    fail_msg("the script is too long");
    return NULL;
}

void scripted_reader_answer(uint8_t instruction, const char *hex) {
    assert_int_equal(hex_decode(hex, &add_to_script(instruction)->answer), RESULT_OK);
}

void scripted_reader_fail(uint8_t instruction, int error) {
    add_to_script(instruction)->error = error;
}

unsigned scripted_reader_count(unsigned instruction, unsigned p1, unsigned p2) {
    unsigned found = 0;
    for (size_t i = 0; i < count; i++)
        found += (instruction == ANY || commands[i].instruction == instruction) &&
                 (p1 == ANY || commands[i].p1 == p1) && (p2 == ANY || commands[i].p2 == p2);
    return found;
}

void scripted_reader_forget(void) {
    while (count > 0)
        buffer_wipe(&commands[--count].data);
    for (size_t i = 0; i < SCRIPT_MAX; i++) {
        buffer_wipe(&script[i].answer);
        script[i].due = false;
    }
}

bytes scripted_reader_data(uint8_t instruction) {
    for (size_t i = count; i > 0; i--)
        if (commands[i - 1].instruction == instruction)
            return buffer_bytes(&commands[i - 1].data);
    fail_msg("no command %02X was sent", instruction);
    return bytes_of(NULL, 0);
}

size_t scripted_reader_longest(void) {
    size_t longest = 0;
    for (size_t i = 0; i < count; i++)
        longest = commands[i].data.length > longest ? commands[i].data.length : longest;
    return longest;
}

static void note(const sc_apdu_t *apdu) {
    assert_true(count < LOG_MAX);
    logged *one = &commands[count++];
    *one = (logged){apdu->ins, apdu->p1, apdu->p2, BUFFER_INIT(APDU_COMMAND_MAX)};
    assert_int_equal(buffer_append(&one->data, bytes_of(apdu->data, apdu->datalen)), RESULT_OK);
}

/* --- the reader --------------------------------------------------------------------------------------------------- */

/* As OpenSC's readers put it on the wire; with T=0 the card gives its data to GET RESPONSE (ISO/IEC 7816-3 12.2.1). */
static void ask_card(const sc_apdu_t *apdu, bool t0, buffer *answer) {
    buffer raw = BUFFER_INIT(APDU_COMMAND_MAX);
    const int form = apdu->cse & 0x0F;
    const bool sends = form == SC_APDU_CASE_3_SHORT || form == SC_APDU_CASE_4_SHORT;
    const bool expects = form == SC_APDU_CASE_2_SHORT || (form == SC_APDU_CASE_4_SHORT && !t0);
    apdu_command command = {.cla = apdu->cla, .ins = apdu->ins, .p1 = apdu->p1, .p2 = apdu->p2};
    command.extended = apdu->cse & SC_APDU_EXT;
    if (sends)
        command.data = bytes_of(apdu->data, apdu->datalen);
    if (expects)
        command.le = apdu->le != 0 ? (uint32_t)apdu->le : command.extended ? 65536 : 256;
    assert_int_equal(apdu_build(&command, &raw), RESULT_OK);
    kind->transmit(lying, buffer_bytes(&raw), answer);
    buffer_wipe(&raw);
}

/* As OpenSC's PC/SC reader does it: the answer's data where they fit, the status word always. */
static int give(sc_apdu_t *apdu, bytes answer) {
    assert_true(answer.length >= 2);
    const size_t length = answer.length - 2;
    apdu->sw1 = answer.data[length];
    apdu->sw2 = answer.data[length + 1];
    if (length <= apdu->resplen)
        apdu->resplen = length;
    if (apdu->resplen > 0)
        memcpy(apdu->resp, answer.data, apdu->resplen);
    return SC_SUCCESS;
}

static scripted *find_scripted(uint8_t instruction) {
    for (size_t i = 0; i < SCRIPT_MAX; i++)
        if (script[i].due && script[i].instruction == instruction)
            return &script[i];
    return NULL;
}

static int transmit(struct sc_reader *reader, sc_apdu_t *apdu) {
    buffer answer = BUFFER_INIT(APDU_RESPONSE_MAX);
    scripted *row = find_scripted(apdu->ins);
    int code = SC_SUCCESS;
    assert_true(apdu->datalen <= reader->max_send_size && apdu->le <= reader->max_recv_size);
    note(apdu);
    if (row == NULL || row->error != 0)
        ask_card(apdu, reader->active_protocol == SC_PROTO_T0, &answer);
    if (row == NULL)
        code = give(apdu, buffer_bytes(&answer));
    else
        code = row->error != 0 ? row->error : give(apdu, buffer_bytes(&row->answer));
    if (row != NULL) {
        buffer_wipe(&row->answer);
        row->due = false;
    }
    buffer_wipe(&answer);
    return code;
}

static int connect_card(struct sc_reader *reader) {
    memcpy(reader->atr.value, atr, sizeof atr);
    reader->atr.len = sizeof atr;
    return SC_SUCCESS;
}

static int succeed(struct sc_reader *reader) {
    (void)reader;
    return SC_SUCCESS;
}

static int detect(struct sc_reader *reader) {
    (void)reader;
    return SC_READER_CARD_PRESENT;
}

static int reset(struct sc_reader *reader, int cold) {
    (void)reader, (void)cold;
    kind->reset(lying);
    return SC_SUCCESS;
}

void scripted_reader_put(const card_personality *personality, card *inserted) {
    kind = personality;
    lying = inserted;
}

sc_card_t *scripted_reader_connect(unsigned properties) {
    static const struct sc_reader_operations operations = {.connect = connect_card,
                                                           .disconnect = succeed,
                                                           .transmit = transmit,
                                                           .lock = succeed,
                                                           .unlock = succeed,
                                                           .detect_card_presence = detect,
                                                           .reset = reset};
    static struct sc_reader_driver reader_kind = {.name = "scripted", .short_name = "scripted"};
    static char name[] = "scripted";
    static sc_reader_t reader;
    sc_card_t *connected = NULL;
    reader = (sc_reader_t){.ctx = context, .driver = &reader_kind, .ops = &operations, .name = name};
    reader.active_protocol = reader.supported_protocols = properties & READER_T0 ? SC_PROTO_T0 : SC_PROTO_T1;
    reader.max_send_size = properties & READER_EXTENDED ? 65535 : 255;
    reader.max_recv_size = properties & READER_EXTENDED ? 65536 : 256;
    assert_int_equal(sc_connect_card(&reader, &connected), SC_SUCCESS);
    return connected;
}

void scripted_reader_disconnect(sc_card_t **connected) {
    assert_int_equal(sc_disconnect_card(*connected), SC_SUCCESS);
    *connected = NULL;
}
