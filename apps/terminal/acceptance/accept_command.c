/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `accept`: run it repeatedly. It lists the open items and how to complete them, and its report always has the state of
 * all items; a terminal is accepted when none has failed and none is open. */
#include "acceptance/acceptance.h"
#include "acceptance/unit_facts.h"
#include "administration/dual_control.h"
#include "administration/enroll.h"
#include "core/token_signature.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#define SIGNATURE_MAX 65536
#define REPORT_FILE "acceptance.json"
#define REPORT_SIGNATURE REPORT_FILE ".p7s"

/* --- items -------------------------------------------------------------------------------------------------------- */

static json_t *words_of(const char *text) {
    json_t *list = json_array();
    while (*text != 0) {
        const size_t length = strcspn(text, " ");
        json_array_append_new(list, json_stringn(text, length));
        text += length + strspn(text + length, " ");
    }
    return list;
}

void acceptance_note(acceptance *a, const acceptance_item *item, acceptance_result how, const char *problem,
                     json_t *seen) {
    static const char *const words[] = {[ACCEPTED] = "good", [NOT_ACCEPTED] = "failed", [NOT_DONE_YET] = "open"};
    const char *shown = how == ACCEPTED ? _("good") : how == NOT_ACCEPTED ? _("FAILED") : _("not done yet");
    json_t *row = json_pack("{s:s,s:s,s:o,s:s,s:s}", "item", item->name, "label", item->label, "requirements",
                            words_of(item->requirements), "result", words[how], "problem", problem);
    json_object_update_missing(row, seen);
    json_decref(seen);
    json_array_append_new(a->items, row);
    a->failed += how == NOT_ACCEPTED;
    a->open += how == NOT_DONE_YET;
    report_line(&a->terminal->context.report, "%s (%s): %s%s%s", item->label, item->requirements, shown,
                *problem != 0 ? ": " : "", problem);
}

/* --- the report --------------------------------------------------------------------------------------------------- */

static json_t *report_of(const acceptance *a, const administrator *who) {
    const configuration *c = &a->terminal->context.configuration;
    const options *o = &a->terminal->context.options;
    char at[CLOCK_TEXT_SIZE];
    clock_text(clock_wall_s(), at);
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s?,s:s?,s:b,s:O,s:o}", "at", at, "version", UKETSUKE_VERSION,
                     "institutionCode", c->institution_code, "terminalId", c->terminal_id, "seSerial",
                     token_serial(a->terminal->cards.se), "testerId", who->actor.id, "from", o->from, "to", o->to,
                     "accepted", a->failed == 0 && a->open == 0, "items", a->items, "unit", unit_facts(""));
}

static result write_output(const options *o, const char *name, bytes content) {
    char *path = file_join(o->output, name);
    const result code = path != NULL ? file_replace(path, content, 0644) : RESULT_NO_MEMORY;
    free(path);
    return code;
}

static outcome sign_and_write(terminal *t, const administrator *who, bytes text) {
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(SIGNATURE_MAX);
    signing_key keys[] = {{t->cards.se, enroll_keys[ENROLL_INSTITUTION].label}, {who->card, OPERATOR_CERTIFICATE}};
    token *by;
    result code = sign_text(text, keys, sizeof keys / sizeof *keys, &by, &der);
    if (code != RESULT_OK && by != NULL)
        return cards_token_failure(&t->cards, &t->context.report, code,
                                   by == who->card ? _("Operator card") : _("Secure Element"), by);
    if (code == RESULT_OK)
        code = write_output(&t->context.options, REPORT_FILE, text);
    if (code == RESULT_OK)
        code = write_output(&t->context.options, REPORT_SIGNATURE, buffer_bytes(&der));
    return code == RESULT_OK ? OUTCOME_OK
                             : report_failure(&t->context.report, OUTCOME_INTERNAL, "file",
                                              _("The report could not be written to %s (%s)."),
                                              t->context.options.output, report_file_cause(code));
}

static outcome write_report(const acceptance *a, const administrator *who) {
    json_t *root = report_of(a, who);
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
    const outcome done = text != NULL
                             ? sign_and_write(a->terminal, who, bytes_of(text, strlen(text)))
                             : report_failure(&a->terminal->context.report, OUTCOME_INTERNAL, "file",
                                              _("The report could not be written to %s (%s)."),
                                              a->terminal->context.options.output, report_cause(RESULT_NO_MEMORY));
    free(text);
    json_decref(root);
    return done;
}

static outcome conclude(const acceptance *a) {
    report *r = &a->terminal->context.report;
    report_value(r, "items", json_incref(a->items));
    report_text(r, "folder", _("Report"), a->terminal->context.options.output);
    if (a->failed > 0)
        return report_failure(r, OUTCOME_REFUSED, "acceptance-failed",
                              _("%zu items failed. Set that right, then run this command again."), a->failed);
    if (a->open > 0)
        return report_failure(r, OUTCOME_REFUSED, "acceptance-open",
                              _("%zu items are not done yet. Do them, then run this command again."), a->open);
    report_line(r, _("The terminal is accepted."));
    return OUTCOME_OK;
}

static outcome accept_as(terminal *t, const administrator *who) {
    acceptance a = {.terminal = t, .items = json_array()};
    acceptance_try(&a);
    acceptance_look_up(&a);
    outcome done = write_report(&a, who);
    if (done == OUTCOME_OK)
        done = conclude(&a);
    json_decref(a.items);
    return done;
}

outcome accept_command(terminal *t) {
    outcome done = context_check_days(&t->context);
    if (done == OUTCOME_OK)
        done = context_make_output_folder(&t->context);
    return done == OUTCOME_OK ? dual_control_run(t, accept_as) : done;
}
