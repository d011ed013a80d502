/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card-applications-maker.h"

#include "iso7816/tlv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void put_text(const card_image_maker *maker, const char *name, const char *text) {
    card_image_put(maker, name, text, strlen(text));
}

/* An object of this tag with text as its value. */
static void put_object(const card_image_maker *maker, const char *name, uint32_t tag, const char *text) {
    buffer object = BUFFER_INIT(1024);
    assert_int_equal(tlv_append(&object, tag, bytes_of(text, strlen(text))), RESULT_OK);
    card_image_put(maker, name, object.data, object.length);
    buffer_wipe(&object);
}

static void add_input_support(card_image_maker *maker) {
    put_object(maker, "apps/input-support/0001", 0xFF10, MAKER_NUMBER);
    put_object(maker, "apps/input-support/0002", 0xFF20, "items");
    put_object(maker, "apps/input-support/0003", 0xFF30, "signed");
    card_image_put(maker, "apps/input-support/0004", maker->holder_cvc, CVC_LENGTH);
    put_object(maker, "apps/input-support/0005", 0xFF40, "information");
    put_object(maker, "apps/input-support/0006", 0xA1, "transport");
    put_object(maker, "apps/input-support/0007", 0xFF50, "internal");
    card_image_put_key(maker, "apps/input-support/0006.pem", maker->holder);
    card_image_put_key(maker, "apps/input-support/0013.pem", maker->intermediate);
    put_text(maker, "pin/input-support-pin", MAKER_INPUT_PIN);
    put_text(maker, "pin/input-support-a", MAKER_NUMBER);
    put_text(maker, "pin/input-support-b", MAKER_FACE_NUMBER);
}

static void add_card_face(card_image_maker *maker) {
    put_object(maker, "apps/card-face/0001", 0xFF10, "birth");
    put_object(maker, "apps/card-face/0002", 0xFF20, "face");
    put_object(maker, "apps/card-face/0003", 0xFF30, "information");
    card_image_put(maker, "apps/card-face/0004", maker->holder_cvc, CVC_LENGTH);
    put_object(maker, "apps/card-face/0005", 0xFF40, "number");
    card_image_put_key(maker, "apps/card-face/001A.pem", maker->root);
    put_text(maker, "pin/card-face-birth", "550217");
    put_text(maker, "pin/card-face-b", MAKER_FACE_NUMBER);
    put_text(maker, "pin/card-face-a", MAKER_NUMBER);
}

static void add_common_and_resident(card_image_maker *maker) {
    card_image_put(maker, "apps/common/0001",
                   "\x01\x03"
                   "one"
                   "\x02\x03"
                   "two"
                   "\x03\x05"
                   "three",
                   17);
    card_image_put_key(maker, "apps/common/0019.pem", maker->holder);
    put_text(maker, "pin/common-pin", "2222");
    card_image_put(maker, "apps/common/0002",
                   "\x01\x03"
                   "key",
                   5);
    card_image_put(maker, "apps/resident/0002",
                   "\x01\x03"
                   "key",
                   5);
    put_text(maker, "pin/resident-pin", "3333");
}

/* Values, as GET DATA gives them. */
static void add_issuer_domain(card_image_maker *maker) {
    static const char *const names[] = {"0042", "0045", "0066", "00F0", "00F2", "00F7", "5F51"};
    char name[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(name, sizeof name, "apps/issuer-domain/%s", names[i]);
        put_text(maker, name, names[i]);
    }
    card_image_put(maker, "apps/issuer-domain/7F21", maker->holder_cvc + 5, CVC_LENGTH - 5);
    put_text(maker, "apps/issuer-domain/00F8", "certificate");
}

void card_image_add_applications(card_image_maker *maker) {
    add_input_support(maker);
    add_card_face(maker);
    add_common_and_resident(maker);
    add_issuer_domain(maker);
}
