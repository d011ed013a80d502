/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ca_card_data.h"

#include "base/personal_number.h"
#include "validity.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool random_digits(char *text, size_t count) {
    uint8_t random[PERSONAL_NUMBER_LENGTH];
    if (count > sizeof random || RAND_bytes(random, (int)count) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        text[i] = (char)('0' + random[i] % 10);
    text[count] = '\0';
    return true;
}

/* The right check digit plus 1 to 9, modulo ten: any digit but the right one. */
static bool impossible_number(char number[PERSONAL_NUMBER_LENGTH + 1]) {
    if (!random_digits(number, PERSONAL_NUMBER_LENGTH))
        return false;
    int right = personal_number_check_digit(number) - '0', shift = 1 + (number[PERSONAL_NUMBER_LENGTH - 1] - '0') % 9;
    number[PERSONAL_NUMBER_LENGTH - 1] = (char)('0' + (right + shift) % 10);
    return true;
}

void card_data_birth_in_era(const char *birth, char text[7]) {
    static const struct {
        const char *first_day;
        int first_year;
    } eras[] = {
        {"2019-05-01", 2019}, {"1989-01-08", 1989}, {"1926-12-25", 1926}, {"1912-07-30", 1912}, {"1868-01-25", 1868}};
    size_t era = 0;
    while (era + 1 < sizeof eras / sizeof eras[0] && strcmp(birth, eras[era].first_day) < 0)
        era++;
    unsigned year = (unsigned)(atoi(birth) - eras[era].first_year + 1);
    snprintf(text, 7, "%02u%.2s%.2s", year % 100, birth + 5, birth + 8);
}

/* The birthday in this many years' time or less, counted from the next one. */
static void expiry_of(const char *birth, int64_t now, char text[9]) {
    int age = validity_age(now, birth), birthdays = age < 18 ? 5 : 10;
    snprintf(text, 9, "%04u%.2s%.2s", (unsigned)(atoi(birth) + age + birthdays) % 10000, birth + 5, birth + 8);
}

result card_data_make(const office *o, const person *who, card_data *data) {
    const char *birth = who->x509.birth;
    *data = (card_data){.who = who};
    snprintf(data->birth, sizeof data->birth, "%.4s%.2s%.2s", birth, birth + 5, birth + 8);
    expiry_of(birth, o->now, data->expiry);
    card_data_birth_in_era(birth, data->birth_in_era);
    if (!impossible_number(data->number) || !random_digits(data->security_code, 4))
        return RESULT_INTERNAL;
    snprintf(data->face_number, sizeof data->face_number, "%s%.4s%s", data->birth_in_era, data->expiry,
             data->security_code);
    return RESULT_OK;
}
