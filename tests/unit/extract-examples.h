/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rules and days of the tests about extraction. */
#pragma once

#include "extract/insured_row.h"

#define BIT(reason) (1u << (reason))

extern const extract_rules extract_example_rules; /* all of them */

/* Seconds since 1970 at noon in Japan on that day. */
int64_t extract_noon(const char *day);

/* About the patient CN=CA#01 of T-01: the day is of the reception or the appointment, and of the word that came at this
 * time. */
insured_note extract_example_note(enum insured_news news, const char *evidence, const char *day, int64_t at);
