/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "mechanism.h"

#include "opensc/mechanisms.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define OFFERED_MAX 64 /* more than the stock module has for any card */

typedef struct mechanism {
    CK_MECHANISM_TYPE type;
    CK_FLAGS flags;         /* operations of a token that deciphers; CKF_DECRYPT goes where no key does */
    CK_MECHANISM_TYPE hash; /* PSS with a hash: of this function alone; CKM_RSA_PKCS_PSS: of any row's */
    bool pss;
} mechanism;

#define SIGNS (CKF_SIGN | CKF_VERIFY)
#define HASH_ROWS(bits, bytes, arc, algorithm)                                                                         \
    {CKM_SHA##bits, CKF_DIGEST, 0, false}, {CKM_SHA##bits##_RSA_PKCS, SIGNS, 0, false},                                \
        {CKM_SHA##bits##_RSA_PKCS_PSS, SIGNS, CKM_SHA##bits, true},

static const mechanism mechanisms[] = {{CKM_RSA_PKCS, CKF_HW | SIGNS | CKF_DECRYPT, 0, false},
                                       {CKM_RSA_PKCS_PSS, CKF_HW | SIGNS, 0, true},
                                       {CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_HW | CKF_GENERATE_KEY_PAIR, 0, false},
                                       TOKEN_HASHES(HASH_ROWS)};

#define PSS_ROW(bits, bytes, arc, algorithm) {CKM_SHA##bits, CKG_MGF1_SHA##bits, bytes},
static const CK_RSA_PKCS_PSS_PARAMS pss_rows[] = {TOKEN_HASHES(PSS_ROW)};

static const mechanism *find(CK_MECHANISM_TYPE type) {
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (mechanisms[i].type == type)
            return &mechanisms[i];
    return NULL;
}

/* A token that makes keys is the SE, which has one that deciphers. */
static bool deciphers(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot) {
    CK_MECHANISM_INFO info;
    return functions->C_GetMechanismInfo(slot, CKM_RSA_PKCS_KEY_PAIR_GEN, &info) == CKR_OK;
}

CK_RV mechanism_list(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count) {
    CK_MECHANISM_TYPE offered[OFFERED_MAX];
    CK_ULONG offers = OFFERED_MAX, room = list == NULL ? 0 : *count, found = 0;
    CK_RV rv = functions->C_GetMechanismList(slot, offered, &offers);
    if (rv != CKR_OK)
        return rv;
    for (CK_ULONG i = 0; i < offers; i++) {
        if (find(offered[i]) == NULL)
            continue;
        if (found < room)
            list[found] = offered[i];
        found++;
    }
    *count = found;
    return list != NULL && found > room ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

CK_RV mechanism_info(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
                     CK_MECHANISM_INFO_PTR info) {
    const mechanism *m = find(type);
    CK_RV rv = functions->C_GetMechanismInfo(slot, type, info);
    if (rv != CKR_OK || m == NULL)
        return rv != CKR_OK ? rv : CKR_MECHANISM_INVALID;
    info->flags = m->flags;
    if (info->flags & CKF_DECRYPT && !deciphers(functions, slot))
        info->flags &= ~(CK_FLAGS)CKF_DECRYPT;
    return CKR_OK;
}

static bool pss_is_right(const mechanism *m, const CK_MECHANISM *method) {
    CK_RSA_PKCS_PSS_PARAMS given;
    if (method->ulParameterLen != sizeof given)
        return false;
    memcpy(&given, method->pParameter, sizeof given);
    for (size_t i = 0; i < sizeof pss_rows / sizeof *pss_rows; i++)
        if (given.hashAlg == pss_rows[i].hashAlg && given.mgf == pss_rows[i].mgf && given.sLen == pss_rows[i].sLen)
            return m->hash == 0 || m->hash == given.hashAlg;
    return false;
}

CK_RV mechanism_begins(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, const CK_MECHANISM *method,
                       CK_FLAGS operation) {
    const mechanism *m = find(method->mechanism);
    CK_MECHANISM_INFO info;
    if (m == NULL)
        return CKR_MECHANISM_INVALID;
    CK_RV rv = mechanism_info(functions, slot, method->mechanism, &info);
    if (rv == CKR_OK && !(info.flags & operation))
        rv = CKR_MECHANISM_INVALID;
    if (rv != CKR_OK)
        return rv;
    const bool right = m->pss ? pss_is_right(m, method) : method->ulParameterLen == 0;
    return right ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static const CK_ATTRIBUTE *find_attribute(const CK_ATTRIBUTE *list, CK_ULONG count, CK_ATTRIBUTE_TYPE type) {
    for (CK_ULONG i = 0; i < count; i++)
        if (list[i].type == type)
            return &list[i];
    return NULL;
}

/* The attribute is absent or has this value. */
static bool fits(const CK_ATTRIBUTE *attribute, CK_ULONG wanted) {
    CK_ULONG value;
    if (attribute == NULL)
        return true;
    if (attribute->ulValueLen != sizeof value)
        return false;
    memcpy(&value, attribute->pValue, sizeof value);
    return value == wanted;
}

/* A big integer, as in CKA_MODULUS and CKA_PUBLIC_EXPONENT: leading zeros are ignored. */
static CK_ULONG significant(const CK_ATTRIBUTE *number, const CK_BYTE **from) {
    CK_ULONG length = number->ulValueLen;
    *from = number->pValue;
    while (length > 0 && **from == 0) {
        (*from)++;
        length--;
    }
    return length;
}

static bool exponent_fits(const CK_ATTRIBUTE *exponent) {
    static const CK_BYTE wanted[] = {RSA_EXPONENT >> 16, RSA_EXPONENT >> 8 & 0xFF, RSA_EXPONENT & 0xFF};
    const CK_BYTE *from;
    return exponent == NULL ||
           (significant(exponent, &from) == sizeof wanted && memcmp(from, wanted, sizeof wanted) == 0);
}

CK_RV mechanism_makes(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, const CK_MECHANISM *method,
                      const CK_ATTRIBUTE *public_list, CK_ULONG public_count, const CK_ATTRIBUTE *private_list,
                      CK_ULONG private_count) {
    const CK_ATTRIBUTE *bits = find_attribute(public_list, public_count, CKA_MODULUS_BITS);
    CK_RV rv = mechanism_begins(functions, slot, method, CKF_GENERATE_KEY_PAIR);
    if (rv != CKR_OK)
        return rv;
    if (!fits(find_attribute(public_list, public_count, CKA_KEY_TYPE), CKK_RSA) ||
        !fits(find_attribute(private_list, private_count, CKA_KEY_TYPE), CKK_RSA))
        return CKR_TEMPLATE_INCONSISTENT;
    if (bits == NULL)
        return CKR_TEMPLATE_INCOMPLETE;
    if (bits->ulValueLen != sizeof(CK_ULONG) ||
        !exponent_fits(find_attribute(public_list, public_count, CKA_PUBLIC_EXPONENT)))
        return CKR_ATTRIBUTE_VALUE_INVALID;
    return fits(bits, RSA_KEY_BITS) ? CKR_OK : CKR_KEY_SIZE_RANGE;
}

CK_RV mechanism_takes(const CK_ATTRIBUTE *list, CK_ULONG count) {
    const CK_ATTRIBUTE *class = find_attribute(list, count, CKA_CLASS);
    const CK_ATTRIBUTE *modulus = find_attribute(list, count, CKA_MODULUS);
    const CK_BYTE *from;
    if (class == NULL || !fits(class, CKO_PRIVATE_KEY))
        return CKR_OK;
    if (!fits(find_attribute(list, count, CKA_KEY_TYPE), CKK_RSA))
        return CKR_ATTRIBUTE_VALUE_INVALID;
    if (modulus == NULL)
        return CKR_TEMPLATE_INCOMPLETE;
    return significant(modulus, &from) == RSA_KEY_LENGTH && *from & 0x80 ? CKR_OK : CKR_KEY_SIZE_RANGE;
}
