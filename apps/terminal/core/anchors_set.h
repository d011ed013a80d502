/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A set of trust anchors as files: five CAs, their revocation lists, all roots in one file for auditors, and the root
 * of the certificates that patients' cards are shown. */
#pragma once

#include "base/buffer.h"

#define ANCHORS_CVC_ROOT "cvc-root.cvc"

/* Both folders exist. RESULT_NOT_FOUND: a file is missing. A revocation list that is missing in from is removed in
 * to. */
result anchors_set_copy(const char *from, const char *to);

/* Appends a line for each file, its name and hash: so that changes of the files between the two administrators are
 * detected. A set of an earlier version has no ANCHORS_CVC_ROOT, and no line for it. */
result anchors_set_describe(const char *folder, buffer *out);
/* Whether two descriptions name the same CA certificates and roots, with the same hashes; revocation lists may differ. */
bool anchors_set_same_authorities(const char *a, const char *b);
