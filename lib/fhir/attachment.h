/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Base64 content taken out of a message before its JSON is parsed. A batch is mostly evidence, and jansson, which
 * handles each character separately, took as long as two signatures for it. Both ways accept the same content. */
#pragma once

#include "fhir/json.h"

typedef struct fhir_attachments fhir_attachments;

/* Parses text as fhir_parse does. A member "valueBase64Binary" in the compact form of fhir_dump, with canonical base64,
 * is decoded and kept apart, at most max bytes each; all else is parsed. *out belongs to the caller also after failure.
 * NULL: text is not JSON, or out of memory. */
json_t *fhir_parse_with_attachments(bytes text, size_t max, fhir_attachments **out, fhir_problem *problem);
void fhir_attachments_free(fhir_attachments **all);

/* root.valueBase64Binary, as fhir_base64 gives it. Appends. all may be NULL. */
result fhir_attachment(const fhir_attachments *all, const json_t *root, buffer *data, fhir_problem *problem);
