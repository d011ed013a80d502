#include "base/clock.h"

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

result clock_parse(const char *text, int64_t *wall_s) {
    struct tm parts = {0};
    if (strlen(text) != CLOCK_TEXT_SIZE - 1)
        return RESULT_INVALID; /* a year of three digits would come back as it was */
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (end == NULL || *end != 0)
        return RESULT_INVALID;
    int64_t seconds = (int64_t)timegm(&parts);
    /* strptime takes forms such as one-digit months, and timegm repairs the 31st of June: compare the round trip. */
    char again[CLOCK_TEXT_SIZE];
    clock_text(seconds, again);
    if (strcmp(text, again) != 0)
        return RESULT_INVALID;
    *wall_s = seconds;
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

result clock_check_date(const char *text) {
    char full[CLOCK_TEXT_SIZE];
    int64_t ignored;
    if (strlen(text) != CLOCK_DATE_SIZE - 1)
        return RESULT_INVALID;
    snprintf(full, sizeof full, "%.10sT00:00:00Z", text);
    return clock_parse(full, &ignored);
}
