/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The Secure Element of this terminal. It is the one the terminal first worked with, known by serial number and
 * institution certificate; another one never serves. Taken out while the terminal works, it locks the terminal: the
 * keys of the local store are forgotten, the session ends, and only the same SE with the activation PIN typed by a
 * person brings it back
 * (`unlock`); the PIN file serves the start of the machine, not this. The lock survives a restart of the program. The
 * end of the service for card readers is no removal: the SE is put away, and opened anew as at the start of the
 * machine. */
#pragma once

#include "core/card_access.h"

#include "delivery/store_access.h"

#define SE_LABEL "Institution SE" /* how its token's label begins */

/* Opens the SE and logs in with the activation PIN from its file. Refused while locked. */
outcome secure_element_open(card_access *cards, store_access *store, command_context *ctx);

/* The same with another PIN and whether or not it is locked: finds the SE, sees that it is this terminal's, logs in;
 * only then it is cards->se. An SE that asks for no PIN (a relay's) is not logged in to. typed: a person has typed the
 * PIN, or for such an SE the code that takes a lock off. */
outcome secure_element_take(card_access *cards, store_access *store, command_context *ctx, bytes pin, bool typed);

/* Parts of that. The SE in the reader, whoever's it is; why there is none that can be used is told. */
outcome secure_element_find(card_access *cards, store_access *store, command_context *ctx, token **se);
outcome secure_element_log_in(card_access *cards, report *r, token *se, bytes pin, const char *pin_from);

/* For what failed without saying why: the failure when the SE has been taken out meanwhile, else OUTCOME_OK. */
outcome secure_element_still_there(card_access *cards, command_context *ctx);

/* Looks at the SE while it is in use, and logs in again if it has forgotten the PIN. Returns why the terminal must be
 * locked now (se_supervision.h), or NULL. */
const char *secure_element_look(card_access *cards, store_access *store, const configuration *conf);

/* Brings session and login back now, if they are known to be lost and nothing speaks against it: for who would have to
 * stop otherwise. */
void secure_element_steady(card_access *cards, store_access *store, const configuration *conf);

/* why: a reason word of se_supervision.h. */
void secure_element_lock(card_access *cards, store_access *store, report *r, const char *why);
