/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The folder of trust anchors in force. At first it is the configuration's; an administrator replaces it by a checked
 * set (`anchors stage`, `anchors apply`), which is kept in the state folder beside the one before
 * (`anchors revert`). */
#pragma once

#include "core/command_context.h"

#include "crypt/trust.h"
#include "p11/token.h"

#define ANCHOR_COUNT 5
/* name.pem holds one or more generations of a CA, name.crl its revocation lists (docs/interfaces/pki.md). */
extern const char *const anchor_names[ANCHOR_COUNT];

/* The folder to use now; --anchors goes before it for commands that allow it. */
void anchors_folder(const command_context *ctx, char folder[PATH_MAX]);

/* Whether the set in force was decided by administrators, instead of the configuration's; and its folder. */
bool anchors_were_decided(const command_context *ctx, char folder[PATH_MAX]);

/* Puts the configuration's set in force again, when the decision about another set was lost with its store. */
result anchors_undecide(const command_context *ctx);

/* Authorities of this name with their CRL from that folder; read again when the files have changed. The caller frees
 * and adds nothing. */
outcome anchors_trust(command_context *ctx, const char *anchor, trust **out);
/* Frees what anchors_trust keeps for its next call. */
void anchors_forget(command_context *ctx);

/* A verdict that is the fault of an anchor's revocation list or of a CA, and not of the certificate that was checked:
 * reports file and next step. OUTCOME_OK: it is no such verdict. */
outcome anchors_fault(command_context *ctx, const char *anchor, trust_verdict verdict);

/* Warns of what cannot be used (an anchor, its revocation list, the platform's card-verifiable certificates), and of
 * certificates and revocation lists that end soon: CAs, CRLs, and the SE's own certificates when it is open. Adds
 * both to the report. */
void anchors_warn(token *se, command_context *ctx);
