/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A decision of two administrators: its content, signed by the card of the one who proposed it, and by a second
 * administrator's card or, as a paper, by the CA's office (docs/interfaces/local-store.md, "Decisions"). This file
 * writes and reads the record and verifies it: pure functions, given the trust anchors. */
#pragma once

#include "crypt/trust.h"

#define DECISION_RECORD_MAX 65536
#define DECISION_CONTENT_MAX 16384
#define DECISION_DIGEST_SIZE 65 /* capital hexadecimal of a SHA-256, NUL */
#define DECISION_ID_SIZE 65
#define DECISION_OFFICE "office" /* the id, and the title in the certificate, of the CA's office */

/* Where a decision counts, and whose cards can make one. All borrowed. */
typedef struct decision_place {
    const trust *operators; /* the CA of operator cards, which certifies the office's key, too */
    const char *institution, *terminal;
} decision_place;

/* One of the two who sign. */
typedef struct decision_signer {
    int64_t at; /* seconds since 1970, by the terminal's clock; of a paper: the office's signing time */
    char id[DECISION_ID_SIZE];
    char fingerprint[CERTIFICATE_FINGERPRINT_SIZE];
} decision_signer;

typedef struct decision {
    decision_signer proposed, confirmed; /* confirmed.id "": only a proposal yet */
    char digest[DECISION_DIGEST_SIZE];   /* of what the first signer signed: the number of the decision */
    buffer content;                      /* what it is about, as text */
} decision;
#define DECISION_INIT ((decision){.content = BUFFER_INIT(DECISION_CONTENT_MAX)})
/* Frees what it owns. */
void decision_wipe(decision *d);

/* The bytes that the first signer signs: a label, the kind, place and signer, the content. Appends. */
result decision_proposal_text(const decision_place *place, const char *kind, const decision_signer *signer,
                              bytes content, buffer *text);
/* The bytes that the second card signs. Appends. */
result decision_consent_text(const char *kind, const char *digest, const decision_signer *signer, buffer *text);
/* What a paper of the office says, as the content of its CMS. Appends. */
result decision_paper_text(const decision_place *place, const char *kind, const char *digest, buffer *text);

/* The record of a proposal: the text, certificate and signature of its card. Appends. */
result decision_proposal_record(bytes text, bytes certificate_der, bytes signature, buffer *record);
/* The record of a decision: a proposal's, with the second signature. For a paper: text and certificate empty, and the CMS
 * in the place of the signature. Appends. */
result decision_record(bytes proposal, bytes text, bytes certificate_der, bytes signature, buffer *record);

/* Reads and verifies a record of this kind: each signature, its certificate at the time of the signature, that both are
 * administrators of this institution and two different persons. whole: a proposal is not enough. RESULT_BAD_SIGNATURE:
 * one of these does not hold. RESULT_INVALID: malformed. RESULT_UNAVAILABLE: it cannot be verified now,
 * because a revocation list is missing or too old. */
result decision_read(const decision_place *place, const char *kind, bytes record, bool whole, decision *out);
/* A paper for this proposal: verifies it and fills the signer. RESULT_BAD_SIGNATURE: not the office's.
 * RESULT_NOT_FOUND: it is for another decision. RESULT_INVALID: no CMS of the accepted form. */
result decision_check_paper(const decision_place *place, const char *kind, const char *digest, bytes cms,
                            decision_signer *signer);
