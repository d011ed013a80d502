/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stock OpenSC's desktop notifications ("PIN verified", "card inserted"): its module starts them when it is loaded, and
 * no configuration option turns them off. GIO then starts threads inside the program, and ends the program when it can
 * have none. */
#pragma once

/* file: a writable copy of the stock module that is not loaded yet. Redirects the call that starts them to a function
 * of libopensc without effect. A module without that call is unchanged. */
void notifications_turn_off(int file);
