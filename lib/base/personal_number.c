/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "personal_number.h"

char personal_number_check_digit(const char digits[PERSONAL_NUMBER_LENGTH - 1]) {
    int sum = 0;
    for (int n = 1; n < PERSONAL_NUMBER_LENGTH; n++) /* n-th digit from the right, the check digit not counted */
        sum += (digits[PERSONAL_NUMBER_LENGTH - 1 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
    int rest = sum % 11;
    return (char)(rest <= 1 ? '0' : '0' + 11 - rest);
}

bool personal_number_is_possible(const char digits[PERSONAL_NUMBER_LENGTH]) {
    for (int i = 0; i < PERSONAL_NUMBER_LENGTH; i++)
        if (digits[i] < '0' || digits[i] > '9')
            return false;
    return personal_number_check_digit(digits) == digits[PERSONAL_NUMBER_LENGTH - 1];
}
