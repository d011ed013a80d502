/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading and writing of JSON for the FHIR resources: strict, bounded, with a message that names the faulty element. */
#pragma once

#include "base/buffer.h"

#include <jansson.h>

#define FHIR_PROBLEM_MAX 160

/* What is wrong with a message, for an OperationOutcome; an empty text when nothing is. */
typedef struct fhir_problem {
    char text[FHIR_PROBLEM_MAX];
} fhir_problem;

/* Records the first problem only and returns RESULT_INVALID. */
result fhir_complain(fhir_problem *problem, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One JSON object, no duplicate keys, valid UTF-8 (RFC 8259). NULL after fhir_complain. The caller json_decref's. */
json_t *fhir_parse(bytes text, fhir_problem *problem);

/* Canonical text: keys sorted, no white space, UTF-8. Appends. */
result fhir_dump(const json_t *value, buffer *text);
/* The same for a new value, which it frees; NULL, json_pack's result for a text that is not UTF-8: RESULT_INVALID. */
result fhir_dump_and_free(json_t *value, buffer *text);

/* Steps down: a path of object keys and array indexes, "identifier.0.value". NULL when it leads nowhere: an
 * index leads only into an array, a name only into an object. */
const json_t *fhir_at(const json_t *root, const char *path);

/* Copies a text of 1 to size - 1 bytes without control characters. RESULT_INVALID after fhir_complain. */
result fhir_text(const json_t *root, const char *path, char *text, size_t size, fhir_problem *problem);
/* The same, but may be absent: then an empty text. */
result fhir_optional_text(const json_t *root, const char *path, char *text, size_t size, fhir_problem *problem);
/* Copies the text of a member of this name, as far as there is room; "" when there is no text. For what we have written
 * ourselves, and sealed. */
void fhir_copy(const json_t *object, const char *name, char *text, size_t size);
/* Adds a member of this name, unless the text is empty. */
void fhir_set_text(json_t *object, const char *name, const char *text);
/* The member must be exactly this text. */
result fhir_expect(const json_t *root, const char *path, const char *text, fhir_problem *problem);
/* Base64 content, at most the buffer's bound. Appends. */
result fhir_base64(const json_t *root, const char *path, buffer *data, fhir_problem *problem);

/* The extension with this url in root's extension list, or NULL. */
const json_t *fhir_extension(const json_t *root, const char *url);

/* The array when all of its count elements could be made and appended; else NULL, and the array is freed. */
json_t *fhir_array_of(json_t *array, size_t count);

/* A JSON string of the data in base64, or NULL. */
json_t *fhir_base64_string(bytes data);
