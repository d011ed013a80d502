/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "module_slots.h"

#include <string.h>

static struct slot slots[SLOTS_MAX];
static size_t count;

size_t slots_count(void) {
    return count;
}

struct slot *slots_get(CK_SLOT_ID number) {
    return number < count ? &slots[number] : NULL;
}

CK_SLOT_ID slots_number(const struct slot *s) {
    return (CK_SLOT_ID)(s - slots);
}

bool slots_share_reader(const struct slot *a, const struct slot *b) {
    return memcmp(a->info.slotDescription, b->info.slotDescription, sizeof a->info.slotDescription) == 0;
}

/* The first one of the reader that the stock module does not have, else a new one. */
static struct slot *find_place(const struct slot *wanted) {
    for (size_t i = 0; i < count; i++)
        if (slots[i].stock == SLOT_NO_STOCK && slots_share_reader(&slots[i], wanted))
            return &slots[i];
    return count < SLOTS_MAX ? &slots[count] : NULL;
}

struct slot *slots_of_stock(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID id) {
    struct slot fresh = {.stock = id};
    for (size_t i = 0; i < count; i++)
        if (slots[i].stock == id)
            return &slots[i];
    if (functions->C_GetSlotInfo(id, &fresh.info) != CKR_OK)
        return NULL;
    struct slot *place = find_place(&fresh);
    if (place == NULL)
        return NULL;
    fresh.stay = readers_stay(fresh.info.slotDescription);
    if (place == &slots[count])
        count++;
    *place = fresh;
    return place;
}

void slots_forget_stock(void) {
    for (size_t i = 0; i < count; i++) {
        slots[i].stock = SLOT_NO_STOCK;
        slots[i].stay = 0;
        slots[i].user = SLOT_LOGGED_OUT;
        slots[i].consent = false;
    }
}
