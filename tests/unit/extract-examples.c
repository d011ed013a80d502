/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "extract-examples.h"

#include "base/clock.h"
#include "base/copy_text.h"

#include <stdlib.h>

#define NOON 43200

const extract_rules extract_example_rules = {.enabled = EXTRACT_ALL, .stale_days = 30, .ending_days = 14};

int64_t extract_noon(const char *day) {
    int64_t at = 0;
    if (clock_begin_in_japan(day, &at) != RESULT_OK)
        abort();
    return at + NOON;
}

insured_note extract_example_note(enum insured_news news, const char *evidence, const char *day, int64_t at) {
    insured_note n = {.news = news};
    COPY_TEXT(n.row.terminal, "T-01");
    COPY_TEXT(n.row.patient_serial, "CN=CA#01");
    COPY_TEXT(n.row.evidence_id, evidence);
    if (news == INSURED_RECEPTION)
        COPY_TEXT(n.row.received_on, day);
    if (news == INSURED_CHECK)
        COPY_TEXT(n.row.appointment, day);
    n.row.word.at = at;
    COPY_TEXT(n.row.word.about_day, day);
    return n;
}
