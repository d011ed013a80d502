/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stock OpenSC's messages on the desktop ("PIN verified", "card inserted"): its module begins them when it is loaded,
 * and no option of its configuration says no. GIO then starts threads inside the program, and ends the program when it
 * can have none. */
#pragma once

/* file: a writable copy of the stock module that nobody has loaded yet. There the call that begins them goes to a
 * function of libopensc that does nothing. A module without that call stays as it is. */
void notifications_turn_off(int file);
