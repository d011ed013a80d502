/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "authority.h"

#include "base/file.h"
#include "ceremony.h"
#include "crl.h"
#include "ca_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define JPKI_CA(unit, japanese_unit)                                                                                   \
    {{"C", "JP"}, {"O", "JPKI-MOCK"}, {"OU", unit}, {"OU", "Uketsuke mock CA"}}, japanese_unit, keys_rsa, unit
#define JPKI_AUTH JPKI_CA("JPKI for user authentication", "公的個人認証サービス利用者証明用")
#define JPKI_SIGN JPKI_CA("JPKI for digital signature", "公的個人認証サービス署名用")

/* Every generation of a JPKI CA has the same name (the real ones do too): never choose an anchor by name alone. */
static const struct {
    const char *name;
    name_part subject[6];
    const char *alternative_unit;
    EVP_PKEY *(*make_key)(void);
    const char *distribution_unit; /* OU of the CRL distribution point; NULL: none */
    int years_ago;                 /* when an older generation began; 0: today, and current */
} table[AUTHORITY_COUNT] = {
    [AUTHORITY_JPKI_AUTH] = {"jpki-auth-ca", JPKI_AUTH, 0},
    [AUTHORITY_JPKI_SIGN] = {"jpki-sign-ca", JPKI_SIGN, 0},
    [AUTHORITY_JPKI_AUTH_2] = {"jpki-auth-ca-2", JPKI_AUTH, 7},
    [AUTHORITY_JPKI_SIGN_2] = {"jpki-sign-ca-2", JPKI_SIGN, 7},
    [AUTHORITY_JPKI_AUTH_1] = {"jpki-auth-ca-1", JPKI_AUTH, 11},
    [AUTHORITY_JPKI_SIGN_1] = {"jpki-sign-ca-1", JPKI_SIGN, 11},
    [AUTHORITY_OPERATOR] =
        {"operator-ca", {{"C", "JP"}, {"O", "Uketsuke mock CA"}, {"CN", "Operator CA"}}, NULL, keys_rsa, NULL, 0},
    [AUTHORITY_INSTITUTION] =
        {"institution-ca", {{"C", "JP"}, {"O", "Uketsuke mock CA"}, {"CN", "Institution CA"}}, NULL, keys_rsa, NULL, 0},
    [AUTHORITY_TLS] = {"tls-ca", {{"C", "JP"}, {"O", "Uketsuke mock CA"}, {"CN", "TLS CA"}}, NULL, keys_p256, NULL, 0},
};

static void file_name(char text[64], authority_kind kind, const char *ending) {
    snprintf(text, 64, "%s.%s", table[kind].name, ending);
}

static result record(office *o, authority_kind kind, const x509_request *request, const char *what) {
    return office_append(o->secrets, "issued.txt", 0600, "%08X %s %s %s", request->serial, table[kind].name,
                         request->profile->name, office_relative(o, what));
}

static result append_to_roots(office *o, const char *pem_name) {
    buffer pem = BUFFER_INIT(1 << 16);
    char *roots = file_join(o->anchors, "roots.pem"), *pem_path = file_join(o->anchors, pem_name);
    result r = roots != NULL && pem_path != NULL ? file_read(roots, &pem) : RESULT_NO_MEMORY;
    if (r == RESULT_OK || r == RESULT_NOT_FOUND)
        r = file_read(pem_path, &pem);
    if (r == RESULT_OK)
        r = file_replace(roots, buffer_bytes(&pem), 0644);
    free(roots);
    free(pem_path);
    buffer_wipe(&pem);
    return r;
}

/* Where the certificate and the CRL of this authority are: its own fresh string. */
static char *public_folder(const office *o, authority_kind kind) {
    return table[kind].years_ago == 0 ? strdup(o->anchors) : office_folder(o, "generations", 0755);
}

static validity valid_from(const office *o, authority_kind kind, int years) {
    struct tm day;
    time_t now = (time_t)o->now;
    gmtime_r(&now, &day);
    day.tm_year -= table[kind].years_ago;
    return validity_years(timegm(&day), years);
}

static result create(office *o, authority_kind kind) {
    char key_name[64], pem_name[64];
    file_name(key_name, kind, "key");
    file_name(pem_name, kind, "pem");
    x509_request request = {.profile = profile_find("ca"),
                            .subject = table[kind].subject,
                            .key = table[kind].make_key(),
                            .alternative_unit = table[kind].alternative_unit,
                            .distribution_unit = table[kind].distribution_unit};
    char *folder = public_folder(o, kind);
    request.valid = valid_from(o, kind, request.profile->years);
    X509 *certificate = NULL;
    result r = request.key == NULL || folder == NULL ? RESULT_INTERNAL : office_next_serial(o, &request.serial);
    if (r == RESULT_OK && (certificate = x509_issue(&request, NULL, request.key)) == NULL)
        r = RESULT_INTERNAL;
    if (r == RESULT_OK)
        r = keys_write(o->secrets, key_name, request.key);
    if (r == RESULT_OK)
        r = x509_write(folder, pem_name, certificate);
    if (r == RESULT_OK && table[kind].years_ago == 0)
        r = append_to_roots(o, pem_name);
    if (r == RESULT_OK)
        r = record(o, kind, &request, pem_name);
    if (r == RESULT_OK)
        r = ceremony_certificate(o, table[kind].name, certificate, "kept in ca/, never leaves it");
    X509_free(certificate);
    EVP_PKEY_free(request.key);
    free(folder);
    return r;
}

static result create_range(office *o, int first, int behind_last) {
    result r = RESULT_OK;
    for (int kind = first; r == RESULT_OK && kind < behind_last; kind++)
        r = create(o, (authority_kind)kind);
    return r == RESULT_OK ? authority_write_crls(o) : r;
}

result authority_create_all(office *o) {
    return create_range(o, 0, AUTHORITY_CURRENT_COUNT);
}

result authority_create_generations(office *o) {
    authority there;
    result r = authority_open(o, AUTHORITY_JPKI_AUTH_1, &there);
    authority_close(&there);
    if (r == RESULT_OK)
        return RESULT_EXISTS;
    return r == RESULT_NOT_FOUND ? create_range(o, AUTHORITY_CURRENT_COUNT, AUTHORITY_COUNT) : r;
}

authority_kind authority_of_generation(authority_kind current, unsigned generation) {
    bool auth = current == AUTHORITY_JPKI_AUTH;
    switch (generation) {
    case 1: return auth ? AUTHORITY_JPKI_AUTH_1 : AUTHORITY_JPKI_SIGN_1;
    case 2: return auth ? AUTHORITY_JPKI_AUTH_2 : AUTHORITY_JPKI_SIGN_2;
    default: return current;
    }
}

result authority_open(const office *o, authority_kind kind, authority *out) {
    char name[64], *folder = NULL;
    *out = (authority){.name = table[kind].name};
    file_name(name, kind, "key");
    result r = keys_read(o->secrets, name, &out->key);
    file_name(name, kind, "pem");
    if (r == RESULT_OK && (folder = public_folder(o, kind)) == NULL)
        r = RESULT_IO;
    if (r == RESULT_OK)
        r = x509_read(folder, name, &out->certificate);
    if (r != RESULT_OK)
        authority_close(out);
    free(folder);
    return r;
}

void authority_close(authority *a) {
    X509_free(a->certificate);
    EVP_PKEY_free(a->key);
    *a = (authority){0};
}

result authority_issue(office *o, authority_kind kind, x509_request *request, const char *what, X509 **certificate) {
    authority a;
    *certificate = NULL;
    result r = authority_open(o, kind, &a);
    if (r == RESULT_OK && request->serial == 0)
        r = office_next_serial(o, &request->serial);
    if (r == RESULT_OK && (*certificate = x509_issue(request, a.certificate, a.key)) == NULL)
        r = RESULT_INTERNAL;
    if (r == RESULT_OK)
        r = record(o, kind, request, what);
    authority_close(&a);
    return r;
}

/* The authority that issued this serial, from the register. */
static result find_issuer(const office *o, const char *serial, authority_kind *kind) {
    buffer text = BUFFER_INIT(OFFICE_REGISTER_MAX);
    char *path = file_join(o->secrets, "issued.txt");
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, &text);
    char name[32], number[9];
    if (r == RESULT_OK)
        r = RESULT_NOT_FOUND;
    for (const char *line = buffer_text(&text); r == RESULT_NOT_FOUND && line != NULL && *line != '\0';) {
        if (sscanf(line, "%8s %31s", number, name) == 2 && strcmp(number, serial) == 0)
            for (int i = 0; i < AUTHORITY_COUNT; i++)
                if (strcmp(table[i].name, name) == 0) {
                    *kind = (authority_kind)i;
                    r = RESULT_OK;
                }
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    buffer_wipe(&text);
    free(path);
    return r;
}

result authority_revoke(office *o, const char *serial) {
    authority_kind kind = 0;
    char when[CLOCK_TEXT_SIZE];
    clock_text(o->now, when);
    result r = find_issuer(o, serial, &kind);
    if (r == RESULT_OK && crl_lists(o, serial))
        return RESULT_EXISTS;
    if (r == RESULT_OK)
        r = office_append(o->secrets, "revoked.txt", 0600, "%s %s %s", serial, table[kind].name, when);
    if (r == RESULT_OK)
        r = ceremony_note(o, "%s  revoked serial %s of %s", when, serial, table[kind].name);
    return r == RESULT_OK ? authority_write_crls(o) : r;
}

/* Older generations need not be there. */
static result write_crl(office *o, authority_kind kind) {
    authority a;
    char *folder = NULL;
    result r = authority_open(o, kind, &a);
    if (r == RESULT_NOT_FOUND && table[kind].years_ago > 0)
        return RESULT_OK;
    if (r == RESULT_OK && (folder = public_folder(o, kind)) == NULL)
        r = RESULT_IO;
    if (r == RESULT_OK)
        r = crl_write(o, folder, a.name, a.certificate, a.key);
    authority_close(&a);
    free(folder);
    return r;
}

result authority_write_crls(office *o) {
    result r = RESULT_OK;
    for (int kind = 0; r == RESULT_OK && kind < AUTHORITY_COUNT; kind++)
        r = write_crl(o, (authority_kind)kind);
    return r;
}
