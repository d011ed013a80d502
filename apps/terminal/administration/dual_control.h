/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one administrator alone must not change: one proposes, another one confirms. The proposal is kept in the local
 * store with its content, who made it and when; what is confirmed is exactly what was proposed. */
#pragma once

#include "core/terminal.h"

#include "operator/operator_card.h"

typedef struct dual_control {
    const char *setting;     /* where the proposal is kept */
    const char *signature;   /* not NULL: the proposal is kept in clear, because the SE that unseals is not there; here
                                is the proof of who made it */
    int64_t lasts_s;         /* how old it may be; 0: any age */
    const char *none_reason; /* when nothing is proposed, or not any more */
    const char *none;        /* marked with N_() */
    const char *same;        /* when the same person confirms; marked with N_() */
} dual_control;

/* A proposal in the place of an earlier one. card: of the operator, with its right opened; it signs a proposal that is
 * kept in clear. NULL for the others. */
result dual_control_propose(store_access *store, const dual_control *v, const operator_card *actor, token *card,
                            bytes content);
/* Whether another operator has made a proposal that is still valid: RESULT_OK and its content, appended.
 * RESULT_NOT_FOUND: nothing. RESULT_DENIED: the same person, or the same card. Two persons have two ids and two
 * certificates. */
result dual_control_heard(store_access *store, command_context *ctx, const dual_control *v, const operator_card *actor,
                          buffer *content);
/* The same as a failure with its sentence. */
outcome dual_control_require(store_access *store, command_context *ctx, const dual_control *v,
                             const operator_card *actor, buffer *content);
void dual_control_forget(store_access *store, const dual_control *v);
/* Keeps, sealed, who decided what and when. name: of the setting; it must still be heard. */
result dual_control_keep(store_access *store, const dual_control *v, const operator_card *actor, const char *name);

/* An administrator with card and PIN, for what must work when no session can be: a clock that is refused, an SE that is
 * gone. *card stays open, and is the caller's. */
outcome dual_control_authenticate(terminal *t, operator_card *actor, token **card);

#define DUAL_CONTROL_MINUTES 15
