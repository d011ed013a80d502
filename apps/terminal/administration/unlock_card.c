/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `unlock card`: an administrator's card and its PIN instead of the SE's PIN, which is kept in an envelope. The PIN
 * file opens the SE; the card proves that an authorised person of this institution is there. */
#include "administration/administration.h"
#include "administration/dual_control.h"
#include "core/pin_entry.h"
#include "se/se_pin_file.h"
#include "se/secure_element.h"
#include "se/terminal_unlock.h"

#include "base/cleanup.h"

outcome unlock_card_command(terminal *t) {
    CLEANED_BY(administrator_close) administrator who = {0};
    CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    const char *pin_file = t->context.configuration.se_pin_file;
    outcome done = dual_control_authenticate(t, &who);
    if (done == OUTCOME_OK && *pin_file != 0)
        done = se_pin_file_read(pin_file, &pin, &t->context.report);
    return done == OUTCOME_OK ? terminal_unlock_with(t, buffer_bytes(&pin), false) : done;
}
