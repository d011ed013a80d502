/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* persons.json, the platform's data set (docs/interfaces/http.md), from the table of people and the register of cards;
 * and persons-after.json, the same after patient-1 has changed job. */
#pragma once

#include "office.h"

/* Remembers that this person holds a card whose user-authentication certificate has this serial. A person may hold
 * several, one after the other: the link survives a renewal. */
result persons_add_holder(office *o, const char *person_id, uint32_t serial);

/* Gives everybody without a card the serial of one made elsewhere, so that the platform knows them too. */
result persons_add_missing_holders(office *o);

/* Writes both files. */
result persons_write(office *o);
