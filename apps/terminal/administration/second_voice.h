/* What one administrator alone must not change: one proposes, another one confirms. The proposal is kept in the local
 * store with its content, who made it and when; what is confirmed is exactly what was proposed. */
#pragma once

#include "core/terminal.h"

#include "operator/operator_card.h"

typedef struct second_voice {
    const char *setting;     /* where the proposal is kept */
    bool in_clear;           /* not sealed: the SE that unseals is not there */
    int64_t lasts_s;         /* how old it may be; 0: any age */
    const char *none_reason; /* when nothing is proposed, or not any more */
    const char *none;        /* marked with N_() */
    const char *same;        /* when the same person confirms; marked with N_() */
} second_voice;

/* A proposal in the place of an earlier one. */
result second_voice_propose(terminal *t, const second_voice *v, const char *operator_id, bytes content);
/* Whether somebody else than this operator has proposed something that still counts: RESULT_OK and its content,
 * appended. RESULT_NOT_FOUND: nothing. RESULT_DENIED: the same person. */
result second_voice_heard(terminal *t, const second_voice *v, const char *operator_id, buffer *content);
/* The same as a failure with its sentence. */
outcome second_voice_require(terminal *t, const second_voice *v, const char *operator_id, buffer *content);
void second_voice_forget(terminal *t, const second_voice *v);

/* An administrator with card and PIN, for what must work when no session can be: a clock that is refused, an SE that is
 * gone. */
outcome second_voice_authenticate(terminal *t, operator_card *operator);

#define SECOND_VOICE_MINUTES 15
