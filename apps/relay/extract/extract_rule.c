/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "extract/extract_rule.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S 86400
#define MONTH_LENGTH 7 /* YYYY-MM */
#define EVE_DAYS 1     /* an appointment is checked so many days before */

/* Days from one to the other; 0 when one of them is no day. */
static int64_t days_between(const char *from, const char *to) {
    int64_t begin, end;
    if (clock_begin_in_japan(from, &begin) != RESULT_OK || clock_begin_in_japan(to, &end) != RESULT_OK)
        return 0;
    return (end - begin) / DAY_S;
}

/* --- one reason each ---------------------------------------------------------------------------------------------- */

typedef bool rule(const extract_rules *rules, const extract_facts *f, const char *today);

static bool is_provisional(const extract_rules *rules, const extract_facts *f, const char *today) {
    (void)rules, (void)today;
    return f->waiting;
}

static bool is_stale(const extract_rules *rules, const extract_facts *f, const char *today) {
    return *f->answered_on != 0 && days_between(f->answered_on, today) > rules->stale_days;
}

/* An answer about a day to come holds for that month. */
static bool is_of_earlier_month(const extract_rules *rules, const extract_facts *f, const char *today) {
    (void)rules;
    return *f->about_day != 0 && strncmp(f->about_day, today, MONTH_LENGTH) < 0;
}

static bool ends_soon(const extract_rules *rules, const extract_facts *f, const char *today) {
    return *f->ends_on != 0 && days_between(today, f->ends_on) <= rules->ending_days;
}

static bool has_new_coverage(const extract_rules *rules, const extract_facts *f, const char *today) {
    (void)rules;
    return f->validity == ELIGIBILITY_NEW_COVERAGE && strcmp(f->begins_on, today) <= 0;
}

/* Asks again when the answer about that day was given longer before; about today's appointment when it was not possible
 * yesterday. */
static bool comes_soon(const extract_rules *rules, const extract_facts *f, const char *today) {
    (void)rules;
    const bool asked = strcmp(f->about_day, f->appointment) >= 0 &&
                       days_between(f->answered_on, f->appointment) <= EVE_DAYS;
    return *f->appointment != 0 && strcmp(f->appointment, today) >= 0 &&
           days_between(today, f->appointment) <= EVE_DAYS && !asked;
}

/* clang-format off */
static const struct row {
    const char *word;
    rule *holds;
    const char *english, *japanese;
} rows[EXTRACT_REASONS] = {
    [EXTRACT_PROVISIONAL] = {"provisional", is_provisional,
        "received offline; the platform has not answered yet", "オフラインで受付し、資格確認PFの回答待ち"},
    [EXTRACT_STALE] = {"stale", is_stale,
        "the last answer is too old", "前回の確認から日数が経過"},
    [EXTRACT_MONTH] = {"month-changed", is_of_earlier_month,
        "not checked yet this month", "今月はまだ確認していない"},
    [EXTRACT_ENDING] = {"coverage-ending", ends_soon,
        "the coverage ends soon, or has ended", "資格の有効期限が近い、または過ぎている"},
    [EXTRACT_NEW_COVERAGE] = {"new-coverage", has_new_coverage,
        "a new coverage was announced, and has begun", "新しい資格があるとの回答があり、その開始日になった"},
    [EXTRACT_APPOINTMENT] = {"appointment", comes_soon,
        "has an appointment today or tomorrow", "本日または明日の予約がある"},
};
/* clang-format on */

/* --- all of them -------------------------------------------------------------------------------------------------- */

unsigned extract_reasons(const extract_rules *rules, const extract_facts *facts, const char *today) {
    unsigned found = 0;
    for (unsigned i = 0; i < EXTRACT_REASONS; i++)
        if ((rules->enabled >> i & 1) != 0 && rows[i].holds(rules, facts, today))
            found |= 1u << i;
    return found;
}

const char *extract_day_to_ask(const extract_facts *facts, unsigned reasons, const char *today) {
    return (reasons >> EXTRACT_APPOINTMENT & 1) != 0 ? facts->appointment : today;
}

const char *extract_reason_word(extract_reason reason) {
    return rows[reason].word;
}

const char *extract_reason_english(extract_reason reason) {
    return rows[reason].english;
}

const char *extract_reason_japanese(extract_reason reason) {
    return rows[reason].japanese;
}

static unsigned find(const char *word, size_t length) {
    for (unsigned i = 0; i < EXTRACT_REASONS; i++)
        if (strlen(rows[i].word) == length && memcmp(rows[i].word, word, length) == 0)
            return 1u << i;
    return 0;
}

result extract_reasons_read(const char *words, unsigned *out) {
    *out = 0;
    for (words += strspn(words, ", "); *words != 0; words += strspn(words, ", ")) {
        const size_t length = strcspn(words, ", ");
        const unsigned one = find(words, length);
        if (one == 0)
            return RESULT_INVALID;
        *out |= one;
        words += length;
    }
    return RESULT_OK;
}
