/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The numbers on a proof of insurance, as people type them: forms and check digits. Source: 保険者番号等の設定
 * 要領 (厚生省 保発第45号・庁保発第34号, 1976-08-07, appendix; public): an insurer's number has 8 digits (法別番号 2,
 * prefecture 2, insurer 3, check digit 1), of the National Health Insurance 6 (without the first two); a public payer's
 * has 8; a recipient's of public expense has 7. Check digit: the digits before it, from the right, times 2, 1, 2, 1 ...;
 * the sum of all digits of these products; the difference to the next multiple of ten. */
#pragma once

#include "base/result.h"

#include <stddef.h>

#define INSURANCE_NUMBER_SIZE 9   /* 8 digits */
#define INSURANCE_TEXT_SIZE 65    /* symbol, number: Unicode, at most 20 characters */
#define INSURANCE_TEXT_LETTERS 20 /* 記号, 番号 */

/* The check digit of these digits, '0' to '9'. */
char insurance_check_digit(const char *digits, size_t count);

/* 保険者番号, 公費負担者番号 (8 digits only), 受給者番号: the canonical form. RESULT_INVALID: another length or other
 * characters. RESULT_BAD_SIGNATURE: the check digit is another one: a digit was mistyped. */
result insurer_number_read(const char *text, char out[INSURANCE_NUMBER_SIZE]);
result payer_number_read(const char *text, char out[INSURANCE_NUMBER_SIZE]);
result recipient_number_read(const char *text, char out[INSURANCE_NUMBER_SIZE]);
/* 記号 or 番号: any text of at most INSURANCE_TEXT_LETTERS. RESULT_INVALID. */
result insured_text_read(const char *text, char out[INSURANCE_TEXT_SIZE]);
/* 枝番: two digits; one gets a zero before it. RESULT_INVALID. */
result branch_number_read(const char *text, char out[3]);
