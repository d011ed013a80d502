#include "administration/second_voice.h"

#include "core/pin.h"
#include "core/record.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

result second_voice_propose(terminal *t, const second_voice *v, const char *operator_id, bytes content) {
    char at[CLOCK_TEXT_SIZE];
    buffer text = BUFFER_INIT(RECORD_MOST);
    clock_text(clock_wall_s(), at);
    result code = buffer_append_format(&text, "%s %s\n", at, operator_id);
    if (code == RESULT_OK)
        code = buffer_append(&text, content);
    if (code == RESULT_OK)
        code = v->in_clear ? terminal_store_set(t->store, v->setting, buffer_bytes(&text))
                           : record_set(t, v->setting, buffer_bytes(&text));
    buffer_wipe(&text);
    return code;
}

static result judge(const second_voice *v, const char *text, const char *operator_id) {
    char at_text[CLOCK_TEXT_SIZE] = "", first[TERMINAL_WORD_SIZE] = "";
    int64_t at = 0;
    const int64_t now = clock_wall_s();
    if (sscanf(text, "%20s %64[^\n]", at_text, first) != 2 || clock_parse(at_text, &at) != RESULT_OK)
        return RESULT_NOT_FOUND;
    if (v->lasts_s != 0 && (now < at || now - at > v->lasts_s))
        return RESULT_NOT_FOUND;
    return strcmp(first, operator_id) == 0 ? RESULT_DENIED : RESULT_OK;
}

result second_voice_heard(terminal *t, const second_voice *v, const char *operator_id, buffer *content) {
    buffer text = BUFFER_INIT(RECORD_MOST);
    result code =
        v->in_clear ? terminal_store_setting(t->store, v->setting, NULL, &text) : record_setting(t, v->setting, &text);
    const char *begin = code == RESULT_OK ? strchr(buffer_text(&text), '\n') : NULL;
    if (code == RESULT_OK)
        code = begin == NULL ? RESULT_NOT_FOUND : judge(v, buffer_text(&text), operator_id);
    if (code == RESULT_OK)
        code = buffer_append(content, bytes_of(begin + 1, strlen(begin + 1)));
    buffer_wipe(&text);
    return code;
}

outcome second_voice_require(terminal *t, const second_voice *v, const char *operator_id, buffer *content) {
    const result code = second_voice_heard(t, v, operator_id, content);
    if (code == RESULT_NOT_FOUND)
        return report_failure(&t->report, OUTCOME_REFUSED, v->none_reason, "%s", language_text(v->none));
    if (code == RESULT_DENIED)
        return report_failure(&t->report, OUTCOME_REFUSED, "two-persons", "%s", language_text(v->same));
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The proposal cannot be read (%s)."),
                          terminal_store_problem(code));
}

void second_voice_forget(terminal *t, const second_voice *v) {
    const result code = v->in_clear ? terminal_store_unset(t->store, v->setting) : record_unset(t, v->setting);
    if (code != RESULT_OK)
        log_warning("a proposal that was confirmed could not be taken away");
}

outcome second_voice_authenticate(terminal *t, operator_card *operator) {
    token *card = NULL;
    buffer pin = BUFFER_INIT(PIN_TYPED_MOST);
    outcome done = pin_read(t->options.pin, t->options.pin_fd, _(PROMPT_PIN), &pin, &t->report);
    if (done == OUTCOME_OK)
        done = operator_card_read(t, operator, & card);
    if (done == OUTCOME_OK && operator->role != ROLE_ADMINISTRATOR)
        done = role_refuse(&t->report, operator->role, ROLE_ADMINISTRATOR);
    if (done == OUTCOME_OK)
        done = operator_card_authenticate(t, card, buffer_bytes(&pin));
    token_close(&card);
    buffer_wipe(&pin);
    snprintf(t->operator_id, sizeof t->operator_id, "%.64s", done == OUTCOME_OK ? operator->id : "");
    return done;
}
