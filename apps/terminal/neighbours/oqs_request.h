/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A receipt computer's request for a patient's eligibility, as an XML file (docs/interfaces/neighbours.md). */
#pragma once

#include "base/buffer.h"
#include "base/clock.h"
#include "neighbours/text_encoding.h"

#define OQS_FILE_MAX (256 * 1024)
#define OQS_TEXT_SIZE 129 /* of an item */

typedef struct oqs_request {
    text_encoding encoding;              /* of the file, and of its answer */
    char institution[OQS_TEXT_SIZE];     /* MedicalInstitutionCode */
    char file_identifier[OQS_TEXT_SIZE]; /* ArbitraryFileIdentifier; may be empty */
    char day[CLOCK_DATE_SIZE];           /* QualificationConfirmationDate; empty: today */
    char insurer_number[OQS_TEXT_SIZE], symbol[OQS_TEXT_SIZE], number[OQS_TEXT_SIZE], branch[OQS_TEXT_SIZE];
    char birth_date[CLOCK_DATE_SIZE];
} oqs_request;

/* Reads one. The file is not trusted: no document type, no entities beyond XML's own, no network, no text longer than
 * its member. RESULT_INVALID: it is no such request; out->encoding and the members read before are valid all the same,
 * so that the refusal can be written. */
result oqs_request_read(bytes file, oqs_request *out);
