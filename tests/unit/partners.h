/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The right partners and the wrong ones: one generator of CAs, people, institutions and evidence, from which a test
 * plays one wrong thing after the other against a service's checks. Everything in here ends the test when it fails. */
#pragma once

#include "crypt/trust.h"
#include "evidence/evidence.h"
#include "store/terminal_register.h"
#include "test_actor.h"

#define INSTITUTION "1312345678"
#define OTHER_INSTITUTION "9999999999"
#define TERMINAL "T-01"
#define SE_SERIAL "SE-0001"
#define TLS_KEY "AAAA"
#define DOCTOR "D-0001"
#define PARTNERS_DAY 86400

typedef enum partner {
    PATIENT,
    OTHER_PATIENT,
    SE,        /* of INSTITUTION */
    SECOND_SE, /* likewise */
    SE_LOGIN,  /* of INSTITUTION, with a key for logging in only */
    OTHER_INSTITUTIONS_SE,
    PLATFORM, /* signs what the platform states, and challenges online */
    IMPOSTOR, /* of the same CA as the platform */
    THE_DOCTOR,
    SECOND_DOCTOR,
    OTHER_INSTITUTIONS_DOCTOR,
    NURSE,
    DOCTORS_LOGIN,
    PARTNER_COUNT
} partner;

extern actor partners[PARTNER_COUNT];
extern trust *patients, *institutions, *operators;
extern cvc platform_cvc;
extern int64_t now; /* of the group's begin */

/* For cmocka's groups. */
int partners_make(void **state);
int partners_free(void **state);

/* A statement of this mode about the patient, complete but for the signature over the challenge; with a challenge and a
 * counter that no other has. */
statement partners_statement(statement_mode mode);
/* Signs the challenge and the evidence: by the patient and, offline, the SE; online the platform signs the challenge. */
void partners_sign(statement *s, partner patient, partner se, buffer *der);
/* The SE as the register knows it. */
terminal_entry partners_entry(partner se);
