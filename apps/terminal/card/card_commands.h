/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands that use a card, but not for a reception: a person's data, a signature under a document. */
#pragma once

#include "core/terminal.h"

/* `person`: shows the patient's name, address, birth date and sex from the card, after its PIN. */
outcome person_command(terminal *t);
/* Whether a PIN is worth asking for: the role permits it, and a card is there. */
outcome person_before_pin(terminal *t);
/* `signature make`: signs a file with the card's signature key (CAdES), after the signature PIN. */
outcome signature_make_command(terminal *t);
/* Whether a PIN is worth asking for: the role permits it. */
outcome signature_before_pin(terminal *t);
/* `signature verify`: checks such a signature. Refused when it or its certificate is not valid. */
outcome signature_verify_command(terminal *t);
