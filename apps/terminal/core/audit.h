/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The audit log: who did what, when, with what result. Rows are only ever added; each carries a hash over itself and
 * the row before, so that a changed or removed row is detected; from time to time the SE signs the newest hash (a
 * checkpoint), so that missing rows at the end are detected, too. What a row can hold is fixed
 * (store/terminal_store.h): words of this program, the operator's id, an evidence or visit id. Nothing about
 * patients. */
#pragma once

#include "core/report.h"

#include "delivery/store_access.h"
#include "p11/token.h"

/* An event that is no command: "operator-card-removed", "se-removed", ... result_word "" for "ok". A failure to write
 * is logged on standard error; work goes on. */
void audit_note(store_access *store, const char *event, const char *result_word);
/* The same about an evidence or a visit. */
void audit_note_about(store_access *store, const char *event, const char *result_word, const char *id);
/* A command that was run; reason and id come from its report. Commands that change nothing are not noted. */
void audit_note_command(token *se, store_access *store, report *r, const char *name, outcome done);
/* Has the SE sign the newest hash, at each login and logout, each end of a session, each lock, and after decisions of
 * two administrators. Nothing happens without an open SE, nor if the log does not hold its newest checkpoint any more
 * (audit_last_checkpoint): then the log was altered. */
void audit_checkpoint(token *se, store_access *store);
/* The same when it is time (audit_due.h). */
void audit_checkpoint_if_due(token *se, store_access *store);

/* A checkpoint's row. A whole log reaches at least this number, and its row there has this chain. */
typedef struct audit_mark {
    int64_t number;                 /* 0: none */
    char chain[TERMINAL_WORD_SIZE]; /* "": not known, it was made by a program that did not keep it */
} audit_mark;

/* The newest checkpoint that this terminal has made, from the sealed settings. */
audit_mark audit_last_checkpoint(store_access *store);
/* Whether the row is the checkpoint that the mark names. */
bool audit_mark_fits(const audit_mark *mark, const terminal_audit_row *row);

#define AUDIT_CHECKPOINT "checkpoint"

/* The row's members up to the subject, each ended by a newline, which no member can contain. Appends. */
result audit_row_text(const terminal_audit_row *row, buffer *text);
/* SHA-256 over that and the chain before, ended likewise; hexadecimal. */
result audit_chain(const terminal_audit_row *row, const char *before, char chain[TERMINAL_WORD_SIZE]);
/* What the SE signs in a checkpoint: a label and the chain. No other message of ours has this form, so the signature
 * serves nothing else. Appends. */
result audit_checkpoint_message(const char *chain, buffer *message);
