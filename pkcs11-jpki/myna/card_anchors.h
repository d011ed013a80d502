/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The CA certificates that the administrator has named (option trust_anchors): one of them may stand for a card's copy
 * of it. Nobody gains by that: only what is configured, and has signed the card's own certificate, is ever given
 * out. */
#pragma once

#include "base/buffer.h"

/* path: a folder, whose regular files NAME.pem and NAME.crt are read, or one file; certificates in PEM, whatever else
 * is in the files is passed over. Bounds: 256 entries of a folder and 64 certificates, beyond which none is taken, and
 * 64 KiB for a file, which is passed over when it is longer. Links in the folder are not followed.
 *
 * Appends the DER of the one that has signed leaf (DER): its name, key, key usage and basic constraints are those of
 * leaf's issuer (RFC 5280, 4.2.1.3 and 4.2.1.9) and the signature verifies. Its time of validity does not matter: who
 * builds a chain looks at it. RESULT_NOT_FOUND: there is none; there are several, so that it cannot be known which one
 * is on the card; or OpenSSL has ended in this process. Nothing is appended then. */
result anchors_find_issuer(const char *path, bytes leaf, buffer *issuer);
