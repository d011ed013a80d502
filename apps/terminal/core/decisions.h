/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The decisions of two administrators that are in force at this terminal, as the local store holds them: each is read,
 * and its signatures verified, when the store is opened. An invalid one is reported by name, and nothing is permitted
 * until two administrators have decided again. */
#pragma once

#include "core/command_context.h"
#include "core/signed_decision.h"

#include "delivery/store_access.h"

typedef enum decision_kind {
    DECISION_LIMITS,       /* offline_limits.h */
    DECISION_ANCHORS,      /* the set of trust anchors in force: anchors_set_describe */
    DECISION_INSTITUTIONS, /* affiliates.h */
    DECISION_CLOCK,        /* a time that was confirmed; nothing rests on it later */
    DECISION_SE,           /* a Secure Element that was accepted; likewise */
    DECISION_KINDS
} decision_kind;

/* As signed, and as the settings are called: NAME-proposal, NAME-decision. */
const char *decision_name(decision_kind kind);

/* Whose cards count, from configuration and trust anchors. operators is the caller's to free (trust_free).
 * RESULT_NOT_FOUND: there are no usable anchors. Says nothing to the user. */
result decisions_place(command_context *ctx, decision_place *place, trust **operators);

/* The decision of this kind that is in force. RESULT_NOT_FOUND: none was ever made. RESULT_BAD_SIGNATURE: it is not
 * valid. RESULT_UNAVAILABLE: it cannot be verified now, for lack of trust anchors or of a current revocation list. */
result decisions_read(store_access *store, command_context *ctx, decision_kind kind, decision *out);
/* The limits that were decided; the defaults when they never were. The results of decisions_read, RESULT_OK for none. */
result decisions_limits(store_access *store, command_context *ctx, limits *l);
result decisions_affiliates(store_access *store, command_context *ctx, affiliates *a);

/* Puts in force what is decided and configured: ctx->limits, ctx->affiliates, ctx->decision_fault. Nothing is allowed
 * while one is invalid. The store must be open. RESULT_OK, or a fault of the store itself. */
result decisions_apply(store_access *store, command_context *ctx);
/* The failure that names the invalid one, verified once more; OUTCOME_OK: all are valid. */
outcome decisions_require(store_access *store, command_context *ctx);

/* Puts a record in force and removes its proposal. */
result decisions_keep(store_access *store, decision_kind kind, bytes record);
/* The setting's name, for a proposal ("proposal") or a decision ("decision"). */
#define DECISION_SETTING_SIZE 64
void decision_setting(decision_kind kind, const char *what, char name[DECISION_SETTING_SIZE]);

/* Who decided it and when: a line, and in JSON an object. Nothing when there is none. */
void decisions_show(store_access *store, command_context *ctx, decision_kind kind);
