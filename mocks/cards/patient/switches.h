/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How this card differs from others of its kind, as far as public sources disagree or cards in the field do: the
 * image's file "switches", lines of a name and a value. */
#pragma once

#include "base/bytes.h"
#include "base/result.h"

typedef struct card_switches {
    bool reselect_keeps; /* reselect keep: SELECT of the application that is selected already keeps what was proved */
    bool t0;             /* transmission t0: 61xx and 6Cxx as over T=0, on the contact interface */
    bool no_extended;    /* extended off: extended length fields are refused */
    bool no_certificate; /* user-certificate gone: nothing but filler in its file, as before it is written */
    bool chaining;       /* chaining on: command chaining, which no public source says the card has */
    bool empty_verify_tells; /* empty-verify state: VERIFY without data is 9000 when the PIN is verified */
    bool atr_inside_only;    /* contact-atr applications: GET DATA 5F51 answers when an application is selected only */
} card_switches;

/* RESULT_INVALID for a line that is none of "reselect clear|keep", "transmission t1|t0", "extended on|off",
 * "user-certificate there|gone", "chaining off|on", "empty-verify tries|state",
 * "contact-atr everywhere|applications". */
result card_switches_parse(bytes text, card_switches *switches);
