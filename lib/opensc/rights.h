/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cards that a driver uses, so that their access rights can be ended when OpenSC does not call the driver: at
 * C_Logout (rights_entry.h) and when a process ends without C_Finalize (Java). */
#pragma once

#include "opensc/rights_entry.h"

#include <libopensc/opensc.h>
#include <stdbool.h>

/* Ends the rights that this process has opened at the card; SC_SUCCESS also without any. Takes sc_lock itself. */
typedef int rights_close(sc_card_t *card);

/* Lists the card until rights_forget. SC_ERROR_OUT_OF_MEMORY: not listed. */
int rights_watch(sc_card_t *card, rights_close *close);
/* Also for a card that is not listed. */
void rights_forget(const sc_card_t *card);

/* Calls visit with a listed card in that reader. False: there is none. */
bool rights_with_card(const char *reader, void (*visit)(sc_card_t *card, void *context), void *context);
