/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* An answer about somebody, and what is signed of it. For cmocka: what fails here fails the test. */
#pragma once

#include "fhir/eligibility.h"

#include <jansson.h>

#define ROOM (1 << 20) /* for any of their texts */

extern const eligibility_person example_person;

/* About this person. Its salts are 00..00, 01..01 and so on: the same bytes in each run. */
eligibility_response example_answer(void);
/* As JSON; the caller's to free. */
json_t *example_in_full(const eligibility_response *r);
/* What is signed of it: read from the text, and made while that is written, the same. */
void example_form(const eligibility_response *r, buffer *form);
bool example_holds(const buffer *form, const char *text);
