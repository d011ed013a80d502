/* The inside of a token, for the files of lib/p11 only. */
#pragma once

#include "p11/return_value.h"
#include "p11/patience.h"
#include "p11/token.h"

#include <p11-kit/p11-kit.h>
#include <stdatomic.h>

#define SLOTS_MOST 64

typedef struct slot_description {
    CK_SLOT_ID slot;
    char text[TOKEN_READER_SIZE];
} slot_description;

struct token_module {
    CK_FUNCTION_LIST *functions;
    slot_description descriptions[SLOTS_MOST]; /* of slots seen so far */
    size_t described;
};

struct token {
    CK_FUNCTION_LIST *functions;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    atomic_bool logged_in; /* the watching thread (watch.c) looks at it, too */
    CK_RV problem;
    char label[TOKEN_LABEL_SIZE], serial[TOKEN_SERIAL_SIZE];
};

/* From here to the end of the block it is a step of p11/patience.h. */
#define TOKEN_STEP(opening)                                                                                            \
    const int step __attribute__((cleanup(token_step_ends), unused)) = token_step_begins(opening)

/* Keeps the CK_RV of a failure and gives its result. */
result token_note(token *t, CK_RV rv);

/* Another session in the place of the present one, which takes an unfinished operation with it. The login stays: it is
 * the process's as long as one session is open (PKCS #11 v3.0, 5.6). Leaves token_problem alone. */
result token_renew_session(token *t);

/* The first object of this class and label. RESULT_NOT_FOUND. */
result token_find(token *t, CK_OBJECT_CLASS class, const char *label, CK_OBJECT_HANDLE *object);
/* The reader's first slot that has a token. RESULT_REMOVED: none has. RESULT_NOT_FOUND: no such reader. */
result token_first_slot(token_module *module, const char *reader, CK_SLOT_ID *slot);
