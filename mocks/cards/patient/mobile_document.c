/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A mobile document (ISO/IEC 18013-5), as iPhones carry the My Number card beside the certificates. It can be selected;
 * what is in it travels in that standard's own sessions, which are not emulated. */
#include "applet.h"
#include "applications.h"

static const uint8_t aid[] = {0xA0, 0x00, 0x00, 0x02, 0x48, 0x04, 0x00};

static const command_row commands[] = {
    {0x00, 0xA4, command_select},
};

const application_kind mobile_document_application = {
    .name = "mobile document",
    .folder = "apps/mobile-document",
    .aid = BYTES(aid),
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
};
