/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The CA certificates that the administrator has named (option trust_anchors): one of them may replace a card's copy of
 * it. This does not weaken trust: the certificate is configured, and it has signed the card's own certificate. */
#pragma once

#include "base/buffer.h"

/* path: a folder, whose regular files NAME.pem and NAME.crt are read, or one file; certificates in PEM, other content
 * is skipped. Bounds: 256 entries of a folder and 64 certificates, beyond which none is used; files over 64 KiB are
 * skipped. Links in the folder are not followed.
 *
 * Appends the DER of the one that has signed leaf (DER): its name, key, key usage and basic constraints are those of
 * leaf's issuer (RFC 5280, 4.2.1.3 and 4.2.1.9) and the signature verifies. Validity is not checked; the program that
 * builds a chain checks it. RESULT_NOT_FOUND, with nothing appended: there is none; there are several, so the card's is
 * unknown; or OpenSSL was cleaned up in this process. */
result anchors_find_issuer(const char *path, bytes leaf, buffer *issuer);
