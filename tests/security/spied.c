/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Preloaded into a program: gives OpenSC's spy its variables back. */
#include "cleared-variables.h"

__attribute__((constructor)) static void begin(void) {
    give_variables_back("PKCS11SPY");
}
