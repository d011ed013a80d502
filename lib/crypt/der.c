/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/der.h"

#include <string.h>
#include <time.h>

#define LENGTH_BYTES_MAX 3
#define DEPTH_MAX 16
#define ARC_MAX 9
#define CONSTRUCTED 0x20

static const bytes nothing = {NULL, 0};

der_reader der_over(bytes data, result *failed) {
    *failed = RESULT_OK;
    return (der_reader){data, failed};
}

void der_fail(const der_reader *d, result why) {
    if (*d->failed == RESULT_OK)
        *d->failed = why;
}

void der_require(const der_reader *d, bool condition) {
    if (!condition)
        der_fail(d, RESULT_INVALID);
}

bool der_has_more(const der_reader *d) {
    return *d->failed == RESULT_OK && d->rest.length > 0;
}

bool der_is(const der_reader *d, uint8_t tag) {
    return der_has_more(d) && d->rest.data[0] == tag;
}

/* 8.1.3 with the limits of 10.1: no indefinite form, no longer form than needed. */
static result read_length(bytes data, size_t *header, size_t *length) {
    if (data.length < 2)
        return RESULT_TRUNCATED;
    size_t count = data.data[1] & 0x7F;
    *header = 2;
    *length = count;
    if (data.data[1] < 0x80)
        return RESULT_OK;
    if (count == 0 || count > LENGTH_BYTES_MAX)
        return count == 0 ? RESULT_UNSUPPORTED : RESULT_INVALID;
    if (data.length < 2 + count)
        return RESULT_TRUNCATED;
    *header += count;
    *length = 0;
    for (size_t i = 0; i < count; i++)
        *length = *length << 8 | data.data[2 + i];
    return *length >= 0x80 && data.data[2] != 0 ? RESULT_OK : RESULT_INVALID;
}

/* The value at the start of data. */
static result measure(bytes data, size_t *header, size_t *length) {
    if (data.length > 0 && (data.data[0] & 0x1F) == 0x1F) /* tags of several bytes are not used here */
        return RESULT_INVALID;
    result code = read_length(data, header, length);
    return code == RESULT_OK && *length > data.length - *header ? RESULT_TRUNCATED : code;
}

static bytes take(der_reader *d, bool whole) {
    size_t header = 0, length = 0;
    result code = *d->failed == RESULT_OK ? measure(d->rest, &header, &length) : *d->failed;
    if (code != RESULT_OK) {
        der_fail(d, code);
        return nothing;
    }
    bytes out = whole ? bytes_slice(d->rest, 0, header + length) : bytes_slice(d->rest, header, length);
    d->rest = bytes_slice(d->rest, header + length, d->rest.length);
    return out;
}

bytes der_take(der_reader *d, uint8_t tag) {
    der_require(d, der_is(d, tag));
    return take(d, false);
}

bytes der_take_whole(der_reader *d, uint8_t tag) {
    der_require(d, der_is(d, tag));
    return take(d, true);
}

bytes der_take_any(der_reader *d) {
    return take(d, true);
}

der_reader der_enter(der_reader *d, uint8_t tag) {
    return (der_reader){der_take(d, tag), d->failed};
}

void der_end(const der_reader *d) {
    der_require(d, d->rest.length == 0);
}

bool der_ascends(bytes former, bytes next) {
    const size_t common = former.length < next.length ? former.length : next.length;
    const int order = common > 0 ? memcmp(former.data, next.data, common) : -1;
    return order < 0 || (order == 0 && former.length < next.length);
}

/* 8.3.2: the first nine bits are neither all zeros nor all ones. */
static bool is_shortest_integer(bytes number) {
    if (number.length < 2)
        return number.length == 1;
    uint8_t sign = number.data[1] & 0x80 ? 0xFF : 0x00;
    return number.data[0] != sign;
}

bytes der_take_integer(der_reader *d) {
    bytes number = der_take(d, DER_INTEGER);
    der_require(d, is_shortest_integer(number));
    return *d->failed == RESULT_OK ? number : nothing;
}

void der_expect_number(der_reader *d, uint8_t number) {
    bytes found = der_take_integer(d);
    der_require(d, found.length == 1 && found.data[0] == number);
}

static bool read_digits(bytes text, int numbers[], size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *two = text.data + 2 * i;
        if (two[0] < '0' || two[0] > '9' || two[1] < '0' || two[1] > '9')
            return false;
        numbers[i] = 10 * (two[0] - '0') + two[1] - '0';
    }
    return true;
}

/* Century, year, month, day, hour, minute, second: a time that exists. */
static bool count_seconds(const int n[7], int64_t *seconds) {
    struct tm parts = {.tm_year = 100 * n[0] + n[1] - 1900,
                       .tm_mon = n[2] - 1,
                       .tm_mday = n[3],
                       .tm_hour = n[4],
                       .tm_min = n[5],
                       .tm_sec = n[6]};
    struct tm again = parts;
    *seconds = timegm(&again);
    return again.tm_mon == parts.tm_mon && again.tm_mday == parts.tm_mday && again.tm_hour == parts.tm_hour &&
           again.tm_min == parts.tm_min && again.tm_sec == parts.tm_sec;
}

int64_t der_take_time(der_reader *d) {
    bool utc = der_is(d, DER_UTC_TIME);
    bytes text = der_take(d, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME);
    size_t pairs = utc ? 6 : 7;
    int numbers[7] = {0};
    int64_t seconds = -1;
    bool good = text.length == 2 * pairs + 1 && text.data[2 * pairs] == 'Z' &&
                read_digits(text, numbers + 7 - pairs, pairs);
    if (utc)
        numbers[0] = numbers[1] >= 50 ? 19 : 20; /* RFC 5280 4.1.2.5.1 */
    der_require(d, good && count_seconds(numbers, &seconds));
    return *d->failed == RESULT_OK ? seconds : -1;
}

/* 8.19.2: each number of the identifier in the fewest bytes, and here in 63 bits. */
static bool is_identifier(bytes v) {
    size_t length = 0;
    for (size_t i = 0; i < v.length; i++) {
        if (length == ARC_MAX || (length == 0 && v.data[i] == 0x80))
            return false;
        length = v.data[i] < 0x80 ? 0 : length + 1;
    }
    return v.length > 0 && length == 0;
}

bytes der_take_identifier(der_reader *d) {
    bytes identifier = der_take(d, DER_OBJECT_IDENTIFIER);
    der_require(d, is_identifier(identifier));
    return *d->failed == RESULT_OK ? identifier : nothing;
}

/* 8.2, 8.3.2, 8.6.2.2, 8.8, 8.19.2 */
static bool is_primitive_sound(uint8_t tag, bytes v) {
    switch (tag) {
    case 0x01: /* BOOLEAN */ return v.length == 1 && (v.data[0] == 0x00 || v.data[0] == 0xFF);
    case DER_INTEGER:
    case 0x0A: /* ENUMERATED */ return is_shortest_integer(v);
    case 0x03: /* BIT STRING */ return v.length > 0 && v.data[0] < 8;
    case DER_NULL: return v.length == 0;
    case DER_OBJECT_IDENTIFIER: return is_identifier(v);
    case 0x1C: /* UniversalString */ return v.length % 4 == 0;
    case 0x1E: /* BMPString */ return v.length % 2 == 0;
    }
    return tag != (DER_SEQUENCE & ~CONSTRUCTED) && tag != (DER_SET & ~CONSTRUCTED);
}

static void pass(der_reader *d, unsigned depth) {
    der_require(d, depth < DEPTH_MAX);
    while (der_has_more(d)) {
        uint8_t tag = d->rest.data[0];
        bool universal = (tag & 0xC0) == 0;
        der_reader inside = {take(d, false), d->failed};
        if (!(tag & CONSTRUCTED)) {
            der_require(d, !universal || is_primitive_sound(tag, inside.rest));
            continue;
        }
        der_require(d, !universal || tag == DER_SEQUENCE || tag == DER_SET); /* 10.2: strings are primitive */
        pass(&inside, depth + 1);
    }
}

void der_pass(der_reader *d) {
    pass(d, 0);
    d->rest = nothing;
}
