/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* BER-TLV: every object lies inside what it was read from, and is the same when written again. */
#include "fuzz.h"

#include "iso7816/tlv.h"

#define DEPTH_MAX 20
#define CONSTRUCTED 0x20

static bool is_constructed(uint32_t tag) {
    while (tag > 0xFF)
        tag >>= 8;
    return tag & CONSTRUCTED;
}

static void check_object(const tlv *object) {
    buffer written = BUFFER_INIT(70000);
    bytes rest;
    tlv again;
    FUZZ_REQUIRE(tlv_append(&written, object->tag, object->value) == RESULT_OK);
    size_t whole = 0;
    FUZZ_REQUIRE(tlv_whole_length(buffer_bytes(&written), &whole) == RESULT_OK && whole == written.length);
    rest = buffer_bytes(&written);
    FUZZ_REQUIRE(tlv_next(&rest, &again) == RESULT_OK && rest.length == 0);
    FUZZ_REQUIRE(again.tag == object->tag && bytes_equal(again.value, object->value));
    buffer_wipe(&written);
}

static void walk(bytes level, int depth) {
    bytes rest = level, found;
    tlv object;
    while (tlv_next(&rest, &object) == RESULT_OK) {
        FUZZ_REQUIRE(object.value.length < level.length);
        check_object(&object);
        FUZZ_REQUIRE(tlv_find(level, object.tag, &found) == RESULT_OK);
        if (is_constructed(object.tag) && depth < DEPTH_MAX)
            walk(object.value, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t whole;
    tlv_whole_length(bytes_of(data, size), &whole);
    walk(bytes_of(data, size), 0);
    return 0;
}
