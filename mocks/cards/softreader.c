/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "softreader.h"

#include "base/apdu_log.h"
#include "base/clock.h"
#include "base/log.h"
#include "cardlink/backend.h"
#include "iso7816/apdu.h"
#include "personalities.h"
#include "reader_command.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define TIMEOUT_MS 2000 /* how long an unlinked reader waits before its log says why */
#define SETTLE_MS 1000  /* how long an insertion waits for the handler to power the card */

typedef struct faults {
    unsigned long remove_before, remove_after; /* 0: never */
    unsigned long delay_ms;
    status_word status; /* 0: none */
    bool truncate;
    unsigned long truncate_to;
    unsigned long flip; /* 0: none; which answer with data, counted from now on */
} faults;

struct reader {
    char *name;
    cardlink_backend *backend;
    pthread_t thread;
    atomic_bool stop;
    pthread_mutex_t mutex; /* card, kind, faults; held while a command runs */
    bool contactless;
    uint8_t pupi[READER_PUPI_LENGTH]; /* of the card that is in, another one each time */
    const card_timing *timing;        /* NULL: none */
    pthread_cond_t changed;           /* the card has gone or was powered */
    uint32_t powered;                 /* the session that was powered last */
    const card_personality *kind;
    card *card; /* NULL: none */
    char *image;
    faults faults;
    pthread_mutex_t count_mutex;
    unsigned long apdus, command_bytes, response_bytes, by_ins[256];
};

static int64_t microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void count(reader *r, bytes command, bytes response) {
    pthread_mutex_lock(&r->count_mutex);
    r->apdus++;
    r->command_bytes += command.length;
    r->response_bytes += response.length;
    if (command.length >= 2)
        r->by_ins[command.data[1]]++;
    pthread_mutex_unlock(&r->count_mutex);
}

/* Under the mutex; the handler has been told already. */
static void close_card(reader *r) {
    if (r->card == NULL)
        return;
    r->kind->reset(r->card);
    r->kind->close(&r->card);
    pthread_cond_broadcast(&r->changed);
}

static struct timespec time_in(unsigned long delay_ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(delay_ms / 1000);
    until.tv_nsec += (long)(delay_ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return until;
}

/* Under the mutex, which the wait gives up. False: the card went meanwhile. */
static bool sleep_with_card(reader *r, unsigned long delay_ms, uint32_t generation) {
    struct timespec until = time_in(delay_ms);
    while (cardlink_backend_generation(r->backend) == generation && r->card != NULL)
        if (pthread_cond_timedwait(&r->changed, &r->mutex, &until) != 0)
            break;
    return r->card != NULL && cardlink_backend_generation(r->backend) == generation;
}

/* Counts one command of a fault "remove ... N". */
static bool removed_by_fault(reader *r, unsigned long *left) {
    if (*left == 0 || --*left > 0)
        return false;
    cardlink_backend_card_out(r->backend);
    close_card(r);
    return true;
}

static void exchange(reader *r, const cardlink_request *request, buffer *response) {
    int64_t start = microseconds();
    if (r->faults.status != 0)
        buffer_append_u16(response, r->faults.status);
    else if (!r->contactless || !reader_command_answer(request->command, r->pupi, response))
        r->kind->transmit(r->card, request->command, response);
    r->faults.status = 0;
    log_debug("reader %s:", r->name);
    log_apdu(request->command, buffer_bytes(response), (long)(microseconds() - start));
    count(r, request->command, buffer_bytes(response));
    if (r->faults.flip > 0 && response->length > 2 && --r->faults.flip == 0)
        response->data[(response->length - 2) / 2] ^= 1;
    if (r->faults.truncate)
        buffer_truncate(response, r->faults.truncate_to);
    r->faults.truncate = false;
}

/* The answer is there, and the card still at work. False: it went meanwhile. */
static bool take_time(reader *r, const cardlink_request *request, bytes response) {
    uint64_t time_us = r->timing == NULL ? 0 : card_timing_of(r->timing, request->command, response);
    return time_us == 0 || sleep_with_card(r, (unsigned long)(time_us + 999) / 1000, request->generation);
}

static void transmit(reader *r, const cardlink_request *request) {
    buffer response = BUFFER_INIT(APDU_RESPONSE_MAX);
    if (removed_by_fault(r, &r->faults.remove_before))
        return;
    if (r->faults.delay_ms > 0 && !sleep_with_card(r, r->faults.delay_ms, request->generation))
        return;
    exchange(r, request, &response);
    if (take_time(r, request, buffer_bytes(&response)) && !removed_by_fault(r, &r->faults.remove_after))
        cardlink_backend_answer(r->backend, request, buffer_bytes(&response));
    buffer_wipe(&response);
}

static void power(reader *r, const cardlink_request *request) {
    r->kind->reset(r->card);
    bytes atr = request->type == CARDLINK_POWER_DOWN ? (bytes){NULL, 0} : r->kind->answer_to_reset(r->card);
    cardlink_backend_answer(r->backend, request, atr);
    if (request->type == CARDLINK_POWER_DOWN)
        return;
    r->powered = request->generation;
    pthread_cond_broadcast(&r->changed);
}

/* Under the mutex. pcscd powers every card that comes in before it tells its clients of it. */
static bool is_settled(reader *r) {
    uint32_t generation = cardlink_backend_generation(r->backend);
    return generation == 0 || generation == r->powered;
}

static void serve(reader *r, const cardlink_request *request) {
    pthread_mutex_lock(&r->mutex);
    if (r->card != NULL && cardlink_backend_generation(r->backend) == request->generation) {
        if (request->type == CARDLINK_TRANSMIT)
            transmit(r, request);
        else
            power(r, request);
    }
    pthread_mutex_unlock(&r->mutex);
}

static void *run(void *argument) {
    reader *r = argument;
    const char *told = "";
    while (!atomic_load(&r->stop)) {
        cardlink_request request;
        result code = cardlink_backend_next(r->backend, &request, clock_monotonic_ms() + TIMEOUT_MS);
        if (code == RESULT_OK)
            serve(r, &request);
        const char *problem = cardlink_backend_problem(r->backend);
        if (code == RESULT_TIMEOUT && problem != told && *problem != 0)
            log_notice("reader %s is not linked: %s", r->name, problem);
        if (code == RESULT_TIMEOUT)
            told = problem;
    }
    return NULL;
}

static void initialise_locks(reader *r) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&r->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&r->mutex, NULL);
    pthread_mutex_init(&r->count_mutex, NULL);
}

result reader_new(const char *name, const char *socket_path, uid_t trusted_user, reader **out) {
    *out = NULL;
    reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        return RESULT_NO_MEMORY;
    initialise_locks(r);
    r->name = strdup(name);
    result code = r->name == NULL ? RESULT_NO_MEMORY : cardlink_backend_new(socket_path, trusted_user, &r->backend);
    if (code == RESULT_OK && pthread_create(&r->thread, NULL, run, r) != 0)
        code = RESULT_NO_MEMORY;
    if (code != RESULT_OK) {
        cardlink_backend_free(&r->backend);
        free(r->name);
        free(r);
        return code;
    }
    *out = r;
    return RESULT_OK;
}

void reader_free(reader **reader_pointer) {
    reader *r = *reader_pointer;
    if (r == NULL)
        return;
    reader_remove(r);
    atomic_store(&r->stop, true);
    cardlink_backend_interrupt(r->backend);
    pthread_join(r->thread, NULL);
    cardlink_backend_free(&r->backend);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->mutex);
    pthread_mutex_destroy(&r->count_mutex);
    free(r->name);
    free(r);
    *reader_pointer = NULL;
}

void reader_make_contactless(reader *r) {
    r->contactless = true;
}

void reader_set_timing(reader *r, const card_timing *timing) {
    r->timing = timing;
}

const char *reader_name(const reader *r) {
    return r->name;
}

bool reader_is_linked(reader *r) {
    return cardlink_backend_is_linked(r->backend);
}

bool reader_is_ready(reader *r) {
    pthread_mutex_lock(&r->mutex);
    bool ready = cardlink_backend_is_linked(r->backend) && is_settled(r);
    pthread_mutex_unlock(&r->mutex);
    return ready;
}

const char *reader_image(const reader *r) {
    return r->image;
}

result reader_insert(reader *r, const char *image_folder, const char **problem) {
    *problem = "a card is in already: remove it, or use swap";
    pthread_mutex_lock(&r->mutex);
    result code = r->card != NULL ? RESULT_EXISTS : RESULT_OK;
    if (code == RESULT_OK)
        code = personality_open(image_folder, &r->kind, &r->card, problem);
    if (code == RESULT_OK) {
        free(r->image);
        r->image = strdup(image_folder);
        if (getrandom(r->pupi, sizeof r->pupi, 0) != (ssize_t)sizeof r->pupi)
            memset(r->pupi, 0, sizeof r->pupi);
        if (r->contactless && r->kind->use_contactless != NULL)
            r->kind->use_contactless(r->card);
        *problem = "the card's ATR is malformed";
        code = cardlink_backend_card_in(r->backend, r->kind->answer_to_reset(r->card));
        if (code != RESULT_OK)
            close_card(r);
    }
    struct timespec until = time_in(SETTLE_MS);
    while (code == RESULT_OK && cardlink_backend_is_linked(r->backend) && !is_settled(r))
        if (pthread_cond_timedwait(&r->changed, &r->mutex, &until) != 0)
            break;
    pthread_mutex_unlock(&r->mutex);
    return code;
}

result reader_remove(reader *r) {
    /* First the news, which needs no lock that a running command holds; then the card, when that command is over. */
    cardlink_backend_card_out(r->backend);
    pthread_mutex_lock(&r->mutex);
    result code = r->image != NULL ? RESULT_OK : RESULT_NOT_FOUND;
    close_card(r);
    free(r->image);
    r->image = NULL;
    pthread_mutex_unlock(&r->mutex);
    return code;
}

static bool number_of(const char *text, const char *key, unsigned long max, int base, unsigned long *value) {
    size_t length = strlen(key);
    char *end;
    if (strncmp(text, key, length) != 0 || strchr("0123456789ABCDEFabcdef", text[length]) == NULL || text[length] == 0)
        return false;
    *value = strtoul(text + length, &end, base);
    return *end == 0 && *value <= max;
}

result reader_fault(reader *r, const char *what) {
    unsigned long value = 0;
    result code = RESULT_OK;
    pthread_mutex_lock(&r->mutex);
    if (strcmp(what, "clear") == 0)
        r->faults = (faults){0};
    else if (number_of(what, "remove-before=", 1000000, 10, &value))
        r->faults.remove_before = value;
    else if (number_of(what, "remove-after=", 1000000, 10, &value))
        r->faults.remove_after = value;
    else if (number_of(what, "delay=", 600000, 10, &value))
        r->faults.delay_ms = value;
    else if (number_of(what, "status=", 0xFFFF, 16, &value))
        r->faults.status = (status_word)value;
    else if (number_of(what, "flip=", 1000000, 10, &value))
        r->faults.flip = value;
    else if (number_of(what, "truncate=", APDU_RESPONSE_MAX, 10, &value)) {
        r->faults.truncate = true;
        r->faults.truncate_to = value;
    } else
        code = RESULT_INVALID;
    pthread_mutex_unlock(&r->mutex);
    return code;
}

static void append_json_text(buffer *json, const char *text) {
    buffer_append_u8(json, '"');
    for (; *text != 0; text++) {
        if (*text == '"' || *text == '\\' || (unsigned char)*text < ' ')
            buffer_append_format(json, "\\u%04x", (unsigned char)*text);
        else
            buffer_append_u8(json, (uint8_t)*text);
    }
    buffer_append_u8(json, '"');
}

result reader_stats(reader *r, bool reset, buffer *json) {
    buffer_append_text(json, "{\"name\":");
    append_json_text(json, r->name);
    buffer_append_format(json, ",\"linked\":%s,\"card\":", reader_is_linked(r) ? "true" : "false");
    if (cardlink_backend_generation(r->backend) != 0 && r->image != NULL)
        append_json_text(json, r->image);
    else
        buffer_append_text(json, "null");
    pthread_mutex_lock(&r->count_mutex);
    buffer_append_format(json, ",\"apdus\":%lu,\"command_bytes\":%lu,\"response_bytes\":%lu,\"ins\":{", r->apdus,
                         r->command_bytes, r->response_bytes);
    const char *separator = "";
    for (int ins = 0; ins < 256; ins++) {
        if (r->by_ins[ins] == 0)
            continue;
        buffer_append_format(json, "%s\"%02X\":%lu", separator, (unsigned)ins, r->by_ins[ins]);
        separator = ",";
    }
    if (reset) {
        r->apdus = r->command_bytes = r->response_bytes = 0;
        memset(r->by_ins, 0, sizeof r->by_ins);
    }
    pthread_mutex_unlock(&r->count_mutex);
    buffer_append_text(json, "}}");
    return json->failed;
}
