/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answers to reset of real My Number cards (OpenSC's jpki driver, pcsc-tools' list), by name. */
#pragma once

#define ANSWER_TO_RESET_CONTACT "3BDA13FF8131FB468012392F31C173C601C03B"
#define ANSWER_TO_RESET_CONTACTLESS "3B888001000005E0B381A1007F"

/* The hexadecimal text of contact-1 to contact-5 or contactless-1 to contactless-4; NULL for any other name. */
const char *answer_to_reset_find(const char *name);
