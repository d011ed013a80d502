#include "se/secure_element.h"

#include "core/audit.h"
#include "core/presence.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SE_LABEL "Institution SE"
#define SE_INSTITUTION "institution"
#define PIN_MOST 64
#define CERTIFICATE_MOST 8192
#define IDENTITY_MOST 128

/* Settings in clear: they must be readable while the SE is away. */
#define SETTING_IDENTITY "se-identity"
#define SETTING_COUNTER "se-counter"
#define SE_COUNTER "signature counter"
#define COUNTER_LENGTH 4

outcome secure_element_pin(terminal *t, buffer *pin) {
    struct stat seen;
    const char *path = t->configuration.se_pin_file;
    if (stat(path, &seen) != 0)
        return report_failure(&t->report, OUTCOME_USAGE, "se-pin-file", _("The SE's PIN file %s is not there."), path);
    if ((seen.st_mode & 077) != 0)
        return report_failure(&t->report, OUTCOME_USAGE, "se-pin-file",
                              _("The SE's PIN file %s is readable by others. Run: chmod 600 %s"), path, path);
    if (file_read(path, pin) != RESULT_OK || pin->length == 0)
        return report_failure(&t->report, OUTCOME_USAGE, "se-pin-file", _("The SE's PIN file %s cannot be read."), path);
    while (pin->length > 0 && (pin->data[pin->length - 1] == '\n' || pin->data[pin->length - 1] == '\r'))
        buffer_truncate(pin, pin->length - 1);
    return OUTCOME_OK;
}

/* --- which SE ------------------------------------------------------------------------------------------------------------- */

/* Serial number and SHA-256 of the institution certificate: a cloned certificate or a cloned serial number alone is another. */
static result identity_of(token *se, buffer *text) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    char fingerprint[2 * CRYPT_SHA256_LENGTH + 1];
    buffer der = BUFFER_INIT(CERTIFICATE_MOST);
    result code = token_certificate(se, SE_INSTITUTION, &der);
    if (code == RESULT_OK)
        code = crypt_sha256(buffer_bytes(&der), digest);
    buffer_wipe(&der);
    if (code != RESULT_OK)
        return code;
    hex_encode(BYTES(digest), fingerprint, sizeof fingerprint);
    return buffer_append_format(text, "%s %s", token_serial(se), fingerprint);
}

/* This terminal's SE is the one it first worked with. */
static outcome check_identity(terminal *t, token *se) {
    buffer now = BUFFER_INIT(IDENTITY_MOST), known = BUFFER_INIT(IDENTITY_MOST);
    outcome done = OUTCOME_OK;
    result code = identity_of(se, &now);
    if (code == RESULT_OK) {
        code = terminal_store_setting(t->store, SETTING_IDENTITY, &known);
        if (code == RESULT_NOT_FOUND)
            code = terminal_store_set(t->store, SETTING_IDENTITY, buffer_bytes(&now));
        else if (code == RESULT_OK && (known.length != now.length || memcmp(known.data, now.data, now.length) != 0))
            done = report_failure(&t->report, OUTCOME_CARD, "se-foreign",
                                  _("The Secure Element in the reader %s belongs to another terminal. Put this terminal's own back."),
                                  t->configuration.reader_se);
    }
    if (done == OUTCOME_OK && code != RESULT_OK)
        done = terminal_token_failure(t, code, _("Secure Element"), se);
    buffer_wipe(&now);
    buffer_wipe(&known);
    return done;
}

/* --- how often it has signed ------------------------------------------------------------------------------------------------ */

static uint32_t number_of(const buffer *raw) {
    return (uint32_t)raw->data[0] << 24 | (uint32_t)raw->data[1] << 16 | (uint32_t)raw->data[2] << 8 | raw->data[3];
}

result secure_element_counter(token *se, uint32_t *counter) {
    buffer raw = BUFFER_INIT(16);
    result code = token_data(se, SE_COUNTER, &raw);
    if (code == RESULT_OK && raw.length != COUNTER_LENGTH)
        code = RESULT_INVALID;
    *counter = code == RESULT_OK ? number_of(&raw) : 0;
    buffer_wipe(&raw);
    return code;
}

static bool last_counter(terminal *t, uint32_t *counter) {
    buffer stored = BUFFER_INIT(COUNTER_LENGTH);
    const bool known = terminal_store_setting(t->store, SETTING_COUNTER, &stored) == RESULT_OK && stored.length == COUNTER_LENGTH;
    *counter = known ? number_of(&stored) : 0;
    buffer_wipe(&stored);
    return known;
}

void secure_element_note_counter(terminal *t) {
    uint32_t now, before;
    if (t->se == NULL || t->store == NULL || secure_element_counter(t->se, &now) != RESULT_OK)
        return;
    const uint8_t raw[COUNTER_LENGTH] = {(uint8_t)(now >> 24), (uint8_t)(now >> 16), (uint8_t)(now >> 8), (uint8_t)now};
    if (!last_counter(t, &before) || before != now)
        terminal_store_set(t->store, SETTING_COUNTER, BYTES(raw));
}

static void compare_counter(terminal *t, token *se) {
    uint32_t now, before;
    if (secure_element_counter(se, &now) != RESULT_OK || !last_counter(t, &before) || now == before)
        return;
    t->counter_jump = (int64_t)now - before;
    log_warning("the SE has made %lld signatures that this terminal did not note: a command that died, or somebody else",
                (long long)t->counter_jump);
    audit_note(t, "se-counter-jumped", "");
}

/* --- opening -------------------------------------------------------------------------------------------------------------- */

static outcome find(terminal *t, token **se) {
    result code = token_open(t->module, t->configuration.reader_se, SE_LABEL, se);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    if (code == RESULT_REMOVED)
        return report_failure(&t->report, OUTCOME_CARD, "se-missing",
                              _("The Secure Element is not in its reader (%s). Receptions are not possible without it."),
                              t->configuration.reader_se);
    return report_failure(&t->report, OUTCOME_CARD, "se-foreign", _("No Secure Element of an institution in the reader %s."),
                          t->configuration.reader_se);
}

static outcome log_in(terminal *t, token *se, bytes pin, const char *pin_from) {
    result code = token_login(se, pin);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    if (code == RESULT_DENIED || code == RESULT_INVALID)
        return report_failure(&t->report, OUTCOME_CARD, "se-pin-wrong",
                              _("The SE refuses the activation PIN (%s). A further wrong try may block it: make sure of it first."),
                              pin_from);
    return terminal_token_failure(t, code, _("Secure Element"), se);
}

outcome secure_element_take(terminal *t, bytes pin, const char *pin_from) {
    token *se = NULL;
    outcome done = terminal_open_module(t);
    if (done == OUTCOME_OK)
        done = terminal_open_store_file(t);
    if (done == OUTCOME_OK)
        done = find(t, &se);
    if (done == OUTCOME_OK)
        done = check_identity(t, se);
    if (done == OUTCOME_OK)
        done = log_in(t, se, pin, pin_from);
    if (done == OUTCOME_OK && t->presence != NULL && token_watch_add(t->presence->watch, se, &t->presence->se_gone) != RESULT_OK)
        done = OUTCOME_INTERNAL;
    if (done != OUTCOME_OK) {
        token_close(&se);
        return done;
    }
    t->se = se;
    compare_counter(t, se);
    return OUTCOME_OK;
}

static outcome refuse_if_locked(terminal *t) {
    buffer why = BUFFER_INIT(TERMINAL_WORD_SIZE);
    result code = terminal_store_setting(t->store, SETTING_SE_LOCK, &why);
    buffer_wipe(&why);
    if (code == RESULT_NOT_FOUND)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_CARD, "se-locked",
                          _("The terminal is locked, because its Secure Element was taken out while it worked. Put the same one"
                            " back and run: uketsuke unlock"));
}

outcome secure_element_open(terminal *t) {
    buffer pin = BUFFER_INIT(PIN_MOST);
    presence_supervise(t);
    if (t->se != NULL)
        return OUTCOME_OK;
    outcome done = terminal_open_store_file(t);
    if (done == OUTCOME_OK)
        done = refuse_if_locked(t);
    if (done == OUTCOME_OK)
        done = secure_element_pin(t, &pin);
    if (done == OUTCOME_OK)
        done = secure_element_take(t, buffer_bytes(&pin), t->configuration.se_pin_file);
    buffer_wipe(&pin);
    return done;
}

/* --- locking -------------------------------------------------------------------------------------------------------------- */

void secure_element_lock(terminal *t, const char *why) {
    terminal_forget_keys(t);
    if (terminal_open_store_file(t) == OUTCOME_OK)
        terminal_store_set(t->store, SETTING_SE_LOCK, bytes_of(why, strlen(why)));
    audit_note(t, "terminal-locked", why);
}
