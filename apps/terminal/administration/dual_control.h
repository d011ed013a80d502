/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one administrator alone must not change: one proposes, another one confirms, each with card and PIN, and the
 * card signs (core/signed_decision.h). A clinic with one administrator has the CA's office as the second signature: a
 * paper that the office has signed for this very proposal. Exactly what was proposed is confirmed. Only this
 * institution's own administrators can sign, not those of affiliated institutions. */
#pragma once

#include "core/decisions.h"
#include "core/terminal.h"

#include "operator/operator_card.h"

typedef struct dual_control {
    decision_kind kind;
    bool in_clear;           /* the proposal is kept in clear, because the SE that would unseal it is not there */
    int64_t lasts_s;         /* how old a proposal may be for a second card; 0: any age */
    const char *none_reason; /* reason word when there is no valid proposal */
    const char *none;        /* marked with N_() */
    const char *same;        /* sentence when the same person confirms; marked with N_() */
} dual_control;

#define DUAL_CONTROL_MINUTES 15
#define DUAL_CONTROL_PAPER_DAYS 14 /* how old a proposal may be for a paper of the office, at least */

/* An administrator who has typed the PIN: their card can sign. */
typedef struct administrator {
    operator_card actor;
    token *card;
} administrator;

/* An administrator of this institution with card and PIN; no session is needed, so it also works with a refused clock
 * or without the SE. Close it also after a failure. */
outcome dual_control_authenticate(terminal *t, administrator *who);
void administrator_close(administrator *who);
/* For all other decisions: opens the store, checks the clock, authenticates, then acts as this administrator.
 */
outcome dual_control_run(terminal *t, outcome (*act)(terminal *t, const administrator *who));

/* Signs a proposal and keeps it in the place of an earlier one. Shows its number, for the office. */
outcome dual_control_propose(terminal *t, const dual_control *v, const administrator *who, bytes content);

/* The proposal that waits for this administrator, or for the paper that --paper names. RESULT_NOT_FOUND: none that is
 * still valid. RESULT_DENIED: the same person or card made it. RESULT_BAD_SIGNATURE: it was altered. */
result dual_control_waiting(terminal *t, const dual_control *v, const administrator *who, decision *out);
/* The same as a failure with its sentence. */
outcome dual_control_require(terminal *t, const dual_control *v, const administrator *who, decision *out);

/* The second signature: the administrator's card signs, or the paper is checked and put in. *record is the record to be
 * stored; it was read and verified once more. */
outcome dual_control_confirm(terminal *t, const dual_control *v, const administrator *who, const decision *proposal,
                             buffer *record);
/* Puts the record in force in the store and removes the proposal. */
outcome dual_control_keep(terminal *t, const dual_control *v, bytes record);
/* Confirms and keeps: for decisions with no step in between. */
outcome dual_control_confirm_and_keep(terminal *t, const dual_control *v, const administrator *who,
                                      const decision *proposal);
/* Removes a proposal in clear whose store was exchanged meanwhile. */
void dual_control_forget_clear(store_access *store, const dual_control *v);
