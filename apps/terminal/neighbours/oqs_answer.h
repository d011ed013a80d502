/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The answer to such a request, as XML. */
#pragma once

#include "neighbours/oqs_request.h"
#include "today/list_row.h"

typedef struct oqs_answer {
    const char *institution;
    int64_t now;
    const list_row *row;        /* NULL: nothing is known, problem says why */
    const char *code, *problem; /* of a refusal */
} oqs_answer;

/* Appends the file, in the request's encoding. */
result oqs_answer_write(const oqs_request *request, const oqs_answer *answer, buffer *file);
