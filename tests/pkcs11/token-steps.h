/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

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

/* token-account.c: several sessions; a slot by its number. */
CK_RV step_open_more(const char *value);
CK_RV step_open_slot(const char *value);
CK_RV step_reopen(const char *value);
CK_RV step_close_all(const char *value);
CK_RV step_count_sessions(const char *value);
CK_RV step_stale_session(const char *times);
CK_RV step_mechanisms(const char *value);
CK_RV step_slot(const char *value);
CK_RV step_slots(const char *value);
CK_RV step_login_officer_blindly(const char *value);
CK_RV step_init_token(const char *label);
CK_RV step_begin_signature(const char *value);

/* token-objects.c: data objects made of a length, "of LENGTH bytes", and certificates from files, "large". */
CK_RV step_data(const char *length);
CK_RV step_data_back(const char *length);
CK_RV step_certificate(const char *file);
CK_RV step_remove(const char *label);

/* token-waits.c: events, C_Finalize under a wait, many threads. */
CK_RV step_wait_for_event(const char *value);
CK_RV step_poll_for_event(const char *value);
CK_RV step_poll_once(const char *value);
CK_RV step_drain(const char *value);
CK_RV step_finalise_under_wait(const char *value);
CK_RV step_finalise_at_once(const char *value);
CK_RV step_sign_in_threads(const char *value);
CK_RV step_initialise_for_threads(const char *value);
