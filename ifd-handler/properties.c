/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "properties.h"

#include <ifdhandler.h>
#include <reader.h>
#include <string.h>

#define VENDOR "Uketsuke"
#define MODEL "cardlink"
#define VERSION 0x00010000 /* 0xMMmmbbbb */
#define PART10_DATA_MAX 65536

/* CCID readers of pcsc-lite number this code the same way, outside the codes of the PC/SC standard. */
#define IOCTL_TLV_PROPERTIES SCARD_CTL_CODE(0x330000 + FEATURE_GET_TLV_PROPERTIES)

/* Numbers between pcscd and the handler are in host byte order. */
static result put_u32(buffer *out, uint32_t value) {
    return buffer_append(out, bytes_of(&value, sizeof value));
}

static result put_atr(slot *s, buffer *out) {
    uint8_t atr[CARDLINK_ATR_MAX];
    size_t length = slot_atr(s, atr);
    return length == 0 ? RESULT_NOT_FOUND : buffer_append(out, bytes_of(atr, length));
}

static result put_presence(slot *s, buffer *out) {
    uint8_t atr[CARDLINK_ATR_MAX];
    /* 0 no card, 2 present, not swallowed. Without power pcscd's own state is better. */
    return buffer_append_u8(out, slot_atr(s, atr) > 0 ? 2 : 0);
}

static result put_contact(slot *s, buffer *out) {
    uint8_t atr[CARDLINK_ATR_MAX];
    return buffer_append_u8(out, slot_atr(s, atr) > 0);
}

static result put_vendor(slot *s, buffer *out) {
    (void)s;
    return buffer_append(out, BYTES(VENDOR));
}

static result put_model(slot *s, buffer *out) {
    (void)s;
    return buffer_append(out, BYTES(MODEL));
}

static result put_version(slot *s, buffer *out) {
    (void)s;
    return put_u32(out, VERSION);
}

static result put_most_input(slot *s, buffer *out) {
    (void)s;
    return put_u32(out, CARDLINK_COMMAND_MAX);
}

static result put_wait_function(slot *s, buffer *out) {
    (void)s;
    return buffer_append(out, bytes_of(&property_functions.wait, sizeof property_functions.wait));
}

static result put_stop_function(slot *s, buffer *out) {
    (void)s;
    return buffer_append(out, bytes_of(&property_functions.stop, sizeof property_functions.stop));
}

/* A row has a function, or the one byte in fixed. */
static const struct capability {
    uint32_t tag;
    bool of_a_slot;
    uint8_t fixed;
    result (*put)(slot *s, buffer *out);
} capabilities[] = {
    {TAG_IFD_SIMULTANEOUS_ACCESS, false, PROPERTIES_READERS_MAX, NULL},
    {TAG_IFD_THREAD_SAFE, false, 1, NULL}, /* readers do not block each other */
    {TAG_IFD_SLOT_THREAD_SAFE, false, 1, NULL},
    {TAG_IFD_SLOTS_NUMBER, false, 1, NULL},
    {TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, false, 0, put_wait_function},
    {TAG_IFD_STOP_POLLING_THREAD, false, 0, put_stop_function},
    {TAG_IFD_POLLING_THREAD_KILLABLE, false, 0, NULL},
    {TAG_IFD_ATR, true, 0, put_atr},
    {SCARD_ATTR_ATR_STRING, true, 0, put_atr},
    {SCARD_ATTR_ICC_PRESENCE, true, 0, put_presence},
    {SCARD_ATTR_ICC_INTERFACE_STATUS, true, 0, put_contact},
    {SCARD_ATTR_VENDOR_NAME, false, 0, put_vendor},
    {SCARD_ATTR_VENDOR_IFD_TYPE, false, 0, put_model},
    {SCARD_ATTR_VENDOR_IFD_VERSION, false, 0, put_version},
    {SCARD_ATTR_MAXINPUT, false, 0, put_most_input},
};

result properties_of_tag(uint32_t tag, slot *s, buffer *out) {
    for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++) {
        const struct capability *row = &capabilities[i];
        if (row->tag != tag)
            continue;
        if (row->of_a_slot && s == NULL)
            return RESULT_NOT_FOUND;
        return row->put != NULL ? row->put(s, out) : buffer_append_u8(out, row->fixed);
    }
    return RESULT_NOT_FOUND;
}

/* PC/SC part 10, 2.2: feature, length 4, control code (big endian). */
static result list_features(buffer *out) {
    buffer_append_u8(out, FEATURE_GET_TLV_PROPERTIES);
    buffer_append_u8(out, 4);
    buffer_append_u32(out, IOCTL_TLV_PROPERTIES);
    return out->failed;
}

static void put_property(buffer *out, uint8_t tag, bytes value) {
    buffer_append_u8(out, tag);
    buffer_append_u8(out, (uint8_t)value.length);
    buffer_append(out, value);
}

/* PC/SC part 10, 2.6.14: numbers are little endian here. */
static result list_properties(buffer *out) {
    static const uint8_t no_display[] = {0, 0};
    static const uint8_t none[] = {0};
    static const uint8_t data_max[] = {PART10_DATA_MAX & 0xFF, PART10_DATA_MAX >> 8 & 0xFF,
                                       PART10_DATA_MAX >> 16 & 0xFF, PART10_DATA_MAX >> 24 & 0xFF};
    put_property(out, PCSCv2_PART10_PROPERTY_wLcdLayout, BYTES(no_display));
    put_property(out, PCSCv2_PART10_PROPERTY_sFirmwareID, bytes_of(VENDOR " " MODEL, strlen(VENDOR " " MODEL)));
    put_property(out, PCSCv2_PART10_PROPERTY_bPPDUSupport, BYTES(none));
    put_property(out, PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize, BYTES(data_max));
    return out->failed;
}

static const struct control {
    uint32_t code;
    result (*answer)(buffer *out);
} controls[] = {
    {CM_IOCTL_GET_FEATURE_REQUEST, list_features},
    {IOCTL_TLV_PROPERTIES, list_properties},
};

result properties_control(uint32_t code, buffer *out) {
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        if (controls[i].code == code)
            return controls[i].answer(out);
    return RESULT_UNSUPPORTED;
}
