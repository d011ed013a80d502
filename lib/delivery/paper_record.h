/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A reception without a card: what a paper says, or that there is none. It has no evidence: nothing proves that the
 * patient was there, nothing is sent to the platform. Sealed like every record; RECORD_WITHOUT_CARD, STATE_RECEIVED. */
#pragma once

#include "delivery/insurance_number.h"
#include "delivery/sealed_record.h"

/* What the patient has shown. */
typedef enum paper_kind {
    PAPER_CERTIFICATE, /* 資格確認書 */
    PAPER_NOTICE,      /* 資格情報のお知らせ */
    PAPER_STATEMENT,   /* 被保険者資格申立書 */
    PAPER_WELFARE,     /* 医療券 (生活保護) */
    PAPER_SELF_PAY,    /* 自費: nothing */
    PAPER_KINDS
} paper_kind;

/* The word for programs and the command line: "certificate" ... */
const char *paper_kind_word(paper_kind kind);
/* RESULT_INVALID: no such word. */
result paper_kind_read(const char *word, paper_kind *out);

typedef struct paper_record {
    char id[UUID_TEXT_SIZE];
    int64_t at;
    paper_kind kind;
    char insurer_number[INSURANCE_NUMBER_SIZE]; /* 保険者番号; of PAPER_WELFARE 公費負担者番号 */
    char symbol[INSURANCE_TEXT_SIZE];           /* 記号 */
    char number[INSURANCE_TEXT_SIZE];           /* 番号; of PAPER_WELFARE 受給者番号 */
    char branch[3];                             /* 枝番 */
    char valid_to[CLOCK_DATE_SIZE];             /* its last day; "" none is printed */
    char operator_id[FHIR_WORD_SIZE];           /* who has seen it */
    desk_note note;
} paper_record;

/* Stores a new one. */
result paper_record_add(store_access *s, const paper_record *record);
/* Stores its new content. */
result paper_record_replace(store_access *s, const paper_record *record);
/* RESULT_NOT_FOUND: no reception without a card. */
result paper_record_get(store_access *s, const char *id, paper_record *out);
