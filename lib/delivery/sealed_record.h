/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Records of the local store in clear: what reception, reconcile and visit read and write. Sealed on the way to disk;
 * looked up by HMAC. */
#pragma once

#include "delivery/desk_note.h"
#include "delivery/store_access.h"

#include "evidence/statement.h"
#include "fhir/eligibility.h"

#define RECORD_MAX 262144
#define RECORD_SIZE_MAX (8 * 1024 * 1024 + 65536) /* the signed answer to a batch */
#define RECORD_RECEPTION "reception"
#define RECORD_VISIT "visit"
#define RECORD_WITHOUT_CARD "without-card" /* a reception without evidence (delivery/paper_record.h) */

/* States of a reception. */
#define STATE_PENDING "pending"         /* provisional, to be reconciled */
#define STATE_CONFIRMED "confirmed"     /* 確定 */
#define STATE_CHANGED "changed"         /* confirmed, but another coverage than assumed */
#define STATE_LOST "lost"               /* no coverage on that day */
#define STATE_NEEDS_CALL "needs-call"   /* several coverages: the patient must be asked */
#define STATE_NOT_COVERED "not-covered" /* online: no coverage in force, and the counter was shown that */
#define STATE_SEVERAL "several"         /* online: several coverages in force, and the counter was told so */
#define STATE_REFUSED "refused"         /* the platform refused the evidence */
#define STATE_DAMAGED "damaged"         /* it cannot be read any more (also of a visit): needs attention */
/* States of a reception without a card. */
#define STATE_RECEIVED "received"
/* States of a visit. */
#define STATE_AWAITING "awaiting" /* signed; the eligibility of its reception is not confirmed yet */
#define STATE_HELD "held"         /* signed; its reception turned out not to be eligible: needs attention */
#define STATE_FILED "filed"       /* signed, of a reception without a card: no service accepts it, it stays here */
#define STATE_QUEUED "queued"
#define STATE_REGISTERED "registered"
#define STATE_REJECTED "rejected" /* the history service refuses it: needs attention */

typedef struct reception_record {
    char evidence_id[UUID_TEXT_SIZE];
    char state[TERMINAL_WORD_SIZE];
    int64_t at;
    statement_mode mode;
    char grade[32];  /* as shown at the counter */
    buffer evidence; /* DER */
    buffer answer;   /* the platform's CoverageEligibilityResponse; empty before there is one */
    buffer
        signature; /* the platform's: online its CMS over the answer's signed form, detached; else the proof that it was
                            in a signed batch (fhir/answer_proof.h) */
    char assumed_insurer[FHIR_NAME_SIZE]; /* offline: the coverage assumed, from an earlier answer; "" for none */
    char assumed_number[FHIR_WORD_SIZE];
    char reason[FHIR_PROBLEM_MAX]; /* of a refusal */
    eligibility_person person;     /* as the platform named them last; unknown: it never did, or they were purged */
    desk_note note;
} reception_record;

#define RECEPTION_RECORD_INIT                                                                                          \
    ((reception_record){.evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX),                                                    \
                        .answer = BUFFER_INIT(RECORD_MAX),                                                             \
                        .signature = BUFFER_INIT(FHIR_EVIDENCE_MAX)})

/* Frees what it owns; also one that was never filled. */
void reception_record_wipe(reception_record *record);

/* The key under which everything about one patient certificate is found. */
result record_subject(const store_access *s, const char *issuer, const char *serial, char subject[TERMINAL_WORD_SIZE]);

/* Stores a new reception, and in the same step a setting that goes with it: the new head of the evidence chain
 * (offline) or the time of the platform's answer (online). */
result record_add_reception(store_access *s, const reception_record *record, const char *subject, const char *setting,
                            const char *value);
result record_replace_reception(store_access *s, const reception_record *record);
result record_get_reception(store_access *s, const char *evidence_id, reception_record *out);
/* The person: as the platform says, else as noted at the desk. */
void reception_person(const reception_record *record, desk_person *out);

/* Records with any content; a row's columns are bound to it. record_add: row is complete but for its version, which is
 * assigned here; setting, when not NULL, is written in the same step. */
result record_add(store_access *s, terminal_record *row, bytes plain, const char *setting, const char *value);
/* The same, and added to the search index (delivery/search_index.h). */
result record_add_listed(store_access *s, terminal_record *row, bytes plain, const terminal_tokens *tokens,
                         const char *setting, const char *value);
/* Adds several in one transaction: all or none. Each row is complete, with its tokens, but for its version, which is
 * assigned here. content: one for each, in clear; sealed is left empty. */
result record_add_together(store_access *s, terminal_addition *all, const bytes *content, size_t count);
/* Appends. RESULT_BAD_SIGNATURE: not as it was written. */
result record_read(store_access *s, const char *id, terminal_record *row, buffer *plain);
/* Replaces state and content. RESULT_BAD_SIGNATURE: the ledger does not know the row. */
result record_replace(store_access *s, const char *id, const char *state, bytes plain);
result record_replace_listed(store_access *s, const char *id, const char *state, bytes plain,
                             const terminal_tokens *tokens);
/* Whether code means that the record itself is damaged: it cannot be unsealed or parsed. */
bool record_is_damage(result code);
/* A record that cannot be read any more must not hold up the others: it is set aside unchanged (STATE_DAMAGED) and not
 * sent. code: why it could not be read. RESULT_OK: it is damaged; row identifies it, for the audit log. Otherwise
 * nothing is changed, and code is returned. */
result record_quarantine(store_access *s, const char *id, result code, terminal_record *row);

/* Settings that are sealed as well: the session, the chain's head, the time of the last platform contact.
 * RESULT_NOT_FOUND: there is none. RESULT_BAD_SIGNATURE: there must be one, and it is not there, or is another. */
result record_setting(store_access *s, const char *name, buffer *value);
result record_set(store_access *s, const char *name, bytes value);
result record_unset(store_access *s, const char *name);
/* A setting that is a time, seconds since 1970, kept as RFC 3339; 0: there is none, or it cannot be read. */
int64_t record_time(store_access *s, const char *name);
result record_set_time(store_access *s, const char *name, int64_t at);

#define SETTING_CHAIN_HEAD "chain-head"
#define SETTING_CONTACT "platform-contact" /* RFC 3339 */
#define SETTING_SESSION "session"
#define SETTING_KEPT "receptions-kept" /* "ID TIME": the last reception that was accepted (202), and when */

/* When the platform last answered: seconds since 1970, 0 for never. */
int64_t record_last_contact(store_access *s);
result record_note_contact(store_access *s, int64_t at);
