/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks of a call's arguments, so that the stock module never dereferences a NULL pointer. */
#pragma once

#include "stock.h"

#include <stdbool.h>

/* The pointer is not NULL. */
#define GIVEN(pointer) ((pointer) != NULL)
/* That many bytes: NULL only with length 0. */
#define FILLED(pointer, length) ((pointer) != NULL || (length) == 0)
/* A template of which the module reads values: no attribute has a length without a value, or none at all (the length that
 * C_GetAttributeValue gives for a value that there is not, 2.40 5.7). */
#define WHOLE(list, count) template_is_whole(list, count)
/* A mechanism, its parameter not NULL when it has a length. */
#define MECHANISM(method) ((method) != NULL && FILLED((method)->pParameter, (method)->ulParameterLen))

static inline bool template_is_whole(const CK_ATTRIBUTE *list, CK_ULONG count) {
    if (list == NULL)
        return count == 0;
    for (CK_ULONG i = 0; i < count; i++)
        if (list[i].ulValueLen == CK_UNAVAILABLE_INFORMATION || !FILLED(list[i].pValue, list[i].ulValueLen))
            return false;
    return true;
}
