/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What all of the card's own applications answer alike, beside what each is for (docs/interfaces/patient-card.md): rows
 * for the end of their command tables. */
#pragma once

#include "applet.h"

/* The issuer's administration, which exists behind a key that is not on the card: MANAGE ATTRIBUTES (JICSAP), LOCK DF,
 * UNLOCK DF, UNLOCK KEY. 6982, and 6A86 for forms that are none. */
command_handler family_manage_attributes;
command_handler family_lock;
/* 80 AE in an application without session keys: one that has no place for them, one whose own key is not given. */
command_handler family_no_session;
command_handler family_session_shut;
/* 80 FC 00 00, the last-command indicator: iPhones take it, cards do not. */
command_handler family_last_command;

#define FAMILY_COMMANDS(session)                                                                                       \
    {0x00, 0xCA, command_get_data}, {0x80, 0xCA, command_get_data}, {0x80, 0x8A, family_manage_attributes},            \
        {0x80, 0x50, family_lock}, {0x80, 0x52, family_lock}, {0x80, 0x54, family_lock},                               \
        {0x80, 0xFC, family_last_command}, {                                                                           \
        0x80, 0xAE, session                                                                                            \
    }
