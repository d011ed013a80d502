/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cards that a driver has in use, so that their rights can be taken away when OpenSC does not ask for it: at
 * C_Logout (rights_entry.h) and when a process ends without C_Finalize (Java does). */
#pragma once

#include "opensc/rights_entry.h"

#include <libopensc/opensc.h>
#include <stdbool.h>

/* Takes away what this process has opened at the card; SC_SUCCESS also when that is nothing. Takes sc_lock itself. */
typedef int rights_close(sc_card_t *card);

/* From here until rights_forget the card is in use. Without memory it is not: SC_ERROR_OUT_OF_MEMORY. */
int rights_watch(sc_card_t *card, rights_close *close);
/* Also of a card that was not watched. */
void rights_forget(const sc_card_t *card);

/* Calls visit with a watched card in that reader. False: there is none. */
bool rights_with_card(const char *reader, void (*visit)(sc_card_t *card, void *context), void *context);
