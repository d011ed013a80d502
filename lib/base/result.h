/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One result type for everything inside Uketsuke. Codes of others (status words of cards, CK_RV, HTTP status) are
 * never mixed into it: they are kept beside it and mapped at one place per boundary. */
#pragma once

typedef enum result {
    RESULT_OK = 0,
    RESULT_INVALID,       /* an argument or outside data is malformed */
    RESULT_TOO_LONG,      /* a length exceeds its documented bound */
    RESULT_TRUNCATED,     /* outside data ends too early */
    RESULT_NOT_FOUND,     /* the thing asked for does not exist */
    RESULT_EXISTS,        /* the thing to be made exists already, with other content */
    RESULT_REFUSED,       /* a peer or a rule said no */
    RESULT_DENIED,        /* credentials are wrong or missing */
    RESULT_BLOCKED,       /* a PIN or key has no tries left */
    RESULT_EXPIRED,       /* outside its validity */
    RESULT_BAD_SIGNATURE, /* a signature or MAC does not verify */
    RESULT_REMOVED,       /* card, reader or peer went away */
    RESULT_TIMEOUT,       /* no answer before the deadline */
    RESULT_UNAVAILABLE,   /* a service cannot be reached or has no capacity */
    RESULT_IO,            /* reading or writing failed; errno tells more */
    RESULT_NO_MEMORY,
    RESULT_UNSUPPORTED,
    RESULT_KEY,      /* a public key of a kind or size that is not worked with (crypt/key_rule.h) */
    RESULT_INTERNAL, /* a bug, or a library failed in an unexpected way */
} result;

/* A short English phrase, for logs; never NULL. A program that speaks another language finds it in its catalogue. */
const char *result_text(result code);
