/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Base64 content taken out of a message before its JSON is parsed. Evidence is nearly all of a batch, and jansson,
 * which looks at each character by itself, needed as long for it as two signatures need. Which of the two ways content
 * goes makes no difference to what is accepted. */
#pragma once

#include "fhir/json.h"

typedef struct fhir_attachments fhir_attachments;

/* Parses text as fhir_parse does. What stands compactly, as fhir_dump writes it, under "valueBase64Binary" and is
 * canonical base64 is kept aside, decoded, each at most most bytes; all else is parsed. *out belongs to the caller also
 * after failure. NULL when text is not JSON, or memory is out. */
json_t *fhir_parse_with_attachments(bytes text, size_t max, fhir_attachments **out, fhir_problem *problem);
void fhir_attachments_free(fhir_attachments **all);

/* root.valueBase64Binary, as fhir_base64 gives it. Appends. all may be NULL. */
result fhir_attachment(const fhir_attachments *all, const json_t *root, buffer *data, fhir_problem *problem);
