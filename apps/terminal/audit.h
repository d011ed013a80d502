/* The audit log: who did what, when, with what result. Rows are only ever added; each carries a hash over itself and the row
 * before, so that none can be changed or taken out unseen; from time to time the SE signs the newest hash (a checkpoint), so
 * that the end cannot be cut off unseen either. What a row can hold is fixed (store/terminal_store.h): words of this program,
 * the operator's id, an evidence or visit id. Nothing about patients. */
#pragma once

#include "terminal.h"

/* A thing that happened by itself: "operator-card-removed", "se-removed", ... result_word "" for "ok". A log that cannot be
 * written is said on standard error; work goes on. */
void audit_note(terminal *t, const char *event, const char *result_word);
/* A command that was run; reason and id come from its report. Commands that only look are not noted. */
void audit_note_command(terminal *t, const char *name, outcome done);
/* Has the SE sign the newest hash; without an SE at hand nothing happens. */
void audit_checkpoint(terminal *t);
