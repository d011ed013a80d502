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

/* Both applications with the holder's face or number, signed: their own commands before the family's. */
#define SIGNED_DATA_COMMANDS(session)                                                                                  \
    {0x00, 0xA4, command_select}, {0x00, 0xB0, command_read_binary}, {0x00, 0x20, command_verify},                     \
        {0x00, 0x24, command_change_reference_data}, {0x00, 0x84, command_get_challenge},                              \
        {0x80, 0x2A, command_compute_signature_of_face}, {0x00, 0x88, command_refuse_internal_authenticate},           \
        FAMILY_COMMANDS(session)

#define FAMILY_COMMANDS(session)                                                                                       \
    {0x00, 0xCA, command_get_data}, {0x80, 0xCA, command_get_data}, {0x80, 0x8A, family_manage_attributes},            \
        {0x80, 0x50, family_lock}, {0x80, 0x52, family_lock}, {0x80, 0x54, family_lock},                               \
        {0x80, 0xFC, family_last_command}, {                                                                           \
        0x80, 0xAE, session                                                                                            \
    }
