/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/japanese_era.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALENDAR_BEGINS "1873-01-01"

/* The first day of each era: the day of the change belongs to the new one. */
static const struct {
    const char *first, *name;
} eras[] = {{"2019-05-01", "令和"},
            {"1989-01-08", "平成"},
            {"1926-12-25", "昭和"},
            {"1912-07-30", "大正"},
            {"1868-01-25", "明治"}};

bool japanese_era_text(const char *day, char text[JAPANESE_ERA_SIZE]) {
    size_t i = 0;
    text[0] = 0;
    if (clock_check_date(day) != RESULT_OK || strcmp(day, CALENDAR_BEGINS) < 0)
        return false;
    while (strcmp(day, eras[i].first) < 0) /* days as YYYY-MM-DD compare as texts */
        i++;
    const int year = atoi(day) - atoi(eras[i].first) + 1, month = atoi(day + 5), of_month = atoi(day + 8);
    if (year == 1)
        snprintf(text, JAPANESE_ERA_SIZE, "%s元年%d月%d日", eras[i].name, month, of_month);
    else
        snprintf(text, JAPANESE_ERA_SIZE, "%s%d年%d月%d日", eras[i].name, year, month, of_month);
    return true;
}
