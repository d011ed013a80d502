/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* libopensc with one driver, at a reader of the test's own: without pcscd, and without configuration and readers of this
 * machine. For unit programs and fuzz targets, which say in their own way that something failed. */
#pragma once

#include "base/buffer.h"

#include <libopensc/opensc.h>

/* One libopensc that knows this driver alone. options: more for opensc.conf's application. NULL: it failed. The caller
 * releases it (sc_release_context). */
sc_context_t *opensc_reader_context(const char *application, struct sc_card_driver *driver, const char *options);

/* The driver `name` of a module, as OpenSC loads it. It stays loaded. NULL: there is none; dlerror() may say why. */
struct sc_card_driver *opensc_reader_load(const char *module, const char *name);

typedef struct opensc_reader {
    int (*transmit)(struct sc_reader *reader, sc_apdu_t *apdu);
    int (*detect)(struct sc_reader *reader); /* SC_READER_CARD_PRESENT or 0 */
    int (*reset)(struct sc_reader *reader, int cold);
} opensc_reader;

/* The one reader, made again by each call; extended: extended length; t0: T=0 in place of T=1. Its card has the ATR of a
 * patient card. */
sc_reader_t *opensc_reader_make(sc_context_t *context, const opensc_reader *calls, bool extended, bool t0);

/* A command as OpenSC's readers put it on the wire; with T=0 the card gives its data to GET RESPONSE (ISO/IEC 7816-3
 * 12.2.1). Appended to raw, which has room for APDU_COMMAND_MAX. */
result opensc_reader_write(const sc_apdu_t *apdu, bool t0, buffer *raw);

/* An answer as OpenSC's PC/SC reader gives it: data where they fit, the status word always. SC_ERROR_INTERNAL: shorter
 * than a status word. */
int opensc_reader_give(sc_apdu_t *apdu, bytes answer);
