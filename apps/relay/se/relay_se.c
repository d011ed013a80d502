/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/relay_se.h"

#include "se/fair_lock.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"
#include "iso7816/se_state.h"
#include "p11/call_timeout.h"
#include "pcsc/pcsc_service.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SE_LABEL "Institution SE"
#define PIN_MAX 64
#define TRY_AGAIN_MS 1000
#define OPENING_TIMES 2 /* times answer_s, because all readers may have to be searched first */
#define IDENTITY_MAX 256

/* Settings of the store. */
#define SETTING_IDENTITY "se-identity"     /* serial number and institution certificate of the SE it first had */
#define SETTING_CONNECTION "se-connection" /* the number of the connection that terminals see */
#define SETTING_NOTED "se-noted"           /* the SE's counter, and how many uses were in the ledger then */
#define SETTING_LOCK "se-lock"             /* why it is locked */

struct relay_se {
    relay_se_options options;
    fair_lock lock; /* guards the members below */
    token_module *module;
    token *token; /* NULL: not open */
    pcsc_link *service;
    token_objects objects;
    _Atomic(const token_objects *) shown;
    relay_se_status status;
    /* of the SE itself: its connection number when it was opened; signatures requested up to the last look */
    uint32_t connection, asked;
    int64_t try_ms;
    char unwritten[RELAY_SE_TEXT_SIZE]; /* the reason of a lock that is not in the store yet; "": there is none */
    bool has_new_uses;                  /* in the ledger, since SETTING_NOTED was written */
    _Atomic int64_t to_come;            /* uses that are or will be in the ledger and have not been sent to the SE */
    pthread_mutex_t telling;            /* guards the published status, so that reading it never waits for the SE */
    relay_se_status told;
};

static _Atomic int64_t step_ends_ms; /* of the step in progress; 0: none. A process has one SE */
static _Atomic long answer_s;

/* --- steps that hang ---------------------------------------------------------------------------------------------- */

static void step_begins(bool opening) {
    atomic_store(&step_ends_ms,
                 clock_monotonic_ms() + atomic_load(&answer_s) * (opening ? OPENING_TIMES * 1000 : 1000));
}

static void step_ends(void) {
    atomic_store(&step_ends_ms, 0);
}

bool relay_se_is_stuck(const relay_se *se) {
    const int64_t end = atomic_load(&step_ends_ms);
    (void)se;
    return end != 0 && clock_monotonic_ms() > end;
}

/* --- what is remembered ------------------------------------------------------------------------------------------- */

typedef struct noted {
    int64_t signatures, uses;
} noted;

static result recall(relay_se *se, noted *out) {
    buffer text = BUFFER_INIT(sizeof *out);
    const result code = relay_store_setting(se->options.store, SETTING_NOTED, &text);
    if (code == RESULT_OK && text.length == sizeof *out)
        memcpy(out, text.data, sizeof *out);
    buffer_wipe(&text);
    return code;
}

/* Counts only uses whose signature is made or will never be made; pending ones are left out. A count that is too low is
 * harmless; one that is too high would hide a signature without a row. */
static void note_counter(relay_se *se) {
    noted now = {.signatures = se->status.signatures};
    if (!se->has_new_uses)
        return;
    now.uses = relay_store_count_uses(se->options.store);
    const int64_t to_come = atomic_load(&se->to_come);
    now.uses -= to_come;
    if (relay_store_set(se->options.store, SETTING_NOTED, bytes_of(&now, sizeof now)) == RESULT_OK)
        se->has_new_uses = to_come > 0;
}

static void set_condition(relay_se *se, relay_se_condition condition, const char *reason) {
    if (se->status.condition != condition || strcmp(se->status.reason, reason) != 0)
        log_notice(condition == RELAY_SE_READY ? "the SE %s is ready%s" : "the SE is not ready: %s%s",
                   condition == RELAY_SE_READY ? se->status.serial : "", reason);
    se->status.condition = condition;
    snprintf(se->status.reason, sizeof se->status.reason, "%s", reason);
}

static void put_away(relay_se *se, const char *reason) {
    token_close(&se->token);
    pcsc_link_close(&se->service);
    se->try_ms = clock_monotonic_ms() + TRY_AGAIN_MS;
    set_condition(se, RELAY_SE_AWAY, reason);
}

/* Whether the lock is in the store. On a full disk the SE is locked all the same, and writing is tried again. */
static bool write_lock(relay_se *se) {
    if (*se->unwritten == '\0')
        return true;
    result code = relay_store_set(se->options.store, SETTING_LOCK, bytes_of(se->unwritten, strlen(se->unwritten)));
    if (code == RESULT_OK)
        code = relay_store_unset(se->options.store, SETTING_CONNECTION);
    if (code == RESULT_OK)
        se->unwritten[0] = '\0';
    else
        se->try_ms = clock_monotonic_ms() + TRY_AGAIN_MS;
    return code == RESULT_OK;
}

/* Only a person with the PIN unlocks it, also after a restart. */
static void lock_up(relay_se *se, const char *reason) {
    put_away(se, reason);
    snprintf(se->unwritten, sizeof se->unwritten, "%s", reason);
    if (!write_lock(se))
        log_error("the lock could not be written, and holds until this relay ends: %s", reason);
    set_condition(se, RELAY_SE_LOCKED, reason);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

/* RESULT_IO also when the driver has no channel just now: it says so itself, and that is no answer of the SE's. */
static result read_state(relay_se *se, se_state *state) {
    uint8_t raw[SE_STATE_LENGTH];
    result code = token_data_exact(se->token, SE_STATE_LABEL, raw, sizeof raw);
    if (code == RESULT_OK)
        code = se_state_decode(BYTES(raw), state);
    return code == RESULT_OK && state->condition == SE_STATE_UNRESPONSIVE ? RESULT_IO : code;
}

/* The SE that the relay first worked with; it alone serves. */
static const char *check_identity(relay_se *se) {
    CLEANED_BY(buffer_wipe) buffer now = BUFFER_INIT(IDENTITY_MAX);
    CLEANED_BY(buffer_wipe) buffer before = BUFFER_INIT(IDENTITY_MAX);
    buffer_append_text(&now, token_serial(se->token));
    hex_append(&now, BYTES(se->objects.fingerprint));
    const result code = relay_store_setting(se->options.store, SETTING_IDENTITY, &before);
    if (code == RESULT_NOT_FOUND && now.failed == RESULT_OK)
        return relay_store_set(se->options.store, SETTING_IDENTITY, buffer_bytes(&now)) == RESULT_OK ? NULL : "store";
    return code == RESULT_OK && bytes_equal(buffer_bytes(&now), buffer_bytes(&before)) ? NULL : "se-foreign";
}

/* Signatures that are in no row of the ledger. A row without its signature is possible: the relay ended between. */
static const char *check_counter(relay_se *se, const se_state *state) {
    noted before;
    const result code = recall(se, &before);
    if (code == RESULT_NOT_FOUND)
        return NULL;
    if (code != RESULT_OK)
        return "store";
    const int64_t uses = relay_store_count_uses(se->options.store);
    const int64_t made = (int64_t)state->signatures - before.signatures;
    return made >= 0 && made <= uses - before.uses ? NULL : "se-counter-jumped";
}

static result read_connection(relay_se *se) {
    buffer kept = BUFFER_INIT(sizeof se->status.connection);
    result code = relay_store_setting(se->options.store, SETTING_CONNECTION, &kept);
    if (code == RESULT_OK && kept.length == sizeof se->status.connection)
        memcpy(&se->status.connection, kept.data, kept.length);
    if (code == RESULT_NOT_FOUND) {
        code = crypt_random((uint8_t *)&se->status.connection, sizeof se->status.connection);
        if (code == RESULT_OK)
            code = relay_store_set(se->options.store, SETTING_CONNECTION,
                                   bytes_of(&se->status.connection, sizeof se->status.connection));
    }
    buffer_wipe(&kept);
    return code;
}

/* Reads the PIN file, and only while no PIN try is spent: a wrong file must not block the SE. */
static result pin_of_file(relay_se *se, buffer *pin) {
    token_tries tries = TOKEN_TRIES_NONE;
    if (se->options.pin_file == NULL)
        return RESULT_NOT_FOUND;
    const result code = token_pin_tries(se->token, &tries);
    if (code != RESULT_OK)
        return code;
    if (tries != TOKEN_TRIES_FULL || file_read_secret(se->options.pin_file, pin) != RESULT_OK)
        return RESULT_NOT_FOUND;
    while (pin->length > 0 && (pin->data[pin->length - 1] == '\n' || pin->data[pin->length - 1] == '\r'))
        buffer_truncate(pin, pin->length - 1);
    return RESULT_OK;
}

static result log_in(relay_se *se, bytes typed) {
    CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_MAX);
    if (typed.length > 0)
        return token_login(se->token, typed);
    const result code = pin_of_file(se, &pin);
    return code == RESULT_OK ? token_login(se->token, buffer_bytes(&pin)) : code;
}

/* Called by the token when another program has ended its session or login. The lock is held. */
static bool recover(void *context) {
    relay_se *se = context;
    se_state state;
    return token_revive(se->token) == RESULT_OK && read_state(se, &state) == RESULT_OK &&
           state.connection == se->connection && log_in(se, bytes_of(NULL, 0)) == RESULT_OK;
}

static void read_objects(relay_se *se, result *code) {
    if (*code == RESULT_OK && atomic_load(&se->shown) == NULL)
        *code = token_objects_read(se->token, &se->objects);
}

/* The reason word for the condition that the SE reports before it is used. */
static const char *trouble_of(uint8_t condition) {
    static const char *const words[] = {[SE_STATE_WRONG_KEY] = "se-unbound",
                                        [SE_STATE_NOT_BOUND] = "se-unbound",
                                        [SE_STATE_LOCKED] = "se-locked",
                                        [SE_STATE_TERMINATED] = "se-terminated"};
    return condition == SE_STATE_USABLE               ? NULL
           : condition < sizeof words / sizeof *words ? words[condition]
                                                      : "se-silent";
}

/* Returns NULL when the SE is ready, else the reason word. The token is open. */
static const char *take_up(relay_se *se, bytes typed, bool by_person) {
    se_state state;
    const char *trouble;
    result code = read_state(se, &state);
    if (code != RESULT_OK)
        return "se-silent";
    if ((trouble = trouble_of(state.condition)) != NULL)
        return trouble;
    read_objects(se, &code);
    if (code != RESULT_OK)
        return "se-objects";
    if ((trouble = check_identity(se)) != NULL || (!by_person && (trouble = check_counter(se, &state)) != NULL))
        return trouble;
    if (log_in(se, typed) != RESULT_OK)
        return "se-pin";
    if (read_connection(se) != RESULT_OK)
        return "store";
    atomic_store(&se->shown, &se->objects);
    se->connection = state.connection;
    se->asked = token_signatures_asked(se->token);
    se->status.pairing = state.pairing;
    se->status.signatures = state.signatures;
    snprintf(se->status.serial, sizeof se->status.serial, "%s", token_serial(se->token));
    snprintf(se->status.label, sizeof se->status.label, "%s", token_label(se->token));
    se->status.generation++;
    return NULL;
}

static void open_now(relay_se *se, bytes typed, bool by_person) {
    result code = RESULT_OK;
    if (se->module == NULL)
        code = token_module_open(se->options.module, &se->module);
    if (code != RESULT_OK) {
        put_away(se, "module");
        return;
    }
    code = token_open(se->module, se->options.reader, SE_LABEL, &se->token);
    const char *trouble = code == RESULT_OK ? take_up(se, typed, by_person) : "se-missing";
    if (trouble != NULL && strcmp(trouble, "se-counter-jumped") == 0)
        lock_up(se, trouble);
    else if (trouble != NULL)
        put_away(se, trouble);
    else {
        pcsc_link_open(&se->service);
        token_recover_by(se->token, recover, se);
        token_remember_objects(se->token);
        se->has_new_uses = true;
        note_counter(se);
        set_condition(se, RELAY_SE_READY, "");
    }
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

/* When pcscd ends, every card loses power: that is no sign of tampering. */
static void lose(relay_se *se) {
    const bool removed = token_card_present(se->module, se->options.reader) == RESULT_REMOVED;
    if (se->service != NULL && pcsc_link_is_cut(se->service))
        put_away(se, "pcscd-restarted");
    else if (removed)
        lock_up(se, "se-removed");
    else
        put_away(se, "se-silent");
}

/* A program with access to the reader can reset the SE just before one command. It cannot do so every time, so the
 * command is repeated. */
static result read_state_patiently(relay_se *se, se_state *state) {
    const int64_t began_ms = clock_monotonic_ms();
    result code = read_state(se, state);
    while (code != RESULT_OK && clock_monotonic_ms() - began_ms <= TOKEN_ANSWERS_WITHIN_MS &&
           token_card_present(se->module, se->options.reader) == RESULT_OK && usleep(TOKEN_ASK_AGAIN_US) == 0)
        code = recover(se) ? read_state(se, state) : RESULT_IO;
    return code;
}

static void look(relay_se *se) {
    se_state state;
    const result code = read_state_patiently(se, &state);
    if (code != RESULT_OK) {
        lose(se);
        return;
    }
    const uint32_t asked = token_signatures_asked(se->token), made = state.signatures - se->status.signatures;
    const char *trouble = trouble_of(state.condition);
    if (trouble == NULL && state.connection != se->connection)
        trouble = "se-removed";
    if (trouble == NULL && made > asked - se->asked)
        trouble = "se-counter-jumped";
    if (trouble != NULL) {
        lock_up(se, trouble);
        return;
    }
    se->asked = asked;
    se->status.signatures = state.signatures;
    note_counter(se);
}

/* Whether the SE is locked since an earlier run. */
static bool is_locked(relay_se *se) {
    if (!write_lock(se)) {
        set_condition(se, RELAY_SE_LOCKED, se->unwritten);
        return true;
    }
    buffer why = BUFFER_INIT(RELAY_SE_TEXT_SIZE);
    const bool locked = relay_store_setting(se->options.store, SETTING_LOCK, &why) != RESULT_NOT_FOUND;
    if (locked && se->status.condition != RELAY_SE_LOCKED)
        set_condition(se, RELAY_SE_LOCKED, buffer_text(&why));
    buffer_wipe(&why);
    return locked;
}

/* The lock is held. */
static void publish(relay_se *se) {
    pthread_mutex_lock(&se->telling);
    se->told = se->status;
    pthread_mutex_unlock(&se->telling);
}

void relay_se_turn(relay_se *se) {
    fair_lock_take(&se->lock);
    if (se->token != NULL)
        look(se);
    else if (clock_monotonic_ms() >= se->try_ms && !is_locked(se))
        open_now(se, bytes_of(NULL, 0), false);
    publish(se);
    fair_lock_give(&se->lock);
}

result relay_se_unlock(relay_se *se, bytes pin) {
    fair_lock_take(&se->lock);
    result code = RESULT_EXISTS;
    if (!write_lock(se))
        code = RESULT_IO;
    else if (se->token == NULL) {
        open_now(se, pin, true);
        code = se->token != NULL                          ? RESULT_OK
               : strcmp(se->status.reason, "se-pin") == 0 ? RESULT_DENIED
                                                          : RESULT_REMOVED;
    }
    if (code == RESULT_OK)
        code = relay_store_unset(se->options.store, SETTING_LOCK);
    publish(se);
    fair_lock_give(&se->lock);
    return code;
}

/* --- for everybody ------------------------------------------------------------------------------------------------ */

result relay_se_new(const relay_se_options *options, relay_se **out) {
    relay_se *se = *out = calloc(1, sizeof *se);
    if (se == NULL)
        return RESULT_NO_MEMORY;
    se->options = *options;
    fair_lock_begin(&se->lock);
    pthread_mutex_init(&se->telling, NULL);
    atomic_store(&answer_s, options->answer_s);
    token_tell_steps(step_begins, step_ends);
    snprintf(se->status.reason, sizeof se->status.reason, "starting");
    se->told = se->status;
    return RESULT_OK;
}

void relay_se_free(relay_se **se) {
    if (*se == NULL)
        return;
    token_close(&(*se)->token);
    pcsc_link_close(&(*se)->service);
    token_module_close(&(*se)->module);
    token_objects_wipe(&(*se)->objects);
    fair_lock_end(&(*se)->lock);
    pthread_mutex_destroy(&(*se)->telling);
    free(*se);
    *se = NULL;
}

void relay_se_tell(relay_se *se, relay_se_status *out) {
    pthread_mutex_lock(&se->telling);
    *out = se->told;
    pthread_mutex_unlock(&se->telling);
    out->wait_p95_ms = fair_lock_wait_p95(&se->lock);
}

const token_objects *relay_se_objects(relay_se *se) {
    return atomic_load(&se->shown);
}

/* Written before the caller's turn at the SE: so concurrent callers share one write to the disk, which overlaps with
 * another one's signature. */
static result note_use(relay_se *se, relay_use *use) {
    atomic_fetch_add(&se->to_come, 1);
    const result code = relay_store_add_use(se->options.store, use);
    if (code != RESULT_OK) {
        log_error("a use of a key could not be noted (%s): it is refused", result_text(code));
        return code;
    }
    return RESULT_OK;
}

/* Waits for the caller's turn, which lasts until fair_lock_give. */
static result take_turn(relay_se *se, result written) {
    fair_lock_take(&se->lock);
    atomic_fetch_sub(&se->to_come, 1);
    se->has_new_uses = se->has_new_uses || written == RESULT_OK;
    return written != RESULT_OK ? written : se->token != NULL ? RESULT_OK : RESULT_UNAVAILABLE;
}

/* A failure because the SE was removed is noticed at the next turn, within a quarter of a second. */
result relay_se_sign(relay_se *se, relay_use *use, bytes message, buffer *signature, uint32_t *counter) {
    result code = take_turn(se, note_use(se, use));
    if (code == RESULT_OK)
        code = token_sign(se->token, use->key, message, signature);
    *counter = se->token != NULL ? se->status.signatures + token_signatures_asked(se->token) - se->asked : 0;
    fair_lock_give(&se->lock);
    return code;
}

result relay_se_decrypt(relay_se *se, relay_use *use, bytes encrypted, buffer *plain) {
    result code = take_turn(se, note_use(se, use));
    if (code == RESULT_OK)
        code = token_decrypt(se->token, use->key, encrypted, plain);
    fair_lock_give(&se->lock);
    return code;
}
