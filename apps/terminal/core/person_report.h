/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A person on the screen and in JSON, for the visual match with the card and its holder. For people at the
 * desk only: never in a log, in the audit log, or in what a patient's screen shows. */
#pragma once

#include "core/report.h"

#include "fhir/eligibility_person.h"

/* Name and kana, birth date also in the Japanese calendar, sex, address; "person" in JSON, null when unknown. */
void report_person(report *r, const eligibility_person *person);
/* The same as one JSON object {name, kana, birthDate, sex, postalCode, address}; what is empty is null. json_null() when
 * the person is unknown. */
json_t *person_json(const eligibility_person *person);
