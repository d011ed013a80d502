/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* 個人番号: 12 digits, the last of them a check digit (Ordinance of the Ministry of Internal Affairs No. 85 of 2014,
 * article 5: weights 2 to 7 and 2 to 6 from the right, modulo 11). Used only to give synthetic cards a wrong check
 * digit, so that no emulated number can be a real person's. */
#pragma once

#include <stdbool.h>

#define PERSONAL_NUMBER_LENGTH 12

/* Of the first 11 digits: '0' to '9'. */
char personal_number_check_digit(const char digits[PERSONAL_NUMBER_LENGTH - 1]);

/* 12 digits whose last is the check digit of the others: it could be a person's. */
bool personal_number_is_possible(const char digits[PERSONAL_NUMBER_LENGTH]);
