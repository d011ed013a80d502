/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds the patient of an appointment: the earlier reception here by which the platform can be asked about them. */
#pragma once

#include "delivery/appointment.h"

typedef enum appointment_match {
    MATCH_FOUND,
    MATCH_NOBODY,  /* never received here with a card, or the record was removed */
    MATCH_WAITING, /* received, but the platform has not answered yet */
    MATCH_SEVERAL, /* more than one person fits */
} appointment_match;

/* The birth date must be that of the reception; and the hospital number, where both have one, else the name or the kana
 * as a whole, in any width. out: the question to the platform, of the newest reception; only of MATCH_FOUND. Codes of
 * search_index_find and record_read. */
result appointment_person_find(store_access *s, const appointment *a, pre_check *out, appointment_match *match);
