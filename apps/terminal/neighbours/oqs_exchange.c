/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `exchange`: answers the requests that the receipt computer has put into the shared folder, from what this terminal
 * knows of the day's patients. The daemon does so by itself. */
#include "neighbours/neighbours.h"

#include "neighbours/exchange_folder.h"
#include "neighbours/oqs_answer.h"
#include "operator/operator_session.h"
#include "today/day_list.h"

#include "base/cleanup.h"
#include "delivery/japanese_text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REQUESTS "req"
#define ANSWERS "res"
#define REQUEST_PREFIX "OQSsiquc01req_"
#define ANSWER_PREFIX "OQSsiquc01res_"
#define SUFFIX ".xml"
#define DAY_S 86400

static const struct refusal {
    const char *code, *words;
} not_a_request = {"UK001", "要求ファイルを読み取れません。"},
  other_institution = {"UK002", "医療機関コードが違います。"},
  not_received = {"UK003", "この日、この端末では受け付けていません。"};

/* --- who is meant ------------------------------------------------------------------------------------------------- */

/* Compares in one width; an empty item of the request matches everything. */
static bool same_text(const char *wanted, const char *there) {
    char a[FHIR_NAME_SIZE], b[FHIR_NAME_SIZE];
    if (*wanted == 0)
        return true;
    return japanese_fold_text(wanted, a, sizeof a) == RESULT_OK &&
           japanese_fold_text(there, b, sizeof b) == RESULT_OK && strcmp(a, b) == 0;
}

typedef struct seeking {
    const oqs_request *request;
    list_row *out;
    bool found;
} seeking;

static result look(void *context, const list_row *row) {
    seeking *s = context;
    const eligibility_coverage *c = &row->coverage;
    if (!s->found && strcmp(s->request->birth_date, row->person.birth_date) == 0 && c->number[0] != 0 &&
        same_text(s->request->insurer_number, c->insurer_number) && same_text(s->request->number, c->number) &&
        same_text(s->request->symbol, c->symbol) && same_text(s->request->branch, c->branch)) {
        *s->out = *row;
        s->found = true;
    }
    return RESULT_OK;
}

/* The newest reception of that day. */
static result find(terminal *t, const oqs_request *request, list_row *out, bool *found) {
    char day[CLOCK_DATE_SIZE];
    int64_t begins;
    size_t count;
    seeking s = {request, out, false};
    clock_date_in_japan(clock_wall_s(), day);
    result code = clock_begin_in_japan(request->day[0] != 0 ? request->day : day, &begins);
    if (code == RESULT_OK)
        code = day_list_each(&t->store, begins, begins + DAY_S, look, &s, &count);
    *found = s.found;
    return code;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

typedef struct folders {
    int requests, answers;
} folders;

static result put_answer(const folders *f, const char *name, const oqs_request *request, const oqs_answer *answer) {
    CLEANED_BY(buffer_wipe) buffer file = BUFFER_INIT(OQS_FILE_MAX);
    char as[EXCHANGE_NAME_SIZE];
    snprintf(as, sizeof as, ANSWER_PREFIX "%s", name + strlen(REQUEST_PREFIX));
    result code = oqs_answer_write(request, answer, &file);
    if (code == RESULT_OK)
        code = exchange_write(f->answers, as, buffer_bytes(&file));
    return code == RESULT_OK ? exchange_remove(f->requests, name) : code;
}

static result answer_one(terminal *t, const folders *f, const char *name) {
    static list_row row; /* large: kept off the stack */
    CLEANED_BY(buffer_wipe) buffer file = BUFFER_INIT(OQS_FILE_MAX);
    oqs_request request = {.encoding = ENCODING_UTF8};
    const char *own = t->context.configuration.institution_code;
    const struct refusal *why = NULL;
    bool found = false;
    result code = exchange_read(f->requests, name, &file);
    if (code == RESULT_UNSUPPORTED) /* a link or a pipe is no request */
        return exchange_remove(f->requests, name);
    if (code != RESULT_OK && code != RESULT_TOO_LONG)
        return code;
    if (code == RESULT_TOO_LONG || oqs_request_read(buffer_bytes(&file), &request) != RESULT_OK)
        why = &not_a_request;
    else if (strcmp(request.institution, own) != 0)
        why = &other_institution;
    else if ((code = find(t, &request, &row, &found)) != RESULT_OK)
        return code;
    else if (!found)
        why = &not_received;
    const oqs_answer answer = {.institution = own,
                               .now = clock_wall_s(),
                               .row = why == NULL ? &row : NULL,
                               .code = why != NULL ? why->code : "",
                               .problem = why != NULL ? why->words : ""};
    return put_answer(f, name, &request, &answer);
}

static outcome answer_all(terminal *t, const folders *f, size_t *answered) {
    static char names[EXCHANGE_FILES_MAX][EXCHANGE_NAME_SIZE];
    outcome done = OUTCOME_OK;
    size_t count = 0;
    *answered = 0;
    const result listed = exchange_list(f->requests, REQUEST_PREFIX, SUFFIX, names, &count);
    if (listed != RESULT_OK)
        return neighbours_failed(&t->context.report, REQUESTS, listed);
    for (size_t i = 0; i < count; i++) {
        const result code = answer_one(t, f, names[i]);
        if (code == RESULT_OK)
            (*answered)++;
        else if (done == OUTCOME_OK) /* the others are answered all the same */
            done = neighbours_failed(&t->context.report, names[i], code);
    }
    return done;
}

static outcome exchange(terminal *t, size_t *answered) {
    folders f = {-1, -1};
    outcome done = neighbours_open(&t->context, REQUESTS, &f.requests);
    if (done == OUTCOME_OK)
        done = neighbours_open(&t->context, ANSWERS, &f.answers);
    if (done == OUTCOME_OK)
        done = answer_all(t, &f, answered);
    if (f.requests >= 0)
        close(f.requests);
    if (f.answers >= 0)
        close(f.answers);
    return done;
}

outcome exchange_command(terminal *t) {
    operator_card actor;
    size_t answered = 0;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = exchange(t, &answered);
    report_number(&t->context.report, "answered", done == OUTCOME_OK ? _("Requests answered") : NULL,
                  (int64_t)answered);
    return done;
}

void neighbours_look(terminal *t) {
    size_t answered;
    int folder;
    if (t->context.configuration.neighbours[0] == 0 || !t->store.unlocked || session_operator(t->session) == NULL ||
        exchange_open(t->context.configuration.neighbours, REQUESTS, &folder) != RESULT_OK)
        return;
    close(folder);
    const report own = report_begin_silent(&t->context.report);
    exchange(t, &answered);
    report_end_silent(&t->context.report, own);
}
