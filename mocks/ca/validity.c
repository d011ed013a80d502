/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "validity.h"

#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define JAPAN_S (9 * 3600)

static int64_t start_in_japan(int year, int month, int day) {
    struct tm t = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return timegm(&t) - JAPAN_S;
}

static void today(int64_t now, int *year, int *month, int *day) {
    time_t there = (time_t)(now + JAPAN_S);
    struct tm t;
    gmtime_r(&there, &t);
    *year = t.tm_year + 1900;
    *month = t.tm_mon + 1;
    *day = t.tm_mday;
}

validity validity_years(int64_t now, int years) {
    int year, month, day;
    today(now, &year, &month, &day);
    return (validity){start_in_japan(year, month, day), start_in_japan(year + years, month, day) - 1};
}

result validity_to_fifth_birthday(int64_t now, const char *birth, validity *out) {
    int year, month, day, birth_year, birth_month, birth_day;
    if (clock_check_date(birth) != RESULT_OK || sscanf(birth, "%d-%d-%d", &birth_year, &birth_month, &birth_day) != 3)
        return RESULT_INVALID;
    today(now, &year, &month, &day);
    bool later_this_year = birth_month > month || (birth_month == month && birth_day > day);
    out->from = start_in_japan(year, month, day);
    /* timegm turns a 29 February of other years into 1 March. */
    out->to = start_in_japan(year + (later_this_year ? 4 : 5), birth_month, birth_day + 1) - 1;
    return RESULT_OK;
}

int validity_age(int64_t when, const char *birth) {
    char day[CLOCK_DATE_SIZE];
    clock_date_in_japan(when, day);
    return atoi(day) - atoi(birth) - (strcmp(day + 5, birth + 5) < 0 ? 1 : 0);
}
