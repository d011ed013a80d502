/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `appointments check`: reads the files of appointments in the shared folder, asks the platform about the patients whom
 * this terminal has received before, and stores those who must be called. */
#include "neighbours/appointment_file.h"
#include "neighbours/appointment_person.h"
#include "neighbours/exchange_folder.h"
#include "neighbours/neighbours.h"
#include "operator/operator_session.h"
#include "services/beacon_fetch.h"
#include "services/service_call.h"
#include "today/appointment_show.h"
#include "today/day_list.h"
#include "today/search_upkeep.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "appointments"
#define DAYS 31 /* for which the platform answers (docs/interfaces/http.md) */
#define DAY_S 86400

/* A run over all files. */
typedef struct checking {
    terminal *terminal;
    int folder;
    remote platform;
    bool open;                                          /* platform is */
    char first[CLOCK_DATE_SIZE], last[CLOCK_DATE_SIZE]; /* the days asked about */
    long long appointments, unchanged, to_call, not_checked, passed_over, faults;
    bool personal_number;
    json_t *list, *unasked, *bad; /* for programs */
} checking;

/* --- what is told ------------------------------------------------------------------------------------------------- */

/* By appointment_match. */
static const struct {
    const char *word, *words;
} unasked[] = {
    [MATCH_FOUND] = {"not-answered", N_("the platform has not answered")},
    [MATCH_NOBODY] = {"never-received", N_("not received here with a card before: ask for the card")},
    [MATCH_WAITING] = {"waiting", N_("the last reception still waits for the platform")},
    [MATCH_SEVERAL] = {"several-people", N_("more than one person fits: ask for the card")},
};

static void tell_unasked(checking *c, const appointment *a, appointment_match why) {
    const desk_person *p = &a->note.said;
    const char *name = p->name[0] != 0 ? p->name : p->kana[0] != 0 ? p->kana : a->note.hospital_number;
    c->not_checked++;
    report_line(&c->terminal->context.report, _("%s %s %s: not checked: %s"), a->day, a->time, name,
                language_text(unasked[why].words));
    json_array_append_new(c->unasked, json_pack("{s:s,s:s,s:s,s:s}", "day", a->day, "time", a->time, "name", name,
                                                "why", unasked[why].word));
}

static void tell_faults(checking *c, const char *name, const appointment_file *f) {
    const size_t shown = f->fault_count < APPOINTMENT_FAULTS_MAX ? f->fault_count : APPOINTMENT_FAULTS_MAX;
    report *r = &c->terminal->context.report;
    for (size_t i = 0; i < shown; i++) {
        const appointment_fault *one = &f->faults[i];
        report_line(r, _("%s: %s: %s"), name, one->place, one->why);
        json_array_append_new(c->bad,
                              json_pack("{s:s,s:I,s:I,s:s,s:s}", "file", name, "line", (json_int_t)one->line, "column",
                                        (json_int_t)one->column, "place", one->place, "why", one->why));
    }
    if (f->fault_count > shown)
        report_line(r, _("%s: and %zu more"), name, f->fault_count - shown);
    c->faults += (long long)f->fault_count;
    c->personal_number |= f->personal_number;
}

/* --- one file ----------------------------------------------------------------------------------------------------- */

/* The appointments of a file, and the questions about them. */
typedef struct asking {
    appointment_file file;
    pre_check *questions;
    size_t *row_of; /* of each question */
    size_t count;
} asking;

static outcome reach(checking *c) {
    char message[HTTP_CLIENT_MESSAGE_MAX];
    remote_state state;
    if (c->open)
        return OUTCOME_OK;
    const outcome done = service_open(c->terminal->services, SERVICE_PLATFORM, &c->platform);
    c->open = done == OUTCOME_OK;
    if (c->open && remote_ask_state(&c->platform, &state, message, sizeof message) != RESULT_OK)
        return report_failure(&c->terminal->context.report, OUTCOME_SERVICE, "platform-unreachable",
                              _("The platform cannot be reached: %s"), message);
    if (c->open)
        time_beacon_refresh(&c->terminal->store, &c->platform);
    return done;
}

static outcome report_run(report *r, const outbox_run *run) {
    switch (run->end) {
    case OUTBOX_DONE:
    case OUTBOX_KEPT: return OUTCOME_OK;
    case OUTBOX_BUSY:
        return report_failure(r, OUTCOME_SERVICE, "platform-busy",
                              _("The platform has no capacity now. Try again in %lld seconds; the files are kept."),
                              (long long)run->wait.s);
    case OUTBOX_NOT_TAKEN:
        return report_failure(r, OUTCOME_SERVICE, "platform", _("The platform did not take the batch: %s"),
                              run->message);
    default: return report_failure(r, OUTCOME_INTERNAL, "internal", "%s", report_cause(run->code));
    }
}

/* Finds the patient of each; reports at once those about whom the platform cannot be asked. */
static result identify(checking *c, asking *a) {
    result code = search_upkeep(&c->terminal->store);
    for (size_t i = 0; code == RESULT_OK && i < a->file.count; i++) {
        appointment_match match = MATCH_NOBODY;
        code = appointment_person_find(&c->terminal->store, &a->file.rows[i], &a->questions[a->count], &match);
        if (code == RESULT_OK && match == MATCH_FOUND)
            a->row_of[a->count++] = i;
        else if (code == RESULT_OK)
            tell_unasked(c, &a->file.rows[i], match);
    }
    return code;
}

static void take_findings(checking *c, asking *a) {
    for (size_t i = 0; i < a->count; i++) {
        const pre_check *q = &a->questions[i];
        appointment *row = &a->file.rows[a->row_of[i]];
        row->finding = q->finding;
        snprintf(row->before, sizeof row->before, "%s", q->before.insurer_name);
        snprintf(row->insurer, sizeof row->insurer, "%s", q->insurer);
        if (q->finding == PRE_CHECK_NOT_ASKED)
            tell_unasked(c, row, MATCH_FOUND);
        else
            *(appointment_is_to_call(q->finding) ? &c->to_call : &c->unchanged) += 1;
    }
}

/* Day by day. */
static outcome keep(checking *c, const asking *a) {
    char day[CLOCK_DATE_SIZE];
    int64_t at = clock_wall_s();
    result code = RESULT_OK;
    for (int n = 0; code == RESULT_OK && n <= DAYS; n++, at += DAY_S) {
        bool some = false;
        clock_date_in_japan(at, day);
        for (size_t i = 0; i < a->file.count && !some; i++)
            some = strcmp(a->file.rows[i].day, day) == 0;
        if (some)
            code = appointments_take(&c->terminal->store, day, a->file.rows, a->file.count);
    }
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&c->terminal->context.report, OUTCOME_INTERNAL, "store",
                          _("The list of those to call could not be stored (%s). Begin again."), report_cause(code));
}

static outcome ask(checking *c, asking *a) {
    outbox_run run;
    a->questions = calloc(a->file.count, sizeof *a->questions);
    a->row_of = calloc(a->file.count, sizeof *a->row_of);
    if (a->questions == NULL || a->row_of == NULL)
        return report_failure(&c->terminal->context.report, OUTCOME_INTERNAL, "internal", "%s",
                              report_cause(RESULT_NO_MEMORY));
    const result code = identify(c, a);
    if (code != RESULT_OK)
        return day_list_failed(&c->terminal->context.report, code);
    outcome done = a->count > 0 ? reach(c) : OUTCOME_OK;
    if (done != OUTCOME_OK || a->count == 0)
        return done;
    pre_check_send(&c->platform, a->questions, a->count, &run);
    take_findings(c, a);
    done = keep(c, a);
    return done == OUTCOME_OK ? report_run(&c->terminal->context.report, &run) : done;
}

static result read_file(const checking *c, const char *name, bool fhir, appointment_file *out) {
    CLEANED_BY(buffer_wipe) buffer content = BUFFER_INIT(APPOINTMENT_FILE_MAX);
    out->institution = c->terminal->context.configuration.institution_code;
    memcpy(out->first, c->first, sizeof out->first);
    memcpy(out->last, c->last, sizeof out->last);
    const result code = exchange_read(c->folder, name, &content);
    if (code == RESULT_TOO_LONG) {
        appointment_fault_at(out, 1, 1, "", N_("the file is larger than 4 MiB"));
        return RESULT_OK;
    }
    if (code != RESULT_OK)
        return code;
    return fhir ? appointment_fhir_read(buffer_bytes(&content), out)
                : appointment_csv_read(buffer_bytes(&content), out);
}

static void asking_free(asking *a) {
    free(a->questions);
    free(a->row_of);
    appointment_file_free(&a->file);
}

/* A file with faults stays in the folder to be corrected; its valid appointments are checked now, and again with the
 * next check. */
static outcome check_file(checking *c, const char *name, bool fhir) {
    asking *a = calloc(1, sizeof *a);
    report *r = &c->terminal->context.report;
    const result code = a != NULL ? read_file(c, name, fhir, &a->file) : RESULT_NO_MEMORY;
    if (code != RESULT_OK) {
        if (a != NULL)
            asking_free(a);
        free(a);
        return neighbours_failed(r, name, code);
    }
    c->appointments += (long long)a->file.count;
    c->passed_over += (long long)a->file.passed_over;
    tell_faults(c, name, &a->file);
    outcome done = a->file.count > 0 ? ask(c, a) : OUTCOME_OK;
    if (done == OUTCOME_OK && a->file.fault_count == 0) {
        const result removed = exchange_remove(c->folder, name);
        done = removed == RESULT_OK ? OUTCOME_OK : neighbours_failed(r, name, removed);
    }
    asking_free(a);
    free(a);
    return done;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static outcome check_all(checking *c) {
    static const struct {
        const char *suffix;
        bool fhir;
    } kinds[] = {{".csv", false}, {".json", true}};
    static char names[EXCHANGE_FILES_MAX][EXCHANGE_NAME_SIZE];
    size_t found = 0;
    report *r = &c->terminal->context.report;
    outcome done = OUTCOME_OK;
    for (size_t k = 0; done == OUTCOME_OK && k < sizeof kinds / sizeof *kinds; k++) {
        size_t count = 0;
        const result listed = exchange_list(c->folder, "", kinds[k].suffix, names, &count);
        if (listed != RESULT_OK)
            return neighbours_failed(r, FOLDER, listed);
        found += count;
        for (size_t i = 0; done == OUTCOME_OK && i < count; i++)
            done = check_file(c, names[i], kinds[k].fhir);
    }
    if (done == OUTCOME_OK && found == 0)
        report_line(r, _("There is no file of appointments in %s/%s."), c->terminal->context.configuration.neighbours,
                    FOLDER);
    report_number(r, "files", NULL, (long long)found);
    return done;
}

static result show(void *context, const appointment *one) {
    const checking *c = context;
    if (one->note.done_at[0] == 0)
        appointment_show(&c->terminal->context.report, one, c->list);
    return RESULT_OK;
}

static void show_to_call(checking *c) {
    char day[CLOCK_DATE_SIZE];
    int64_t at = clock_wall_s();
    for (int n = 0; c->to_call > 0 && n <= DAYS; n++, at += DAY_S) {
        clock_date_in_japan(at, day);
        appointments_each(&c->terminal->store, day, show, c);
    }
}

static outcome report_all(checking *c, outcome done) {
    report *r = &c->terminal->context.report;
    show_to_call(c);
    report_value(r, "appointments", c->list);
    report_value(r, "notChecked", c->unasked);
    report_value(r, "faults", c->bad);
    report_number(r, "read", NULL, c->appointments);
    report_number(r, "unchanged", NULL, c->unchanged);
    report_number(r, "toCall", NULL, c->to_call);
    report_number(r, "passedOver", NULL, c->passed_over);
    if (c->appointments > 0)
        report_line(r, _("Appointments: %lld as before, %lld to call, %lld not checked"), c->unchanged, c->to_call,
                    c->not_checked);
    if (done == OUTCOME_OK && c->personal_number)
        return report_failure(
            r, OUTCOME_REFUSED, "appointment-personal-number",
            _("A file of appointments holds the 個人番号 (マイナンバー), or a number that could be one."
              " Nothing of it was taken. Remove the file, and write it again without that."));
    if (done == OUTCOME_OK && c->faults > 0)
        return report_failure(
            r, OUTCOME_REFUSED, "appointment-file",
            _("%lld places in the files of appointments cannot be taken. Correct them, and check again;"
              " the others were checked."),
            c->faults);
    return done;
}

static outcome check(terminal *t, int folder) {
    checking c = {.terminal = t, .folder = folder, .list = json_array(), .unasked = json_array(), .bad = json_array()};
    clock_date_in_japan(clock_wall_s(), c.first);
    clock_date_in_japan(clock_wall_s() + DAYS * DAY_S, c.last);
    const outcome done = check_all(&c);
    if (c.open)
        service_close(t->services, SERVICE_PLATFORM, &c.platform);
    return report_all(&c, done);
}

outcome appointments_check_command(terminal *t) {
    operator_card actor;
    int folder = -1;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = neighbours_open(&t->context, FOLDER, &folder);
    if (done == OUTCOME_OK)
        done = check(t, folder);
    if (folder >= 0)
        close(folder);
    return done;
}
