/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card_anchors.h"

#include "base/file.h"
#include "openssl_context/openssl_context.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES_MAX 256
#define ANCHORS_MAX 64
#define FILE_MAX 65536

typedef struct search {
    OSSL_LIB_CTX *context;
    X509 *leaf;
    buffer found; /* empty: none yet */
    size_t entries, anchors;
    bool given_up;
} search;

static X509 *read_der(OSSL_LIB_CTX *context, bytes der) {
    X509 *certificate = X509_new_ex(context, NULL);
    const unsigned char *at = der.data;
    if (certificate == NULL)
        return NULL;
    if (d2i_X509(&certificate, &at, (long)der.length) != NULL && at == der.data + der.length)
        return certificate;
    X509_free(certificate); /* NULL when the decoder has freed it */
    return NULL;
}

static bool has_signed(X509 *anchor, X509 *leaf) {
    EVP_PKEY *key = X509_get0_pubkey(anchor);
    return key != NULL && X509_check_ca(anchor) == 1 && X509_check_issued(anchor, leaf) == X509_V_OK &&
           X509_verify(leaf, key) == 1;
}

/* The same certificate in two files is one. */
static void consider(search *s, bytes der) {
    X509 *anchor = read_der(s->context, der);
    if (anchor != NULL && has_signed(anchor, s->leaf) && !bytes_equal(der, buffer_bytes(&s->found)) &&
        (s->found.length > 0 || buffer_append(&s->found, der) != RESULT_OK))
        s->given_up = true;
    X509_free(anchor);
}

/* By PEM_read_bio_ex: the functions that know certificates ask at the terminal for the password of an encrypted
 * block. */
static void read_blocks(search *s, BIO *in) {
    char *name, *header;
    unsigned char *der;
    long length;
    while (!s->given_up && PEM_read_bio_ex(in, &name, &header, &der, &length, PEM_FLAG_EAY_COMPATIBLE) == 1) {
        if (s->anchors++ == ANCHORS_MAX)
            s->given_up = true;
        else if (strcmp(name, PEM_STRING_X509) == 0)
            consider(s, bytes_of(der, (size_t)length));
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(der);
    }
}

static void read_file(search *s, int folder, const char *name, int flags) {
    buffer content = BUFFER_INIT(FILE_MAX);
    if (file_read_entry(folder, name, flags, &content) == RESULT_OK && content.length > 0) {
        BIO *in = BIO_new_mem_buf(content.data, (int)content.length);
        if (in != NULL)
            read_blocks(s, in);
        BIO_free(in);
    }
    buffer_wipe(&content);
}

static bool is_named_right(const char *name) {
    const char *end = strrchr(name, '.');
    return end != NULL && (strcmp(end, ".pem") == 0 || strcmp(end, ".crt") == 0);
}

static void read_folder(search *s, DIR *folder) {
    const struct dirent *entry;
    while (!s->given_up && (entry = readdir(folder)) != NULL) {
        if (s->entries++ == ENTRIES_MAX)
            s->given_up = true;
        else if (is_named_right(entry->d_name))
            read_file(s, dirfd(folder), entry->d_name, O_NOFOLLOW);
    }
}

static void read_all(search *s, const char *path) {
    DIR *folder = opendir(path);
    if (folder == NULL) {
        read_file(s, AT_FDCWD, path, 0);
        return;
    }
    read_folder(s, folder);
    closedir(folder);
}

/* Keeps OpenSSL's errors about a broken anchor out of the program's error queue. */
result anchors_find_issuer(const char *path, bytes leaf, buffer *issuer) {
    search s = {.context = openssl_context(), .found = BUFFER_INIT(issuer->bound)};
    if (s.context == NULL)
        return RESULT_NOT_FOUND;
    ERR_set_mark();
    s.leaf = read_der(s.context, leaf);
    if (s.leaf != NULL)
        read_all(&s, path);
    X509_free(s.leaf);
    ERR_pop_to_mark();
    result code = s.found.length == 0 || s.given_up ? RESULT_NOT_FOUND : buffer_append(issuer, buffer_bytes(&s.found));
    buffer_wipe(&s.found);
    return code;
}
