/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/se_supervision.h"

#include "core/audit.h"
#include "delivery/ledger.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SE_COUNTER "signature counter"
#define NUMBER_LENGTH 4
#define LOOK_EVERY_MS 250
#define GAP_MAX 8            /* signatures that one command makes and notes only at its end */
#define TELL_EVERY_MS 600000 /* between audit rows about other programs, which could cause any number of them */

/* Settings in clear: they must be readable while the SE is away. */
#define SETTING_COUNTER "se-counter"
#define SETTING_FOREIGN "se-foreign-attempts"

/* --- in words ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *reason, *sentence;
} troubles[] = {
    {"se-removed", N_("Its Secure Element was taken out while it worked. Put the same one back.")},
    {"se-foreign",
     N_("The Secure Element in the reader belongs to another terminal. Put this terminal's own back. If that is broken,"
        " two administrators accept this one: uketsuke se replace")},
    {"se-paired-anew",
     N_("The Secure Element has been paired with this terminal again. Two administrators accept that: uketsuke se "
        "replace")},
    {"se-unbound",
     N_("The binding key of this terminal no longer fits the Secure Element: it was paired again elsewhere, or never "
        "with this terminal. The issuer pairs it again (uketsuke-se-tool re-pair).")},
    {"se-locked",
     N_("The issuer has locked the Secure Element. Only the issuer unlocks it (uketsuke-se-tool unlock). Afterwards "
        "remove it and insert it again.")},
    {"se-terminated",
     N_("The Secure Element was terminated permanently and its keys are erased. A new one is needed (uketsuke se "
        "replace).")},
    {"se-silent",
     N_("The Secure Element does not answer. Take it out and put it back; if it stays silent, a new one is needed.")},
    {"se-counter-jumped",
     N_("The Secure Element has made signatures that this terminal did not request. Find the program that did: the "
        "audit log has the time.")},
    {"se-channel-jumped",
     N_("Another program has opened a channel to the Secure Element with a copy of this terminal's binding key. Find "
        "it, the audit log has the time, and have the SE paired again (uketsuke-se-tool re-pair).")},
    {"se-pin-tried",
     N_("A wrong PIN was tried at the Secure Element. Find the program or person: the audit log has the time.")},
    {"store-new", N_("Its local store is new, but its Secure Element has worked before: was the store moved away?")},
    {"store-lost", N_("Its local store does not permit it to work.")},
    {"se-pin", N_("The Secure Element no longer accepts the activation PIN of the PIN file.")},
};

const char se_no_answer[] = "se-silent";

const char *se_trouble_sentence(const char *reason) {
    for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++)
        if (strcmp(troubles[i].reason, reason) == 0)
            return language_text(troubles[i].sentence);
    return _("Something happened to its Secure Element.");
}

/* --- the SE's word ----------------------------------------------------------------------------------------------- */

static uint32_t number_at(const uint8_t *raw) {
    return (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
}

result se_state_read(token *se, se_state *state) {
    uint8_t raw[SE_STATE_LENGTH];
    const result code = token_data_exact(se, SE_STATE_LABEL, raw, sizeof raw);
    return code == RESULT_OK ? se_state_decode(BYTES(raw), state) : code;
}

bool se_tells_nothing(result code) {
    return code == RESULT_NOT_FOUND || code == RESULT_UNSUPPORTED;
}

result se_signature_counter(token *se, uint32_t *counter) {
    uint8_t raw[NUMBER_LENGTH];
    const result code = token_data_exact(se, SE_COUNTER, raw, sizeof raw);
    *counter = code == RESULT_OK ? number_at(raw) : 0;
    return code;
}

/* By the condition; NULL: it can be used. */
static const char *const conditions[] = {
    [SE_STATE_USABLE] = NULL,        [SE_STATE_WRONG_KEY] = "se-unbound",     [SE_STATE_NOT_BOUND] = "se-unbound",
    [SE_STATE_LOCKED] = "se-locked", [SE_STATE_TERMINATED] = "se-terminated", [SE_STATE_UNRESPONSIVE] = se_no_answer};

static const char *trouble_of(const se_state *state) {
    return state->condition < sizeof conditions / sizeof *conditions ? conditions[state->condition] : se_no_answer;
}

/* --- numbers that are remembered --------------------------------------------------------------------------------- */

static bool known_number(store_access *store, const char *name, uint32_t *number) {
    buffer stored = BUFFER_INIT(NUMBER_LENGTH);
    const bool known = terminal_store_setting(store->file, name, NULL, &stored) == RESULT_OK &&
                       stored.length == NUMBER_LENGTH;
    *number = known ? number_at(stored.data) : 0;
    buffer_wipe(&stored);
    return known;
}

static result keep_number(store_access *store, const char *name, uint32_t number) {
    const uint8_t raw[NUMBER_LENGTH] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                                        (uint8_t)number};
    uint32_t before;
    if (known_number(store, name, &before) && before == number)
        return RESULT_OK;
    return terminal_store_set(store->file, name, BYTES(raw));
}

/* Remembers the counters in memory even if they cannot be stored: a full disk must not look like a foreign signature.
 * Each check tries to store them again. */
static void keep_numbers(card_access *cards, store_access *store) {
    result code = keep_number(store, SETTING_COUNTER, cards->se_seen->signatures);
    if (code == RESULT_OK)
        code = keep_number(store, SETTING_FOREIGN, cards->se_seen->foreign);
    if (code != RESULT_OK && !cards->se_seen->unwritten)
        log_warning("the SE's counters could not be noted (%s): remembered until they can", result_text(code));
    cards->se_seen->unwritten = code != RESULT_OK;
}

/* Signatures that the SE has made since the last check and that this program did not request. A requested signature
 * that failed or whose answer was lost is not counted. */
static uint32_t signatures_of_others(card_access *cards, const se_state *now) {
    struct se_seen *seen = cards->se_seen;
    const uint32_t asked = token_signatures_asked(cards->se) - seen->asked, made = now->signatures - seen->signatures;
    if (made > asked)
        return made - asked;
    seen->asked += asked;
    seen->signatures = now->signatures;
    return 0;
}

/* Signatures of other programs stay unnoted, so that the next check finds them. */
void se_supervision_note_counter(card_access *cards, store_access *store) {
    se_state now;
    if (cards->se == NULL || store->file == NULL || se_state_read(cards->se, &now) != RESULT_OK ||
        now.condition != SE_STATE_USABLE || signatures_of_others(cards, &now) != 0)
        return;
    keep_numbers(cards, store);
    if (ledger_note_counter(store, now.signatures) != RESULT_OK) {
        log_warning("the SE's signature counter could not be noted in the ledger");
    } else if (!cards->se_seen->unwritten && store->ledger != NULL) {
        cards_settle(cards);
        cards->se_seen->broken_off = 0;
    }
}

/* Signatures since the terminal last noted the counter; 0 if it never did. */
static int64_t signatures_unknown(store_access *store, const se_state *now) {
    uint32_t before;
    return known_number(store, SETTING_COUNTER, &before) ? (int64_t)now->signatures - before : 0;
}

/* After a new pairing the driver counts from zero again. */
static int64_t channels_unknown(store_access *store, const se_state *now) {
    uint32_t before;
    if (!known_number(store, SETTING_FOREIGN, &before) || before > now->foreign)
        before = 0;
    return (int64_t)now->foreign - before;
}

/* --- what is known of it ----------------------------------------------------------------------------------------- */

outcome se_supervision_new(card_access *cards, report *r) {
    cards->se_seen = calloc(1, sizeof *cards->se_seen);
    return cards->se_seen != NULL ? OUTCOME_OK
                                  : report_failure(r, OUTCOME_INTERNAL, "internal", "%s", report_system_cause(ENOMEM));
}

void se_supervision_free(card_access *cards) {
    free(cards->se_seen);
    cards->se_seen = NULL;
}

/* --- before it is used ------------------------------------------------------------------------------------------- */

/* A command that was killed, or lost the SE, has not noted its last signatures. That is no alarm, unless there are more
 * of them than a command makes, or another program has used the SE as well. */
bool se_supervision_explains(card_access *cards, store_access *store, int64_t missing) {
    if (missing <= 0 || missing > (int64_t)GAP_MAX * cards->se_seen->broken_off)
        return false;
    if (missing == cards->se_seen->counter_gap)
        return true;
    cards->se_seen->counter_gap = missing;
    log_notice("a command was broken off before it could note its last signatures of the SE: %lld", (long long)missing);
    audit_note(store, "se-counter-gap", "broken-off");
    return true;
}

static void tell_counter(card_access *cards, store_access *store, int64_t missing) {
    cards->se_seen->broken_off = cards->se_seen->channel_jump == 0 ? cards->broken_off : 0;
    if (missing == 0 || se_supervision_explains(cards, store, missing))
        return;
    cards->se_seen->counter_jump = missing;
    log_warning(
        "the SE has made %lld signatures that this terminal did not record: another program, or an older copy of "
        "the local store",
        (long long)missing);
    audit_note(store, "se-counter-jumped", "");
}

const char *se_supervision_begin(card_access *cards, store_access *store, token *se) {
    se_state now;
    const result code = se_state_read(se, &now);
    if (se_tells_nothing(code))
        return NULL;
    const char *trouble = code == RESULT_OK ? trouble_of(&now) : se_no_answer;
    if (trouble != NULL)
        return trouble;
    *cards->se_seen = (struct se_seen){.channel_jump = channels_unknown(store, &now),
                                       .signatures = now.signatures,
                                       .asked = token_signatures_asked(se),
                                       .foreign = now.foreign,
                                       .resets = now.resets,
                                       .disturbances = now.disturbances,
                                       .connection = now.connection,
                                       .at_ms = clock_monotonic_ms()};
    cards->se_noted = cards->se_seen->asked;
    tell_counter(cards, store, signatures_unknown(store, &now));
    if (cards->se_seen->channel_jump != 0) {
        log_warning("another program has opened %lld channels to the SE with a copy of its key",
                    (long long)cards->se_seen->channel_jump);
        audit_note(store, "se-channel-jumped", "");
    }
    keep_numbers(cards, store);
    return NULL;
}

/* --- while it is used -------------------------------------------------------------------------------------------- */

bool se_supervision_may_tell(int64_t *last_ms) {
    const int64_t now = clock_monotonic_ms();
    if (*last_ms != 0 && now - *last_ms < TELL_EVERY_MS)
        return false;
    *last_ms = now;
    return true;
}

/* Another program has reset the SE, or sent it a command that ended our channel. The driver has opened a new one. */
static void note_disturbance(card_access *cards, store_access *store, const se_state *now) {
    struct se_seen *seen = cards->se_seen;
    const uint32_t resets = now->resets - seen->resets, ended = now->disturbances - seen->disturbances;
    if (resets == 0 && ended == 0)
        return;
    seen->resets = now->resets;
    seen->disturbances = now->disturbances;
    seen->disturbed += (int64_t)resets + ended;
    if (resets != 0 && se_supervision_may_tell(&seen->reset_told_ms)) {
        log_warning("another program has reset the SE; work continues");
        audit_note(store, "se-disturbed", "reset");
    }
    if (ended != 0 && se_supervision_may_tell(&seen->channel_told_ms)) {
        log_warning("another program has ended a channel to the SE; work continues");
        audit_note(store, "se-disturbed", "channel");
    }
}

static const char *validate(card_access *cards, store_access *store, const se_state *now) {
    const char *trouble = trouble_of(now);
    if (trouble != NULL)
        return trouble;
    if (now->connection != cards->se_seen->connection)
        return "se-removed";
    if (now->foreign != cards->se_seen->foreign)
        return "se-channel-jumped";
    if (signatures_of_others(cards, now) != 0)
        return "se-counter-jumped";
    note_disturbance(cards, store, now);
    if (cards->se_seen->unwritten)
        keep_numbers(cards, store);
    return NULL;
}

const char *se_supervision_look(card_access *cards, store_access *store, bool at_once) {
    se_state now;
    if (!at_once && clock_monotonic_ms() - cards->se_seen->at_ms < LOOK_EVERY_MS)
        return NULL;
    const result code = se_state_read(cards->se, &now);
    cards->se_seen->at_ms = clock_monotonic_ms();
    if (se_tells_nothing(code))
        return NULL;
    return code == RESULT_OK ? validate(cards, store, &now) : se_no_answer;
}

void se_supervision_show(card_access *cards, report *r) {
    if (cards->se_seen->counter_gap != 0)
        report_number(r, "seCounterGap",
                      _("Signatures of the SE that a command could not note, because it was broken off. Nothing to do "
                        "(if none was: find out who used the SE)"),
                      cards->se_seen->counter_gap);
    if (cards->se_seen->counter_jump != 0)
        report_number(r, "seCounterJump", _("WARNING: signatures of the SE that this terminal did not request"),
                      cards->se_seen->counter_jump);
    if (cards->se_seen->channel_jump != 0)
        report_number(r, "seChannelJump",
                      _("WARNING: channels to the SE opened by another program, with a copy of its key"),
                      cards->se_seen->channel_jump);
    if (cards->se_seen->disturbed != 0)
        report_number(r, "seDisturbed", _("WARNING: how often another program disturbed the SE"),
                      cards->se_seen->disturbed);
}
