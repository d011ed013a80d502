/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "opensc/signature_form.h"

#include <libopensc/opensc.h>

/* SEQUENCE { SEQUENCE { OBJECT IDENTIFIER, NULL }, OCTET STRING } */
#define FORM(bits, bytes, arc, algorithm)                                                                              \
    {SC_ALGORITHM_RSA_HASH_SHA##bits,                                                                                  \
     SC_ALGORITHM_MGF1_SHA##bits,                                                                                      \
     bytes,                                                                                                            \
     algorithm,                                                                                                        \
     {0x30, SIGNATURE_PREFIX - 2 + bytes, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc, \
      0x05, 0x00, 0x04, bytes}},

static const signature_form forms[] = {TOKEN_HASHES(FORM)};

#define FORMS (sizeof forms / sizeof *forms)

unsigned long signature_flags(bool pss) {
    unsigned long flags = SC_ALGORITHM_RSA_PAD_PKCS1 | SC_ALGORITHM_RSA_HASH_NONE;
    for (size_t i = 0; i < FORMS; i++)
        flags |= forms[i].hash | (pss ? SC_ALGORITHM_RSA_PAD_PSS | forms[i].mask_generation : 0);
    return flags;
}

/* With PSS the host may have made the hash (HASH_NONE); the mask uses the same function. */
const signature_form *signature_form_of(unsigned long flags) {
    const unsigned long hash = flags & SC_ALGORITHM_RSA_HASHES & ~(unsigned long)SC_ALGORITHM_RSA_HASH_NONE;
    const bool pss = flags & SC_ALGORITHM_RSA_PAD_PSS;
    for (size_t i = 0; i < FORMS; i++) {
        if (!pss && hash == forms[i].hash)
            return &forms[i];
        if (pss && (flags & SC_ALGORITHM_MGF1_HASHES) == forms[i].mask_generation &&
            (hash == 0 || hash == forms[i].hash))
            return &forms[i];
    }
    return NULL;
}

int signature_input(const signature_form *form, bytes data, buffer *input) {
    if (data.length == 0 || data.length > SIGNATURE_INPUT_MAX || (form != NULL && data.length != form->length))
        return SC_ERROR_WRONG_LENGTH;
    if (form != NULL)
        buffer_append(input, BYTES(form->prefix));
    return buffer_append(input, data) == RESULT_OK ? SC_SUCCESS : SC_ERROR_OUT_OF_MEMORY;
}
