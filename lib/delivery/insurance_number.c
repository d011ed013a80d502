/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/insurance_number.h"

#include "delivery/japanese_text.h"

#include <stdbool.h>
#include <string.h>

#define INSURER_LENGTH 8
#define NATIONAL_INSURER_LENGTH 6
#define RECIPIENT_LENGTH 7

char insurance_check_digit(const char *digits, size_t count) {
    int sum = 0;
    for (size_t i = 0; i < count; i++) {
        const int product = (digits[count - 1 - i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += product / 10 + product % 10;
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

static result read_checked(const char *text, size_t length, size_t other_length, char out[INSURANCE_NUMBER_SIZE]) {
    char folded[INSURANCE_TEXT_SIZE];
    *out = 0;
    if (japanese_fold_code(text, folded, sizeof folded) != RESULT_OK)
        return RESULT_INVALID;
    const size_t digits = strspn(folded, "0123456789");
    if (folded[digits] != 0 || (digits != length && digits != other_length))
        return RESULT_INVALID;
    if (insurance_check_digit(folded, digits - 1) != folded[digits - 1])
        return RESULT_BAD_SIGNATURE;
    memcpy(out, folded, digits + 1);
    return RESULT_OK;
}

result insurer_number_read(const char *text, char out[INSURANCE_NUMBER_SIZE]) {
    return read_checked(text, INSURER_LENGTH, NATIONAL_INSURER_LENGTH, out);
}

result payer_number_read(const char *text, char out[INSURANCE_NUMBER_SIZE]) {
    return read_checked(text, INSURER_LENGTH, INSURER_LENGTH, out);
}

result recipient_number_read(const char *text, char out[INSURANCE_NUMBER_SIZE]) {
    return read_checked(text, RECIPIENT_LENGTH, RECIPIENT_LENGTH, out);
}

result insured_text_read(const char *text, char out[INSURANCE_TEXT_SIZE]) {
    result code = japanese_fold_text(text, out, INSURANCE_TEXT_SIZE);
    if (code == RESULT_OK && japanese_length(out) > INSURANCE_TEXT_LETTERS)
        code = RESULT_INVALID;
    if (code != RESULT_OK)
        *out = 0;
    return code == RESULT_OK || code == RESULT_NO_MEMORY ? code : RESULT_INVALID;
}

result branch_number_read(const char *text, char out[3]) {
    char folded[8];
    *out = 0;
    if (japanese_fold_code(text, folded, sizeof folded) != RESULT_OK ||
        strspn(folded, "0123456789") != strlen(folded) || strlen(folded) > 2)
        return RESULT_INVALID;
    const bool one = folded[1] == 0;
    out[0] = one ? '0' : folded[0];
    out[1] = one ? folded[0] : folded[1];
    out[2] = 0;
    return RESULT_OK;
}
