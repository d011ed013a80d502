/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scripted-reader.h"

#include "base/hex.h"
#include "iso7816/apdu.h"
#include "tests/lib/opensc-reader.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SCRIPT_MAX 8
#define LOG_MAX 400

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

/* --- libopensc ---------------------------------------------------------------------------------------------------- */

void scripted_reader_begin(const char *module, const char *name, const char *options) {
    char path[4096];
    const char *top = getenv("top_builddir");
    snprintf(path, sizeof path, "%s/%s", top != NULL ? top : ".", module);
    struct sc_card_driver *const driver = opensc_reader_load(path, name);
    if (driver == NULL)
        fail_msg("%s: no driver %s", path, name);
    context = opensc_reader_context("test", driver, options);
    assert_non_null(context);
}

void scripted_reader_end(void) {
    scripted_reader_forget();
    sc_release_context(context);
    context = NULL;
}

/* --- locks -------------------------------------------------------------------------------------------------------- */

static pthread_t main_thread;
static atomic_uint visits;

static int create_lock(void **mutex) {
    pthread_mutex_t *const made = malloc(sizeof *made);
    assert_non_null(made);
    assert_int_equal(pthread_mutex_init(made, NULL), 0);
    *mutex = made;
    return SC_SUCCESS;
}

/* The context was made without locks and has none of its own. */
static int take_lock(void *mutex) {
    if (!pthread_equal(pthread_self(), main_thread))
        visits++;
    return mutex == NULL || pthread_mutex_lock(mutex) == 0 ? SC_SUCCESS : SC_ERROR_INTERNAL;
}

static int give_lock(void *mutex) {
    return mutex == NULL || pthread_mutex_unlock(mutex) == 0 ? SC_SUCCESS : SC_ERROR_INTERNAL;
}

static int destroy_lock(void *mutex) {
    pthread_mutex_destroy(mutex);
    free(mutex);
    return SC_SUCCESS;
}

void scripted_reader_use_threads(void) {
    static sc_thread_context_t locks = {.ver = 0,
                                        .create_mutex = create_lock,
                                        .lock_mutex = take_lock,
                                        .unlock_mutex = give_lock,
                                        .destroy_mutex = destroy_lock};
    main_thread = pthread_self();
    visits = 0;
    context->thread_ctx = &locks;
}

unsigned scripted_reader_visits(void) {
    return visits;
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

static void ask_card(const sc_apdu_t *apdu, bool t0, buffer *answer) {
    buffer raw = BUFFER_INIT(APDU_COMMAND_MAX);
    assert_int_equal(opensc_reader_write(apdu, t0, &raw), RESULT_OK);
    kind->transmit(lying, buffer_bytes(&raw), answer);
    buffer_wipe(&raw);
}

static int give(sc_apdu_t *apdu, bytes answer) {
    assert_true(answer.length >= 2);
    return opensc_reader_give(apdu, answer);
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
    static const opensc_reader calls = {transmit, detect, reset};
    sc_card_t *connected = NULL;
    sc_reader_t *reader = opensc_reader_make(context, &calls, properties & READER_EXTENDED, properties & READER_T0);
    assert_int_equal(sc_connect_card(reader, &connected), SC_SUCCESS);
    return connected;
}

void scripted_reader_disconnect(sc_card_t **connected) {
    assert_int_equal(sc_disconnect_card(*connected), SC_SUCCESS);
    *connected = NULL;
}
