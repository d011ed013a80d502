/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The verdict of one visit record: form, doctor's signature, evidence. */
#pragma once

#include "history.h"

#include "fhir/visit.h"
#include "service/refusal.h"

/* A checked record. */
typedef struct record {
    const http_peer *peer; /* borrowed */
    visit_record visit;    /* wiped by record_wipe */
    buffer encounter_text; /* the bytes that the doctor signed */
    refusal refused;       /* status 0 while nothing is wrong */
} record;

/* Reads a record that peer has sent. False: refused says why not. */
bool record_read(const http_peer *peer, bytes text, record *out);
/* The doctor's signature and the evidence, and that they belong together and to the sender. False: likewise. */
bool record_verify(const history *h, int64_t now, record *r);
void record_wipe(record *r);
