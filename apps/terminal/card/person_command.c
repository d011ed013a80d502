/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `person`: the four basic items (基本4情報) from the patient's card, opened by the patient's PIN or by 照合番号B printed on
 * the card. They are shown and forgotten: nothing of them reaches the store, the audit log or any other file. 個人番号 is
 * in another file of the card, which no part of this software selects. */
#include "card/card_commands.h"
#include "core/pin_entry.h"
#include "operator/operator_session.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>

#define CARD_DATA_LABEL "JPKI (card data)"
#define ITEM_MAX 1024
#define PIN_LENGTH 4
#define NUMBER_B_LENGTH 14

static const struct {
    const char *object, *name, *label;
} items[] = {
    {"Name", "name", N_("Name")},
    {"Address", "address", N_("Address")},
    {"Birth date", "birthDate", N_("Birth date")},
    {"Sex", "sex", N_("Sex")},
};

/* JIS X 0303 (= ISO/IEC 5218). */
static const struct {
    const char *code, *word, *text;
} sexes[] = {{"1", "male", N_("male")},
             {"2", "female", N_("female")},
             {"0", "unknown", N_("unknown")},
             {"9", "other", N_("other")}};

static outcome open_card(card_access *cards, command_context *ctx, token **card) {
    const result code = token_open(cards->module, ctx->configuration.reader_patient, CARD_DATA_LABEL, card);
    return code == RESULT_OK ? OUTCOME_OK : cards_no_patient_card(cards, ctx, code);
}

static outcome login_failure(card_access *cards, report *r, token *card, result code) {
    token_tries tries = TOKEN_TRIES_FULL;
    if (code == RESULT_DENIED)
        token_pin_tries(card, &tries);
    if (code == RESULT_BLOCKED || tries == TOKEN_TRIES_NONE)
        return report_failure(r, OUTCOME_CARD, "pin-blocked",
                              _("This number is blocked on the card. The municipal office unblocks it."));
    if (code == RESULT_INVALID)
        return report_failure(
            r, OUTCOME_CARD, "pin-form",
            _("It must be the 4-digit PIN or the 14 digits of number B (照合番号B). No try was lost."));
    if (code != RESULT_DENIED)
        return cards_token_failure(cards, r, code, _("Patient card"), card);
    if (tries == TOKEN_TRIES_LAST)
        report_value(r, "triesLeft", json_integer(1));
    return report_failure(r, OUTCOME_CARD, "pin-wrong",
                          tries == TOKEN_TRIES_LAST
                              ? _("The number is wrong. One try is left: let the patient make sure of it first.")
                              : _("The number is wrong. Let the patient type it again; after too many wrong tries the"
                                  " card blocks it."));
}

static void show_birth_date(report *r, size_t item, const char *text) {
    char date[16];
    if (strlen(text) == 8)
        snprintf(date, sizeof date, "%.4s-%.2s-%.2s", text, text + 4, text + 6);
    else
        snprintf(date, sizeof date, "%.15s", text);
    report_text(r, items[item].name, language_text(items[item].label), date);
}

static void show_item(report *r, size_t item, const char *text) {
    if (strcmp(items[item].name, "birthDate") == 0) {
        show_birth_date(r, item, text);
    } else if (strcmp(items[item].name, "sex") == 0) {
        for (size_t i = 0; i < sizeof sexes / sizeof *sexes; i++)
            if (strcmp(sexes[i].code, text) == 0) {
                report_value(r, items[item].name, json_string(sexes[i].word));
                report_line(r, "%s: %s", language_text(items[item].label), language_text(sexes[i].text));
            }
    } else {
        report_text(r, items[item].name, language_text(items[item].label), text);
    }
}

static outcome show_items(card_access *cards, report *r, token *card) {
    outcome done = OUTCOME_OK;
    for (size_t i = 0; i < sizeof items / sizeof *items && done == OUTCOME_OK; i++) {
        buffer value = BUFFER_INIT(ITEM_MAX);
        result code = token_data(card, items[i].object, &value);
        if (code == RESULT_OK)
            show_item(r, i, buffer_text(&value));
        else
            done = cards_token_failure(cards, r, code, _("Patient card"), card);
        buffer_wipe(&value);
    }
    return done;
}

outcome person_before_pin(terminal *t) {
    operator_card actor;
    token *card = NULL;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = open_card(&t->cards, &t->context, &card);
    token_close(&card);
    return done;
}

/* Opens the card with the PIN that the person types. */
static outcome log_in(terminal *t, token **card) {
    CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    outcome done = pin_read(t->context.options.pin, t->context.options.pin_fd, _(PROMPT_CARD_DATA), &pin,
                            &t->context.report);
    if (done == OUTCOME_OK)
        done = open_card(&t->cards, &t->context, card);
    if (done != OUTCOME_OK)
        return done;
    const bool is_one = pin_is_digits(buffer_bytes(&pin), PIN_LENGTH) ||
                        pin_is_digits(buffer_bytes(&pin), NUMBER_B_LENGTH);
    const result code = is_one ? token_login(*card, buffer_bytes(&pin)) : RESULT_INVALID;
    return code == RESULT_OK ? OUTCOME_OK : login_failure(&t->cards, &t->context.report, *card, code);
}

outcome person_command(terminal *t) {
    operator_card actor;
    CLEANED_BY(token_close) token *card = NULL;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = log_in(t, &card);
    return done == OUTCOME_OK ? show_items(&t->cards, &t->context.report, card) : done;
}
