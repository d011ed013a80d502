/* `clock confirm`: two administrators, one after the other, each with card and PIN. */
#include "administration/administration.h"
#include "core/clock_check.h"
#include "core/pin.h"
#include "core/record.h"
#include "operator/operator_card.h"
#include "se/local_store.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

#define SETTING_PROPOSAL "clock-proposal" /* RFC 3339, a blank, who said so */
#define PROPOSAL_LASTS_S 900

static outcome authenticate_administrator(terminal *t, operator_card *operator) {
    token *card = NULL;
    buffer pin = BUFFER_INIT(PIN_TYPED_MOST);
    outcome done = pin_read(t->options.pin, t->options.pin_fd, _(PROMPT_PIN), &pin, &t->report);
    if (done == OUTCOME_OK)
        done = operator_card_read(t, operator, &card);
    if (done == OUTCOME_OK && operator->role != ROLE_ADMINISTRATOR)
        done = report_failure(&t->report, OUTCOME_REFUSED, "role", _("This is not for the role %s."), role_name(operator->role));
    if (done == OUTCOME_OK)
        done = operator_card_authenticate(t, card, buffer_bytes(&pin));
    token_close(&card);
    buffer_wipe(&pin);
    snprintf(t->operator_id, sizeof t->operator_id, "%.64s", done == OUTCOME_OK ? operator->id : "");
    return done;
}

/* Whether somebody else has said so a short while ago. */
static bool is_second_voice(terminal *t, const char *operator_id, int64_t now) {
    buffer text = BUFFER_INIT(RECORD_MOST);
    char at_text[CLOCK_TEXT_SIZE] = "", first[TERMINAL_WORD_SIZE] = "";
    int64_t at = 0;
    bool second = record_setting(t, SETTING_PROPOSAL, &text) == RESULT_OK &&
                  sscanf(buffer_text(&text), "%20s %64s", at_text, first) == 2 && clock_parse(at_text, &at) == RESULT_OK &&
                  strcmp(first, operator_id) != 0 && now >= at && now - at <= PROPOSAL_LASTS_S;
    buffer_wipe(&text);
    return second;
}

static result propose(terminal *t, const char *operator_id, const char *now_text) {
    buffer text = BUFFER_INIT(256);
    result code = buffer_append_format(&text, "%s %s", now_text, operator_id);
    if (code == RESULT_OK)
        code = record_set(t, SETTING_PROPOSAL, buffer_bytes(&text));
    buffer_wipe(&text);
    return code;
}

outcome clock_confirm_command(terminal *t) {
    operator_card operator = {0};
    char text[CLOCK_TEXT_SIZE];
    const int64_t now = clock_wall_s();
    outcome done = local_store_open(t);
    if (done == OUTCOME_OK)
        done = authenticate_administrator(t, &operator);
    if (done != OUTCOME_OK)
        return done;
    clock_text(now, text);
    const bool second = is_second_voice(t, operator.id, now);
    result code = second ? clock_believe(t, now) : propose(t, operator.id, text);
    if (code == RESULT_OK && second)
        code = terminal_store_unset(t->store, SETTING_PROPOSAL);
    if (code != RESULT_OK)
        return report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The time could not be stored (%s)."), result_text(code));
    report_text(&t->report, "time", _("The clock says"), text);
    report_value(&t->report, "confirmed", json_boolean(second));
    report_line(&t->report, "%s", second ? _("Two administrators have confirmed the clock.")
                                         : _("Now a second administrator confirms it, within 15 minutes: uketsuke clock confirm"));
    return OUTCOME_OK;
}
