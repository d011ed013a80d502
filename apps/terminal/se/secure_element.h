/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The Secure Element of this terminal. It is the first one that the terminal worked with, identified by serial number
 * and institution certificate; no other one is accepted. When it is removed while the terminal works, the terminal
 * locks: the keys of the local store are forgotten, the session ends, and only the same SE with its activation PIN,
 * typed by a person, unlocks it (`unlock`). The PIN file is only for the start of the machine. The lock survives a
 * restart of the program. The end of pcscd is no removal: the SE is closed, and opened again as at the start of the
 * machine. */
#pragma once

#include "core/card_access.h"

#include "delivery/store_access.h"

#define SE_LABEL "Institution SE" /* how its token's label begins */

/* Opens the SE and logs in with the activation PIN from its file. Refused while locked. */
outcome secure_element_open(card_access *cards, store_access *store, command_context *ctx);

/* The same with another PIN, locked or not: finds the SE, checks that it is this terminal's, logs in; only then it is
 * cards->se. An SE that asks for no PIN (a relay's) is not logged in to. typed: a person has typed the PIN, or for such
 * an SE the code that unlocks the terminal. */
outcome secure_element_take(card_access *cards, store_access *store, command_context *ctx, bytes pin, bool typed);

/* Steps of it. The SE in the reader, this terminal's or not; reports why none can be used. */
outcome secure_element_find(card_access *cards, store_access *store, command_context *ctx, token **se);
outcome secure_element_log_in(card_access *cards, report *r, token *se, bytes pin, const char *pin_from);

/* For a step that failed without a reason: the failure, if the SE was removed meanwhile; else OUTCOME_OK. */
outcome secure_element_still_there(card_access *cards, command_context *ctx);

/* Checks the SE while it is in use, and logs in again if it has forgotten the PIN. Returns why the terminal must be
 * locked now (se_supervision.h), or NULL. */
const char *secure_element_look(card_access *cards, store_access *store, const configuration *conf);

/* Restores session and login now, if they are known to be lost and the supervision permits it, so that the caller can
 * continue. */
void secure_element_steady(card_access *cards, store_access *store, const configuration *conf);

/* why: a reason word of se_supervision.h. */
void secure_element_lock(card_access *cards, store_access *store, report *r, const char *why);
