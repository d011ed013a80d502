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

void card_image_add_applications(card_image_maker *maker) {
    add_input_support(maker);
}
