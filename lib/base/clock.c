/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define JAPAN_OFFSET_S (9 * 3600)

static int64_t milliseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic_ms(void) {
    return milliseconds(CLOCK_MONOTONIC);
}

int64_t clock_boot_ms(void) {
    return milliseconds(CLOCK_BOOTTIME);
}

int64_t clock_wall_ms(void) {
    return milliseconds(CLOCK_REALTIME);
}

int64_t clock_wall_s(void) {
    return (int64_t)time(NULL);
}

void clock_text(int64_t wall_s, char text[CLOCK_TEXT_SIZE]) {
    time_t seconds = (time_t)wall_s;
    struct tm parts;
    /* A year of five digits does not fit; strftime then leaves anything. */
    if (gmtime_r(&seconds, &parts) == NULL || strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        text[0] = 0;
}

/* Digits where the form has 0, everything else as it stands there. */
static bool has_form(const char *text, const char *form) {
    for (; *form != 0; text++, form++)
        if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
            return false;
    return *text == 0;
}

static int number(const char *digits, size_t count) {
    int value = 0;
    for (size_t i = 0; i < count; i++)
        value = 10 * value + digits[i] - '0';
    return value;
}

static bool day_exists(int year, int month, int day) {
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month >= 1 && month <= 12 && day >= 1 && day <= lengths[month - 1] + (leap && month == 2);
}

/* Days since 1970 in the Gregorian calendar; a year begins in March here, so that the leap day is its last. */
static int64_t days_of(int year, int month, int day) {
    int64_t y = year - (month <= 2), of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return 365 * y + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

/* By hand, because every evidence has half a dozen times: strptime takes other forms, too, and would need timegm and
 * clock_text to refuse them. Years of fewer digits are none that clock_text writes. */
result clock_parse(const char *text, int64_t *wall_s) {
    if (!has_form(text, "0000-00-00T00:00:00Z") || text[0] == '0')
        return RESULT_INVALID;
    int year = number(text, 4), month = number(text + 5, 2), day = number(text + 8, 2);
    int hour = number(text + 11, 2), minute = number(text + 14, 2), second = number(text + 17, 2);
    if (!day_exists(year, month, day) || hour > 23 || minute > 59 || second > 59)
        return RESULT_INVALID;
    *wall_s = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return RESULT_OK;
}

void clock_text_in_japan(int64_t wall_s, char text[CLOCK_PEOPLE_SIZE]) {
    char full[CLOCK_TEXT_SIZE];
    clock_text(wall_s + JAPAN_OFFSET_S, full);
    text[0] = 0;
    if (full[0] != 0)
        snprintf(text, CLOCK_PEOPLE_SIZE, "%.10s %.8s JST", full, full + 11);
}

void clock_date_in_japan(int64_t wall_s, char text[CLOCK_DATE_SIZE]) {
    char full[CLOCK_TEXT_SIZE];
    clock_text(wall_s + JAPAN_OFFSET_S, full);
    snprintf(text, CLOCK_DATE_SIZE, "%.10s", full);
}

result clock_begin_in_japan(const char *text, int64_t *wall_s) {
    char full[CLOCK_TEXT_SIZE];
    if (strlen(text) != CLOCK_DATE_SIZE - 1)
        return RESULT_INVALID;
    snprintf(full, sizeof full, "%.10sT00:00:00Z", text);
    const result code = clock_parse(full, wall_s);
    if (code == RESULT_OK)
        *wall_s -= JAPAN_OFFSET_S;
    return code;
}

result clock_check_date(const char *text) {
    int64_t ignored;
    return clock_begin_in_japan(text, &ignored);
}
