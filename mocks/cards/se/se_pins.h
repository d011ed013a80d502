/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The activation PIN and its PUK: values and try counters as in reference_value.h. */
#pragma once

#include "iso7816/status_word.h"
#include "reference_value.h"

#define SE_PIN_ROOM                                                                                                    \
    REFERENCE_VALUE_MAX /* reference data are filled up with 00 to this length by the host, or come as they are */

typedef enum se_pin_name { SE_PIN, SE_PUK, SE_PIN_COUNT } se_pin_name;

typedef struct se_pin {
    reference_value reference;
    bool set; /* has a value */
} se_pin;

typedef struct se_pins {
    se_pin all[SE_PIN_COUNT];
    bool verified; /* volatile: the activation PIN has been given since the last reset */
    bool officer;  /* volatile: the PUK has; it allows a new PIN and nothing else */
} se_pins;

/* Reads values and try counters; RESULT_INVALID: damaged. Wipe with se_pins_wipe. */
result se_pins_load(se_pins *pins, const char *state_folder);
void se_pins_wipe(se_pins *pins);

/* From here on files and keys are protected: the PIN has been set. */
bool se_pins_operational(const se_pins *pins);

/* VERIFY: 9000, 63Cx, 6983 blocked, 6985 not set, 6A80 for what no PIN can be (no try spent), 6581. */
status_word se_pin_verify(se_pins *pins, se_pin_name name, bytes candidate);
/* Without data: 9000 when verified, else 63Cx, 6983 when blocked. */
status_word se_pin_query(const se_pins *pins, se_pin_name name);
/* First value, during personalisation: the PUK before the PIN. The new PIN counts as verified. */
status_word se_pin_set(se_pins *pins, se_pin_name name, bytes value);
/* CHANGE REFERENCE DATA: old and new value. */
status_word se_pin_change(se_pins *pins, bytes old, bytes fresh);
/* RESET RETRY COUNTER: PUK and new PIN. The PIN must still be given after that. */
status_word se_pin_unblock(se_pins *pins, bytes puk, bytes fresh);
/* RESET RETRY COUNTER after the PUK was given to VERIFY: 6982 when it was not. Serves once. */
status_word se_pin_renew(se_pins *pins, bytes fresh);
/* Reset or logout. */
void se_pins_forget(se_pins *pins, se_pin_name name);
