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

#define TOKEN_MEMORY 12
#define TOKEN_OBJECT_LABEL_SIZE 40
#define TOKEN_VALUE_MAX 65536

typedef struct remembered_object {
    CK_OBJECT_CLASS class;
    char label[TOKEN_OBJECT_LABEL_SIZE];
    CK_OBJECT_HANDLE handle;
    buffer value; /* of CKA_VALUE; empty: it was not read, or changes */
} remembered_object;

struct token {
    CK_FUNCTION_LIST *functions;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    atomic_bool logged_in; /* the watching thread (watch.c) reads it, too */
    CK_RV problem;
    bool (*recover)(void *context); /* NULL: none */
    void *recover_context;
    bool recovering;
    uint32_t signatures_asked;
    bool remembers, relied; /* token_remember_objects; an object's number was remembered, not asked for */
    remembered_object objects[TOKEN_MEMORY];
    size_t object_count;
    char label[TOKEN_LABEL_SIZE], serial[TOKEN_SERIAL_SIZE];
};

/* The rest of the block is a step of p11/call_timeout.h. */
#define TOKEN_STEP(opening)                                                                                            \
    const int step __attribute__((cleanup(token_step_ends), unused)) = token_step_begins(opening)

/* Stores the CK_RV of a failure, after which nothing of the objects is remembered, and returns its result. */
result token_note(token *t, CK_RV rv);

/* What is remembered of an object; NULL: nothing. */
remembered_object *token_recall(token *t, CK_OBJECT_CLASS class, const char *label);
void token_memorise(token *t, CK_OBJECT_CLASS class, const char *label, CK_OBJECT_HANDLE handle);
void token_memorise_value(token *t, CK_OBJECT_CLASS class, const char *label, bytes value);
void token_forget_objects(token *t);
/* Whether a step failed because a remembered number is none any more: then nothing was done, and it may be repeated. */
bool token_misremembered(const token *t, result code);

/* State of the token's session at the card. */
typedef enum token_life {
    TOKEN_ALIVE,
    TOKEN_LOGIN_LOST, /* the card is present and has ended the login */
    TOKEN_GONE,       /* PKCS #11 v3.0, 5.6: the card was removed, and its sessions have ended */
} token_life;
token_life token_life_of(const token *t);

/* Whether to repeat a step that ended with code, was begun at this time and has been tried so often. */
bool token_again(token *t, result code, int64_t began_ms, unsigned tries);
/* Evaluates the step and repeats it while token_again returns true; each time is a separate step of
 * p11/call_timeout.h. */
#define TOKEN_AGAIN(t, expression)                                                                                     \
    __extension__({                                                                                                    \
        const int64_t began_ms = clock_monotonic_ms();                                                                 \
        result step_code;                                                                                              \
        unsigned tries = 0;                                                                                            \
        do                                                                                                             \
            step_code = (expression);                                                                                  \
        while (token_again(t, step_code, began_ms, ++tries));                                                          \
        step_code;                                                                                                     \
    })

/* Replaces the session, which ends an unfinished operation. The login stays, because it belongs to the process while
 * one session is open (PKCS #11 v3.0, 5.6). Does not change token_problem. */
result token_renew_session(token *t);

/* The first object of this class and label. RESULT_NOT_FOUND. */
result token_find(token *t, CK_OBJECT_CLASS class, const char *label, CK_OBJECT_HANDLE *object);
/* The reader's first slot that has a token. RESULT_REMOVED: none has. RESULT_NOT_FOUND: no such reader. */
result token_first_slot(token_module *module, const char *reader, CK_SLOT_ID *slot);
