/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the versions of OpenSC's driver interface differ, 0.23 to 0.27: the only place with #if on a version.
 * OPENSC_VERSION_NUMBER is minor * 100 + fix of the headers that this is compiled with (0.26.1: 2601), from configure.
 * Drivers only run in the version they were compiled for, so differences of layout need nothing here. */
#pragma once

#ifdef OPENSC_VERSION_NUMBER

#if OPENSC_VERSION_NUMBER < 2300 || OPENSC_VERSION_NUMBER >= 2800
#error "the drivers know OpenSC 0.23 to 0.27; see lib/opensc/opensc_version.h for what changed when"
#endif

/* sc_card_operations.read_binary, last argument: 0.24 made it a pointer (in and out). The drivers pass it on or
 * ignore it. */
#if OPENSC_VERSION_NUMBER >= 2400
typedef unsigned long *opensc_read_flags;
#else
typedef unsigned long opensc_read_flags;
#endif

/* struct sc_pin_cmd_pin, len: int, from 0.25 on size_t. As int, -1 for an impossible length. */
#define opensc_pin_length(pin) ((size_t)(pin)->len > 65535 ? -1 : (int)(pin)->len)

/* Known changes without effect here: 0.25 widens the algorithm fields of sc_security_env and key lengths; 0.26 renames
 * private_certificate; 0.27 renumbers SC_PIN_STATE_*. After 0.27 sc_card_operations.pin_cmd loses tries_left. */

#endif
