/* The walker token-steps: what its steps share. */
#pragma once

#include "p11.h"

#define DATA "what the patient agrees to"

extern struct walk {
    CK_FUNCTION_LIST_PTR m;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key, imported;
    char serial[17];
    unsigned char *chain;
    size_t chain_length;
    unsigned char challenge[CHALLENGE_SIZE], answer[ANSWER_SIZE];
    const char *note; /* printed behind the return value */
} w;

/* token-waits.c: events, C_Finalize under a wait, many threads. */
CK_RV step_wait_for_event(const char *value);
CK_RV step_poll_for_event(const char *value);
CK_RV step_drain(const char *value);
CK_RV step_finalise_under_wait(const char *value);
CK_RV step_finalise_at_once(const char *value);
CK_RV step_sign_in_threads(const char *value);
CK_RV step_initialise_for_threads(const char *value);
