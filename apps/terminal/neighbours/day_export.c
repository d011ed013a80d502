/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `today export`: a day's receptions for other programs. The columns: docs/interfaces/neighbours.md. */
#include "neighbours/neighbours.h"

#include "neighbours/csv_row.h"
#include "neighbours/exchange_folder.h"
#include "neighbours/text_encoding.h"
#include "operator/operator_session.h"
#include "today/day_list.h"

#include "base/cleanup.h"
#include "core/note_options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "export"
#define CSV_MAX (64 * 1024 * 1024)
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static const char *const columns[] = {"受付番号", "受付日", "受付時刻", "診察券番号", "氏名", "カナ",
                                      "生年月日", "性別",   "診療科",   "状態",       "区分", "保険者番号",
                                      "保険者名", "提示物", "診療記録", "証跡番号"};
#define COLUMNS (sizeof columns / sizeof *columns)

static const struct {
    const char *word, *shown;
} sexes[] = {{"male", "男"}, {"female", "女"}, {"other", "その他"}};

static const char *sex_shown(const char *word) {
    for (size_t i = 0; i < sizeof sexes / sizeof *sexes; i++)
        if (strcmp(sexes[i].word, word) == 0)
            return sexes[i].shown;
    return "";
}

static result append_reception(void *context, const list_row *row) {
    char at[CLOCK_PEOPLE_SIZE], day[CLOCK_DATE_SIZE], number[RECEPTION_NUMBER_SIZE], time[6];
    clock_text_in_japan(row->at, at);
    clock_date_in_japan(row->at, day);
    reception_number(row->id, number);
    snprintf(time, sizeof time, "%.5s", at + 11);
    const desk_person *p = &row->person;
    const char *const cells[COLUMNS] = {number,
                                        day,
                                        time,
                                        row->note.hospital_number,
                                        p->name,
                                        p->kana,
                                        p->birth_date,
                                        sex_shown(p->sex),
                                        row->note.department,
                                        row->state,
                                        row->grade,
                                        row->insurer_number,
                                        row->insurer,
                                        row->without_card ? paper_kind_word(row->paper) : "card",
                                        row->visit,
                                        row->id};
    return csv_row_append(cells, COLUMNS, context);
}

static result write_file(const configuration *c, int folder, const char *name, bytes rows) {
    CLEANED_BY(buffer_wipe) buffer encoded = BUFFER_INIT(CSV_MAX);
    text_encoding encoding = ENCODING_UTF8;
    result code = c->neighbours_encoding[0] != 0 ? text_encoding_read(c->neighbours_encoding, &encoding) : RESULT_OK;
    if (code == RESULT_OK && encoding == ENCODING_UTF8)
        code = buffer_append_text(&encoded, BYTE_ORDER_MARK);
    if (code == RESULT_OK)
        code = text_encode(encoding, rows, &encoded);
    return code == RESULT_OK ? exchange_write(folder, name, buffer_bytes(&encoded)) : code;
}

static outcome export_days(terminal *t, int folder, int64_t from, int64_t to) {
    CLEANED_BY(buffer_wipe) buffer rows = BUFFER_INIT(CSV_MAX);
    char first[CLOCK_DATE_SIZE], last[CLOCK_DATE_SIZE], name[EXCHANGE_NAME_SIZE];
    size_t count = 0;
    clock_date_in_japan(from, first);
    clock_date_in_japan(to - 1, last);
    snprintf(name, sizeof name, "receptions-%s%s%s.csv", first, strcmp(first, last) != 0 ? "-to-" : "",
             strcmp(first, last) != 0 ? last : "");
    result code = csv_row_append(columns, COLUMNS, &rows);
    if (code == RESULT_OK)
        code = day_list_each(&t->store, from, to, append_reception, &rows, &count);
    if (code != RESULT_OK)
        return day_list_failed(&t->context.report, code);
    code = write_file(&t->context.configuration, folder, name, buffer_bytes(&rows));
    if (code != RESULT_OK)
        return neighbours_failed(&t->context.report, name, code);
    report_text(&t->context.report, "file", _("Written"), name);
    report_number(&t->context.report, "rows", _("Receptions"), (int64_t)count);
    return OUTCOME_OK;
}

outcome today_export_command(terminal *t) {
    operator_card actor;
    int64_t from = 0, to = 0;
    int folder = -1;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = note_options_days(&t->context, &from, &to);
    if (done == OUTCOME_OK)
        done = neighbours_open(&t->context, FOLDER, &folder);
    if (done == OUTCOME_OK)
        done = export_days(t, folder, from, to);
    if (folder >= 0)
        close(folder);
    return done;
}
