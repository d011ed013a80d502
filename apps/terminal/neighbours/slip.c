/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `today slip`: one reception on paper, for the patient. */
#include "neighbours/neighbours.h"

#include "neighbours/exchange_folder.h"
#include "neighbours/slip_pdf.h"
#include "operator/operator_session.h"
#include "today/day_list.h"
#include "today/slip_content.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "export"
#define PDF_MAX (16 * 1024 * 1024) /* the font is inside */

static result write_slip(const list_row *row, buffer *file) {
    slip s;
    slip_of(row, &s);
    return slip_pdf_write(&s, file);
}

static outcome put_slip(terminal *t, const list_row *row, int folder) {
    CLEANED_BY(buffer_wipe) buffer file = BUFFER_INIT(PDF_MAX);
    char number[RECEPTION_NUMBER_SIZE], name[EXCHANGE_NAME_SIZE];
    reception_number(row->id, number);
    snprintf(name, sizeof name, "slip-%s.pdf", number);
    result code = write_slip(row, &file);
    if (code == RESULT_OK)
        code = exchange_write(folder, name, buffer_bytes(&file));
    if (code != RESULT_OK)
        return neighbours_failed(&t->context.report, name, code);
    report_text(&t->context.report, "file", _("Written"), name);
    return OUTCOME_OK;
}

outcome today_slip_command(terminal *t) {
    static list_row row; /* large: kept off the stack */
    operator_card actor;
    int folder = -1;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = day_list_find(t, t->context.options.arguments[0], &row);
    if (done == OUTCOME_OK)
        done = neighbours_open(&t->context, FOLDER, &folder);
    if (done == OUTCOME_OK)
        done = put_slip(t, &row, folder);
    if (folder >= 0)
        close(folder);
    return done;
}
