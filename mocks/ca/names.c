/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "names.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <string.h>

X509_NAME *name_new(const name_part *parts) {
    X509_NAME *name = X509_NAME_new();
    for (; name != NULL && parts->attribute != NULL; parts++) {
        const unsigned char *value = (const unsigned char *)parts->value;
        if (X509_NAME_add_entry_by_txt(name, parts->attribute, MBSTRING_UTF8, value, -1, -1, 0) != 1) {
            X509_NAME_free(name);
            return NULL;
        }
    }
    return name;
}

char *name_text(const X509_NAME *name) {
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL, *data;
    if (out != NULL && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long length = BIO_get_mem_data(out, &data);
        text = OPENSSL_strndup(data, (size_t)length);
    }
    BIO_free(out);
    return text;
}
