/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One result type for everything inside Uketsuke. Foreign codes (status words of cards, CK_RV, HTTP status) are
 * separate types and mapped at one place per boundary. */
#pragma once

typedef enum result {
    RESULT_OK = 0,
    RESULT_INVALID,       /* an argument or outside data is malformed */
    RESULT_TOO_LONG,      /* a length exceeds its documented bound */
    RESULT_TRUNCATED,     /* outside data ends too early */
    RESULT_NOT_FOUND,     /* the requested object does not exist */
    RESULT_EXISTS,        /* the new object exists already, with other content */
    RESULT_REFUSED,       /* refused by a peer or a rule */
    RESULT_DENIED,        /* credentials are wrong or missing */
    RESULT_BLOCKED,       /* a PIN or key has no tries left */
    RESULT_EXPIRED,       /* outside its validity */
    RESULT_BAD_SIGNATURE, /* a signature or MAC does not verify */
    RESULT_REMOVED,       /* card, reader or peer was removed or disconnected */
    RESULT_TIMEOUT,       /* no answer before the deadline */
    RESULT_UNAVAILABLE,   /* a service is unreachable or has no capacity */
    RESULT_IO,            /* reading or writing failed; see errno */
    RESULT_NO_MEMORY,
    RESULT_UNSUPPORTED,
    RESULT_KEY,      /* a public key of a kind or size that is not accepted (crypt/key_rule.h) */
    RESULT_INTERNAL, /* a bug, or a library failed in an unexpected way */
} result;

/* A short English phrase, for logs; never NULL. Programs with translations have it in their catalogue. */
const char *result_text(result code);
