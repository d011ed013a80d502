/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many patients and institutions, from one card and one SE: certificates with other serials, holders and CA signatures
 * over the same keys, for measurements. What a verifier computes is the same as with as many keys: nothing in it
 * depends on a modulus that was seen before, only on certificates.
 *
 *   make-population PKI CARD OUT PATIENTS INSTITUTIONS
 *
 * PKI: what mock-ca wrote, with its ca/; CARD: a patient's image. Writes OUT/patient-N.der, N from 0, with the serials
 * that `uketsuke-pf generate` gives to its people, and OUT/institution-N/ with institution.pem, tls-client.pem,
 * institution-code, terminal-id and se-serial. */
#include "evidence_maker.h"

#include "base/file.h"

#include <gnutls/abstract.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX 65536
#define FIRST_SERIAL 0x10000000U /* mocks/pf/generator.c: two for each person */
#define TEXT_SIZE 256
#define GNUTLS(call)                                                                                                   \
    do {                                                                                                               \
        int code_ = (call);                                                                                            \
        if (code_ < 0) {                                                                                               \
            fprintf(stderr, "%s: %s\n", #call, gnutls_strerror(code_));                                                \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

typedef struct authority {
    gnutls_x509_crt_t certificate;
    gnutls_privkey_t key;
} authority;

typedef struct copy {
    buffer model; /* the certificate that is copied, PEM or DER */
    gnutls_x509_crt_fmt_t form;
    authority by;
} copy;

static buffer read_whole(const char *path) {
    buffer content = BUFFER_INIT(FILE_MAX);
    CHECK(file_read(path, &content));
    return content;
}

static gnutls_x509_crt_t parse(const buffer *content, gnutls_x509_crt_fmt_t form) {
    const gnutls_datum_t in = {content->data, (unsigned)content->length};
    gnutls_x509_crt_t out;
    GNUTLS(gnutls_x509_crt_init(&out));
    GNUTLS(gnutls_x509_crt_import(out, &in, form));
    return out;
}

static authority open_authority(const char *pki, const char *name) {
    char path[TEXT_SIZE];
    authority out;
    snprintf(path, sizeof path, "anchors/%s.pem", name);
    buffer content = read_whole(path_of(pki, path));
    out.certificate = parse(&content, GNUTLS_X509_FMT_PEM);
    snprintf(path, sizeof path, "ca/%s.key", name);
    content = read_whole(path_of(pki, path));
    const gnutls_datum_t in = {content.data, (unsigned)content.length};
    GNUTLS(gnutls_privkey_init(&out.key));
    GNUTLS(gnutls_privkey_import_x509_raw(out.key, &in, GNUTLS_X509_FMT_PEM, NULL, 0));
    buffer_wipe(&content);
    return out;
}

static void set_serial(gnutls_x509_crt_t c, uint32_t serial) {
    const uint8_t raw[] = {(uint8_t)(serial >> 24), (uint8_t)(serial >> 16), (uint8_t)(serial >> 8), (uint8_t)serial};
    GNUTLS(gnutls_x509_crt_set_serial(c, raw, sizeof raw));
}

/* Not durable, as there are thousands. */
static void write_file(const char *path, const void *data, size_t length) {
    FILE *out = fopen(path, "w");
    if (!out || fwrite(data, 1, length, out) != length || fclose(out) != 0) {
        perror(path);
        exit(1);
    }
}

static void copy_extensions(gnutls_x509_crt_t from, gnutls_x509_crt_t to) {
    char oid[TEXT_SIZE];
    gnutls_datum_t value;
    size_t length = sizeof oid;
    unsigned critical;
    for (unsigned i = 0; gnutls_x509_crt_get_extension_info(from, i, oid, &length, &critical) == 0; i++) {
        GNUTLS(gnutls_x509_crt_get_extension_data2(from, i, &value));
        GNUTLS(gnutls_x509_crt_set_extension_by_oid(to, oid, value.data, value.size, critical));
        gnutls_free(value.data);
        length = sizeof oid;
    }
}

/* The same but for the subject, RFC 4514; GnuTLS adds to a subject that is there. */
static gnutls_x509_crt_t with_subject(gnutls_x509_crt_t from, const char *subject) {
    gnutls_x509_crt_t out;
    gnutls_pubkey_t key;
    GNUTLS(gnutls_pubkey_init(&key));
    GNUTLS(gnutls_pubkey_import_x509(key, from, 0));
    GNUTLS(gnutls_x509_crt_init(&out));
    GNUTLS(gnutls_x509_crt_set_version(out, 3));
    GNUTLS(gnutls_x509_crt_set_activation_time(out, gnutls_x509_crt_get_activation_time(from)));
    GNUTLS(gnutls_x509_crt_set_expiration_time(out, gnutls_x509_crt_get_expiration_time(from)));
    GNUTLS(gnutls_x509_crt_set_pubkey(out, key));
    GNUTLS(gnutls_x509_crt_set_dn(out, subject, NULL));
    copy_extensions(from, out);
    gnutls_pubkey_deinit(key);
    gnutls_x509_crt_deinit(from);
    return out;
}

/* subject: NULL: the model's. */
static void write_copy(const copy *from, uint32_t serial, const char *subject, const char *path) {
    gnutls_datum_t out;
    gnutls_x509_crt_t c = parse(&from->model, from->form);
    if (subject)
        c = with_subject(c, subject);
    set_serial(c, serial);
    GNUTLS(gnutls_x509_crt_privkey_sign(c, from->by.certificate, from->by.key, GNUTLS_DIG_SHA256, 0));
    GNUTLS(gnutls_x509_crt_export2(c, from->form, &out));
    write_file(path, out.data, out.size);
    gnutls_free(out.data);
    gnutls_x509_crt_deinit(c);
}

static void make_patients(const char *pki, const char *card, const char *out, size_t count) {
    const copy patient = {read_whole(path_of(card, "ef/000A")), GNUTLS_X509_FMT_DER,
                          open_authority(pki, "jpki-auth-ca")};
    char name[TEXT_SIZE];
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "patient-%zu.der", i);
        write_copy(&patient, FIRST_SERIAL + 2 * (uint32_t)i, NULL, path_of(out, name));
    }
}

static void write_text(const char *folder, const char *name, const char *text) {
    write_file(path_of(folder, name), text, strlen(text));
}

static void make_institution(const copy *institution, const copy *client, size_t number, const char *folder) {
    char code[TEXT_SIZE], terminal[TEXT_SIZE], serial[TEXT_SIZE], subject[3 * TEXT_SIZE];
    if (mkdir(folder, 0700) != 0)
        exit(1);
    snprintf(code, sizeof code, "13%08zu", number);
    snprintf(terminal, sizeof terminal, "T-%zu", number);
    snprintf(serial, sizeof serial, "UKSE%012zu", number);
    snprintf(subject, sizeof subject, "serialNumber=%s,O=Clinic %zu,C=JP", code, number);
    write_copy(institution, 0x20000000U + (uint32_t)number, subject, path_of(folder, "institution.pem"));
    snprintf(subject, sizeof subject, "CN=%s,serialNumber=%s,O=Clinic %zu,C=JP", terminal, code, number);
    write_copy(client, 0x30000000U + (uint32_t)number, subject, path_of(folder, "tls-client.pem"));
    write_text(folder, "institution-code", code);
    write_text(folder, "terminal-id", terminal);
    write_text(folder, "se-serial", serial);
}

static void make_institutions(const char *pki, const char *out, size_t count) {
    const copy institution = {read_whole(path_of(pki, "se-1/institution.pem")), GNUTLS_X509_FMT_PEM,
                              open_authority(pki, "institution-ca")},
               client = {read_whole(path_of(pki, "se-1/tls-client.pem")), GNUTLS_X509_FMT_PEM,
                         open_authority(pki, "tls-ca")};
    char name[TEXT_SIZE];
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "institution-%zu", i);
        make_institution(&institution, &client, i, path_of(out, name));
    }
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fputs("make-population PKI CARD OUT PATIENTS INSTITUTIONS\n", stderr);
        return 2;
    }
    if (mkdir(argv[3], 0700) != 0)
        return 1;
    make_patients(argv[1], argv[2], argv[3], strtoul(argv[4], NULL, 10));
    make_institutions(argv[1], argv[3], strtoul(argv[5], NULL, 10));
    return 0;
}
