/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A set of trust anchors as files: five CAs, their revocation lists, and all roots in one file for auditors. */
#pragma once

#include "base/buffer.h"

/* Both folders are there. A CA's certificate or roots.pem is missing: RESULT_NOT_FOUND; a revocation list that is not
 * in from is taken away in to. */
result anchors_set_copy(const char *from, const char *to);

/* Appends a line for each file, its name and hash: so that changes of the files between the two administrators are
 * detected. */
result anchors_set_describe(const char *folder, buffer *out);
/* Whether two descriptions name the same CA certificates, with the same hashes; revocation lists may differ. */
bool anchors_set_same_authorities(const char *a, const char *b);
