/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The statement inside evidence: docs/interfaces/evidence.md, field by field. Fixed-size texts, NUL-terminated; an
 * empty text is JSON's null where the document allows null. */
#pragma once

#include "base/buffer.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "crypt/certificate.h"
#include "iso7816/institution_message.h"

#define STATEMENT_MAX 8192 /* bytes of JSON */
#define STATEMENT_TEXT_MAX 65
#define STATEMENT_CODE_SIZE 11 /* institution code: 10 digits and NUL */
#define STATEMENT_NONCE_LENGTH 32
#define STATEMENT_HASH_SIZE 65 /* SHA-256 in capital hexadecimal and NUL */

typedef enum statement_mode { STATEMENT_OFFLINE, STATEMENT_ONLINE } statement_mode;
typedef enum statement_grade {
    STATEMENT_PENDING,
    STATEMENT_PROVISIONAL_A,
    STATEMENT_PROVISIONAL_B,
    STATEMENT_PROVISIONAL_C,
} statement_grade;

/* How the holder was identified, as the terminal states it: what was not asked is not claimed. */
typedef enum statement_identified {
    STATEMENT_NOT_ASKED,
    STATEMENT_BY_FACE,   /* staff compared the face with the card's photograph */
    STATEMENT_BY_PIN,    /* the card accepted the holder's PIN */
    STATEMENT_BY_NOBODY, /* asked, and the holder was not identified */
} statement_identified;

/* The terminal's clock beside the platform's, which signs its time on request (docs/interfaces/http.md, time beacon).
 * CLOCK_BOOTTIME, which cannot be set, extends it. Whole seconds. */
#define STATEMENT_CLOCK_MAX INT64_C(1000000000000) /* seconds, either way */
typedef struct statement_clock {
    char beacon[CLOCK_TEXT_SIZE]; /* the platform's time when it was last received; empty: never */
    bool restarted;               /* since then: the three below are unknown, and 0 */
    int64_t age;                  /* since it was received, by CLOCK_BOOTTIME */
    int64_t offset;               /* how far the terminal's clock was ahead of it then */
    int64_t jump;                 /* by how much the terminal's clock has been set ahead since */
} statement_clock;

typedef struct statement {
    /* 1 (without the platform's clock) or 2 (without holderIdentified): only read; 0: the present one, 3 */
    int older_version;
    char evidence_id[UUID_TEXT_SIZE];
    statement_mode mode;
    char institution_code[STATEMENT_CODE_SIZE];
    uint8_t holder_reference[CVC_REFERENCE_LENGTH];
    char terminal_id[STATEMENT_TEXT_MAX];
    char se_serial[STATEMENT_TEXT_MAX]; /* offline only */
    uint32_t se_counter;                /* offline only */
    char operator_id[STATEMENT_TEXT_MAX];
    char service_date[CLOCK_DATE_SIZE];
    char terminal_time[CLOCK_TEXT_SIZE];
    bool clock_synchronised;
    statement_clock clock;
    char last_platform_contact[CLOCK_TEXT_SIZE]; /* empty: never */
    char card_id[INSTITUTION_CARD_ID_LENGTH + 1];
    uint8_t challenge[INSTITUTION_CHALLENGE_LENGTH];
    uint8_t institution_signature[INSTITUTION_SIGNATURE_LENGTH];
    char patient_issuer[CRYPT_NAME_MAX];
    char patient_serial[CRYPT_SERIAL_MAX];
    statement_grade grade;
    statement_identified identified;
    char session[UUID_TEXT_SIZE];                /* online only */
    uint8_t nonce[STATEMENT_NONCE_LENGTH];       /* online only */
    char previous_evidence[STATEMENT_HASH_SIZE]; /* empty: the terminal's first */
} statement;

/* Appends the canonical JSON: keys sorted, no white space, UTF-8. RESULT_INVALID when a field has a wrong form. */
result statement_write(const statement *s, buffer *json);

/* Strict: every field once in its form, no other fields, and exactly the bytes that statement_write makes. *field: the
 * name of the first field at fault, static text; may be NULL. */
result statement_read(bytes json, statement *out, const char **field);

/* The words of the document: "offline", "provisional-a". */
const char *statement_mode_text(statement_mode mode);
const char *statement_grade_text(statement_grade grade);
const char *statement_identified_text(statement_identified identified);
/* False: no such word. */
bool statement_identified_of(const char *text, statement_identified *out);
