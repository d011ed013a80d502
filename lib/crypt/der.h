/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A walker over DER (ISO/IEC 8825-1 10): definite lengths in their shortest form and tags of one byte only. It never
 * reads outside its input and copies nothing. The first failure is stored in a cell that a reader shares with the
 * readers entered from it: a chain of steps needs one check at its end, and after a failure every step returns empty
 * bytes. */
#pragma once

#include "base/bytes.h"
#include "base/result.h"

/* ISO/IEC 8824-1 8.6; context n is [n]. */
#define DER_BOOLEAN 0x01
#define DER_INTEGER 0x02
#define DER_BIT_STRING 0x03
#define DER_OCTET_STRING 0x04
#define DER_NULL 0x05
#define DER_OBJECT_IDENTIFIER 0x06
#define DER_UTC_TIME 0x17
#define DER_GENERALIZED_TIME 0x18
#define DER_SEQUENCE 0x30
#define DER_SET 0x31
#define DER_CONTEXT(n) (0xA0 | (n)) /* constructed */

typedef struct der_reader {
    bytes rest;
    result *failed; /* RESULT_OK before the first step. RESULT_INVALID, RESULT_TRUNCATED, or RESULT_UNSUPPORTED: an
                       indefinite length, so that this is BER and not DER */
} der_reader;

/* Begins at the first value. data must live as long as the reader and its results; *failed starts as RESULT_OK. */
der_reader der_over(bytes data, result *failed);

/* Whether there is a next value and it has this tag. */
bool der_is(const der_reader *d, uint8_t tag);
/* Whether another value follows. */
bool der_has_more(const der_reader *d);

/* The next value, which must have this tag: its content, or the whole with its header. */
bytes der_take(der_reader *d, uint8_t tag);
bytes der_take_whole(der_reader *d, uint8_t tag);
/* The same of any tag. */
bytes der_take_any(der_reader *d);
/* A reader of the next value's content. */
der_reader der_enter(der_reader *d, uint8_t tag);
/* Fails unless everything was read. */
void der_end(const der_reader *d);
/* Fails with RESULT_INVALID, or the given result, unless it failed before. */
void der_require(const der_reader *d, bool condition);
void der_fail(const der_reader *d, result why);

/* 11.6: the encodings of a SET OF ascend, the shorter padded with zeros; two equal ones are no set. former is empty
 * before the first. */
bool der_ascends(bytes former, bytes next);

/* An INTEGER in its shortest form (8.3.2), and one of which only a small number is allowed. */
bytes der_take_integer(der_reader *d);
void der_expect_number(der_reader *d, uint8_t number);

/* An OBJECT IDENTIFIER's content, in the shortest form (8.19). */
bytes der_take_identifier(der_reader *d);

/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 writes them: seconds there, no fractions, Z. Seconds since 1970. */
int64_t der_take_time(der_reader *d);

/* Reads the rest and fails unless it is DER on all levels. Its content is not needed, but must not be rejected by other
 * parsers. */
void der_pass(der_reader *d);
