/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A PIN of the patient or operator card: its rule, its value and its try counter (reference_value.h). */
#pragma once

#include "iso7816/status_word.h"
#include "reference_value.h"

#define PIN_MAX REFERENCE_VALUE_MAX

typedef struct pin_rule {
    const char *name;  /* of the image's file pin/<name>; counters are state/<name>-tries, changes state/<name>-pin */
    uint8_t min, max;  /* characters */
    bool digits_only;  /* else capitals and digits, at least one of each */
    uint8_t tries;     /* 0: blocked from the start, and for ever */
    bool unchangeable; /* by CHANGE REFERENCE DATA */
    bool valueless;    /* no value is right */
} pin_rule;

typedef struct pin {
    const pin_rule *rule;
    reference_value reference;
    bool verified;
} pin;

/* From an image folder. *problem (static text) says what is wrong with the image. */
result pin_load(pin *p, const pin_rule *rule, const char *folder, const char **problem);
void pin_wipe(pin *p);

/* VERIFY (ISO/IEC 7816-4 11.5.6) with data: 9000, 63Cx, 6984 when blocked, 6700 for what no PIN can be (no try spent),
 * 6581 when the counter cannot be written (nothing was compared). */
status_word pin_verify(pin *p, bytes candidate);
/* Without data: always 63Cx, also when verified, as on the real card; 63C0 when blocked. */
status_word pin_query(const pin *p);
/* The card's CHANGE REFERENCE DATA carries the new value only: 6982 unless verified, 6A80 against the rule,
 * 6985 when the value cannot be changed. */
status_word pin_change(pin *p, bytes value);
