/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tls_issue.h"

#include "base/file.h"
#include "ca_keys.h"
#include "certificate_file.h"
#include "pkcs10.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOSTS_MAX 1024
#define EXTENSIONS_MAX 2048
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
#define FATE_FILE "in this file, for its holder"
#define FATE_HOLDER "made by its holder and never here: the request proved possession"

/* --- what a server is called -------------------------------------------------------------------------------------- */

static bool is_address(const char *host) {
    unsigned char raw[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, raw) == 1 || inet_pton(AF_INET6, host, raw) == 1;
}

/* RFC 5280 4.2.1.6; x509v3_config(5), "Subject Alternative Name". */
static result add_host(buffer *names, const char *host) {
    const bool address = is_address(host);
    if (!address && (*host == '\0' || strspn(host, NAME_CHARACTERS) != strlen(host)))
        return RESULT_INVALID;
    return buffer_append_format(names, "%s%s:%s", names->length > 0 ? "," : "", address ? "IP" : "DNS", host);
}

/* first: the first of them, cut at its end. */
static result read_hosts(const char *hosts, char first[HOSTS_MAX], buffer *names) {
    char copy[HOSTS_MAX], *rest = copy;
    result r = snprintf(copy, sizeof copy, "%s", hosts) < (int)sizeof copy ? RESULT_OK : RESULT_TOO_LONG;
    *first = '\0';
    for (const char *host = strsep(&rest, ","); r == RESULT_OK && host != NULL; host = strsep(&rest, ",")) {
        r = add_host(names, host);
        if (*first == '\0')
            snprintf(first, HOSTS_MAX, "%s", host);
    }
    return r;
}

/* The profile with other names in it. */
static result name_profile(const profile *of, const char *names, buffer *extensions, profile *out) {
    static const char own[] = "subjectAltName=";
    const char *begin = strstr(of->extensions, own), *end = begin != NULL ? strchr(begin, '\n') : NULL;
    if (end == NULL)
        return RESULT_INTERNAL;
    const result r = buffer_append_format(extensions, "%.*s%s%s%s", (int)(begin - of->extensions), of->extensions, own,
                                          names, end);
    *out = *of;
    out->extensions = r == RESULT_OK ? buffer_text(extensions) : NULL;
    return r;
}

/* --- one certificate ---------------------------------------------------------------------------------------------- */

/* *out: the office's folder of that name; the caller frees it. RESULT_EXISTS: file is in it already. */
static result make_place(const office *o, const char *name, const char *file, char **out) {
    *out = office_folder(o, name, 0700);
    char *there = *out != NULL ? file_join(*out, file) : NULL;
    const result r = there == NULL ? RESULT_IO : access(there, F_OK) == 0 ? RESULT_EXISTS : RESULT_OK;
    free(there);
    return r;
}

result tls_issue_server(office *o, const char *hosts, const char *name) {
    char first[HOSTS_MAX], *folder = NULL;
    buffer names = BUFFER_INIT(2 * HOSTS_MAX), extensions = BUFFER_INIT(EXTENSIONS_MAX + 2 * HOSTS_MAX);
    profile named = {0};
    EVP_PKEY *key = NULL;
    result r = read_hosts(hosts, first, &names);
    if (r == RESULT_OK)
        r = name_profile(profile_find("tls-server"), buffer_text(&names), &extensions, &named);
    if (r == RESULT_OK)
        r = make_place(o, name, "tls.pem", &folder);
    if (r == RESULT_OK)
        r = (key = keys_p256()) != NULL ? keys_write(folder, "tls.key", key) : RESULT_INTERNAL;
    const name_part subject[] = {{"C", "JP"}, {"O", "Uketsuke mock services"}, {"CN", first}, {NULL, NULL}};
    x509_request request = {.profile = &named, .subject = subject, .key = key};
    if (r == RESULT_OK)
        r = certificate_file_issue(o, AUTHORITY_TLS, &request, folder, "tls.pem", FATE_FILE);
    EVP_PKEY_free(key);
    free(folder);
    buffer_wipe(&names);
    buffer_wipe(&extensions);
    return r;
}

static result accept_p256(EVP_PKEY *key) {
    char group[32];
    size_t length = 0;
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
                   EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1 && strcmp(group, "prime256v1") == 0
               ? RESULT_OK
               : RESULT_INVALID;
}

static result make_client_key(const char *folder, EVP_PKEY **key) {
    *key = keys_p256();
    return *key != NULL ? keys_write(folder, "tls-client.key", *key) : RESULT_INTERNAL;
}

result tls_issue_client(office *o, const institution_order *order, const char *request, const char *name) {
    const name_part subject[] = {
        {"C", "JP"}, {"O", order->name}, {"serialNumber", order->code}, {"CN", order->terminal}, {NULL, NULL}};
    char *folder = NULL;
    EVP_PKEY *key = NULL;
    result r = make_place(o, name, "tls-client.pem", &folder);
    if (r == RESULT_OK)
        r = request != NULL ? pkcs10_read(request, accept_p256, &key) : make_client_key(folder, &key);
    x509_request wanted = {.profile = profile_find("tls-client"), .subject = subject, .key = key};
    if (r == RESULT_OK)
        r = certificate_file_issue(o, AUTHORITY_TLS, &wanted, folder, "tls-client.pem",
                                   request != NULL ? FATE_HOLDER : FATE_FILE);
    EVP_PKEY_free(key);
    free(folder);
    return r;
}
