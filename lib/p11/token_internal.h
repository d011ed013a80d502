/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inside of a token, for the files of lib/p11 only. */
#pragma once

#include "p11/return_value.h"
#include "p11/call_timeout.h"
#include "p11/token.h"

#include "base/clock.h"

#include <p11-kit/p11-kit.h>
#include <stdatomic.h>

#define SLOTS_MAX 64

typedef struct slot_description {
    CK_SLOT_ID slot;
    char text[TOKEN_READER_SIZE];
} slot_description;

struct token_module {
    CK_FUNCTION_LIST *functions;
    slot_description descriptions[SLOTS_MAX]; /* of slots seen so far */
    size_t described;
};

struct token {
    CK_FUNCTION_LIST *functions;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    atomic_bool logged_in; /* the watching thread (watch.c) looks at it, too */
    CK_RV problem;
    bool (*recover)(void *context); /* NULL: nothing does */
    void *recover_context;
    bool recovering;
    uint32_t signatures_asked;
    char label[TOKEN_LABEL_SIZE], serial[TOKEN_SERIAL_SIZE];
};

/* From here to the end of the block it is a step of p11/call_timeout.h. */
#define TOKEN_STEP(opening)                                                                                            \
    const int step __attribute__((cleanup(token_step_ends), unused)) = token_step_begins(opening)

/* Keeps the CK_RV of a failure and gives its result. */
result token_note(token *t, CK_RV rv);

/* How the card stands to the token's session. */
typedef enum token_life {
    TOKEN_ALIVE,
    TOKEN_LOGIN_LOST, /* the card is there, and has ended the login by itself */
    TOKEN_GONE,       /* PKCS #11 v3.0, 5.6: the card left, and its sessions with it */
} token_life;
token_life token_life_of(const token *t);

/* Whether a step that ended with code, and was begun at this time, is to be done once more. */
bool token_again(token *t, result code, int64_t began_ms);
/* The step as an expression, as often as token_again says; each time it is a step of p11/call_timeout.h of its own. */
#define TOKEN_AGAIN(t, expression)                                                                                     \
    __extension__({                                                                                                    \
        const int64_t began_ms = clock_monotonic_ms();                                                                 \
        result step_code;                                                                                              \
        do                                                                                                             \
            step_code = (expression);                                                                                  \
        while (token_again(t, step_code, began_ms));                                                                   \
        step_code;                                                                                                     \
    })

/* Another session in the place of the present one, which takes an unfinished operation with it. The login stays: it is
 * the process's as long as one session is open (PKCS #11 v3.0, 5.6). Leaves token_problem alone. */
result token_renew_session(token *t);

/* The first object of this class and label. RESULT_NOT_FOUND. */
result token_find(token *t, CK_OBJECT_CLASS class, const char *label, CK_OBJECT_HANDLE *object);
/* The reader's first slot that has a token. RESULT_REMOVED: none has. RESULT_NOT_FOUND: no such reader. */
result token_first_slot(token_module *module, const char *reader, CK_SLOT_ID *slot);
