/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pkcs10.h"

#include "base/file.h"

#include <openssl/pem.h>

#define REQUEST_MAX 16384

result pkcs10_read(const char *path, result (*accept)(EVP_PKEY *key), EVP_PKEY **key) {
    buffer text = BUFFER_INIT(REQUEST_MAX);
    result r = file_read(path, &text);
    BIO *in = r == RESULT_OK ? BIO_new_mem_buf(text.data, (int)text.length) : NULL;
    X509_REQ *request = in ? PEM_read_bio_X509_REQ(in, NULL, NULL, NULL) : NULL;
    *key = request ? X509_REQ_get_pubkey(request) : NULL;
    if (r == RESULT_OK)
        r = *key != NULL ? accept(*key) : RESULT_INVALID;
    if (r == RESULT_OK && X509_REQ_verify(request, *key) != 1)
        r = RESULT_BAD_SIGNATURE;
    X509_REQ_free(request);
    BIO_free(in);
    buffer_wipe(&text);
    return r;
}
