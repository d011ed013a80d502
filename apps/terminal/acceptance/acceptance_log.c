/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "acceptance/acceptance.h"
#include "administration/audit_check.h"
#include "core/local_store_file.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "delivery/sealed_record.h"

#include <stdio.h>
#include <string.h>

/* --- what the records say of a row of the log --------------------------------------------------------------------- */

static bool is_reception(store_access *s, const char *id, statement_mode mode, bool answered) {
    CLEANED_BY(reception_record_wipe) reception_record record = RECEPTION_RECORD_INIT;
    return record_get_reception(s, id, &record) == RESULT_OK && record.mode == mode &&
           strcmp(record.state, STATE_REFUSED) != 0 && strcmp(record.state, STATE_DAMAGED) != 0 &&
           (!answered || strcmp(record.state, STATE_PENDING) != 0);
}

static bool was_online(store_access *s, const char *id) {
    return is_reception(s, id, STATEMENT_ONLINE, true);
}

static bool was_offline(store_access *s, const char *id) {
    return is_reception(s, id, STATEMENT_OFFLINE, false);
}

static bool was_reconciled(store_access *s, const char *id) {
    return is_reception(s, id, STATEMENT_OFFLINE, true);
}

static bool was_registered(store_access *s, const char *id) {
    CLEANED_BY(buffer_wipe) buffer plain = BUFFER_INIT(RECORD_MAX);
    terminal_record row;
    return record_read(s, id, &row, &plain) == RESULT_OK && strcmp(row.state, STATE_REGISTERED) == 0;
}

/* --- the items ---------------------------------------------------------------------------------------------------- */

/* The newest row of the log that shows it. */
static const struct {
    const char *name, *requirements, *label;
    const char *event, *outcome; /* of the row; the event also with a word more, such as "unlock card" */
    const char *next;            /* what to do when no row shows it */
    bool (*shows)(store_access *s, const char *subject);
} log_items[] = {
    {"operator-login", "S-3 3-3① 3-3②", N_("An operator has logged in"), "login", "ok", N_("uketsuke login"), NULL},
    {"operator-card-out", "S-3", N_("The session ended with the operator's card"), "session-ended",
     "operator-card-removed", N_("take the operator's card out while uketsuke serve runs"), NULL},
    {"online", "C-6 F-2 3-3⑤ 3-4①", N_("A patient was received online"), "reception", "ok", N_("uketsuke reception"),
     was_online},
    {"offline", "P-1 C-1 3-2b 3-3③a 3-3③b", N_("A patient was received offline"), "reception", "ok",
     N_("take the network away, then uketsuke reception"), was_offline},
    {"reconciled", "S-5 F-1 3-4②", N_("An offline reception was reconciled"), "reception", "ok",
     N_("connect the network again, then uketsuke reconcile"), was_reconciled},
    {"person", "K-2", N_("The four basic items were read from a card"), "person", "ok", N_("uketsuke person"), NULL},
    {"signature", "K-1 3-3④", N_("A card has signed a file"), "signature make", "ok", N_("uketsuke signature make"),
     NULL},
    {"visit", "S-6 H-2 3-3⑥", N_("A visit was registered"), "visit", "ok", N_("uketsuke visit, by a doctor"),
     was_registered},
    {"se-out", "3-1c", N_("The terminal was locked when its SE was taken out"), "terminal-locked", "se-removed",
     N_("take the SE out while uketsuke serve runs"), NULL},
    {"se-back", "3-1c", N_("Work was resumed with the same SE"), "unlock", "ok", N_("uketsuke unlock"), NULL},
};
#define LOG_ITEMS (sizeof log_items / sizeof *log_items)

typedef struct found_rows {
    terminal *terminal;
    terminal_audit_row rows[LOG_ITEMS]; /* number 0: none */
} found_rows;

static bool is_event(const char *event, const char *wanted) {
    const size_t length = strlen(wanted);
    return strncmp(event, wanted, length) == 0 && (event[length] == 0 || event[length] == ' ');
}

static void take_row(void *context, const terminal_audit_row *row) {
    found_rows *found = context;
    if (!options_want_day(&found->terminal->context.options, row->at))
        return;
    for (size_t i = 0; i < LOG_ITEMS; i++)
        if (is_event(row->event, log_items[i].event) && strcmp(row->outcome, log_items[i].outcome) == 0 &&
            (log_items[i].shows == NULL || log_items[i].shows(&found->terminal->store, row->subject)))
            found->rows[i] = *row;
}

static json_t *row_as_json(const terminal_audit_row *row) {
    char at[CLOCK_TEXT_SIZE];
    clock_text(row->at, at);
    json_t *seen = json_pack("{s:I,s:s,s:s}", "auditRow", (json_int_t)row->number, "at", at, "operatorId",
                             row->operator_id);
    if (row->subject[0] != 0)
        json_object_set_new(seen, "subject", json_string(row->subject));
    return seen;
}

static void note_found(acceptance *a, const found_rows *found) {
    for (size_t i = 0; i < LOG_ITEMS; i++) {
        const acceptance_item item = {log_items[i].name, log_items[i].requirements, _(log_items[i].label)};
        const terminal_audit_row *row = &found->rows[i];
        if (row->number != 0)
            acceptance_note(a, &item, ACCEPTED, "", row_as_json(row));
        else
            acceptance_note(a, &item, NOT_DONE_YET, _(log_items[i].next), NULL);
    }
}

static void note_log(acceptance *a, result code, const audit_check *check) {
    const acceptance_item item = {"audit-log", "S-4 3-3③b", _("The audit log is whole and signed by the SE")};
    const bool whole = code == RESULT_OK && check->broken_at == 0 && check->signed_up_to >= check->made;
    char problem[256] = "";
    if (code != RESULT_OK)
        snprintf(problem, sizeof problem, "%s", store_problem(code));
    else if (!whole)
        snprintf(problem, sizeof problem, "%s", _("it was altered: see uketsuke audit"));
    acceptance_note(a, &item, whole ? ACCEPTED : NOT_ACCEPTED, problem,
                    json_pack("{s:I}", "signedUpTo", (json_int_t)check->signed_up_to));
}

/* A log that was altered shows nothing. */
void acceptance_look_up(acceptance *a) {
    static found_rows found; /* large: kept off the stack */
    audit_check check;
    const size_t failed = a->failed;
    memset(&found, 0, sizeof found);
    found.terminal = a->terminal;
    const result code = audit_check_rows(a->terminal, take_row, &found, &check);
    note_log(a, code, &check);
    if (a->failed > failed)
        memset(found.rows, 0, sizeof found.rows);
    note_found(a, &found);
}
