/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The slots as the program sees them. Their numbers stay for the life of the process, also when pcscd restarts; the
 * stock module's numbers change when it is started again. A slot is identified by its reader's description and a count,
 * because a reader has several. Call with the call lock held. */
#pragma once

#include "readers.h"

#define SLOTS_MAX 256
#define SLOT_NO_STOCK (~(CK_SLOT_ID)0)

typedef enum slot_user { SLOT_LOGGED_OUT, SLOT_USER, SLOT_OFFICER } slot_user;

struct slot {
    CK_SLOT_ID stock;  /* the stock module's number, or SLOT_NO_STOCK */
    CK_SLOT_INFO info; /* when the slot was first seen */
    uint64_t stay;     /* of the card that the stock module knows there (readers.h) */
    slot_user user;    /* logged in, by this process */
    bool consent;      /* one use of a key with CKA_ALWAYS_AUTHENTICATE is open */
};

/* All slots seen so far; numbers from 0. */
size_t slots_count(void);
struct slot *slots_get(CK_SLOT_ID number); /* NULL: none has this number */
CK_SLOT_ID slots_number(const struct slot *s);
/* The same reader's. */
bool slots_share_reader(const struct slot *a, const struct slot *b);

/* The slot of the stock module's number, a new one when it was not seen before. NULL: too many, or the stock module
 * does not know it. */
struct slot *slots_of_stock(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID id);
/* The stock module has been started again: its numbers mean nothing. */
void slots_forget_stock(void);
