/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/revocation_list.h"

#include "crypt/der.h"

#include <gnutls/abstract.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL "X509 CRL"
#define END "-----END " LABEL "-----"
#define VERSION_2 1
#define SERIAL_MAX 20 /* RFC 5280 4.1.2.2 */

struct revoked {
    bytes serial;  /* within der */
    int64_t since; /* seconds since 1970 */
};

struct revocation_list {
    gnutls_datum_t der;
    bytes signed_part, signature, issuer; /* within der */
    gnutls_sign_algorithm_t algorithm;
    int64_t from, until;
    bool understood;
    struct revoked *entries; /* sorted */
    size_t count, room;
    _Atomic uintptr_t signer; /* the CA that was found to have signed it; 0: none yet */
};

static int by_serial(const void *left, const void *right) {
    const bytes *a = &((const struct revoked *)left)->serial, *b = &((const struct revoked *)right)->serial;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return memcmp(a->data, b->data, a->length);
}

/* A repeated serial number counts from the earlier time. */
static int in_order(const void *left, const void *right) {
    const int64_t a = ((const struct revoked *)left)->since, b = ((const struct revoked *)right)->since;
    const int order = by_serial(left, right);
    return order != 0 ? order : (a > b) - (a < b);
}

static result add(revocation_list *list, bytes serial, int64_t since) {
    if (list->count == list->room) {
        const size_t room = list->room == 0 ? 256 : 2 * list->room;
        struct revoked *grown = reallocarray(list->entries, room, sizeof *grown);
        if (grown == NULL)
            return RESULT_NO_MEMORY;
        list->entries = grown;
        list->room = room;
    }
    list->entries[list->count++] = (struct revoked){serial, since};
    return RESULT_OK;
}

/* AlgorithmIdentifier { algorithm, parameters } (RFC 5280 4.1.1.2): the signed one and the outer one must be the same,
 * byte for byte. */
static bytes take_algorithm(der_reader *d, bytes *identifier) {
    der_reader before = *d;
    bytes whole = der_take_whole(d, DER_SEQUENCE);
    der_reader algorithm = der_enter(&before, DER_SEQUENCE);
    *identifier = der_take(&algorithm, DER_OBJECT_IDENTIFIER);
    der_pass(&algorithm);
    return whole;
}

static bool is_time(const der_reader *d) {
    return der_is(d, DER_UTC_TIME) || der_is(d, DER_GENERALIZED_TIME);
}

/* --- extensions (5.2, 5.3) ---------------------------------------------------------------------------------------- */

#define CE(arc) {(const uint8_t *)("\x55\x1D" arc), 3} /* id-ce, 2.5.29 */

typedef enum meaning { KNOWN, PART_ONLY, INVALID_SINCE } meaning;

typedef struct known_extension {
    bytes type;
    meaning meaning;
} known_extension;

static const known_extension of_list[] = {
    {CE("\x14"), KNOWN},     /* cRLNumber */
    {CE("\x23"), KNOWN},     /* authorityKeyIdentifier: the signature decides */
    {CE("\x1B"), PART_ONLY}, /* deltaCRLIndicator */
    {CE("\x1C"), PART_ONLY}, /* issuingDistributionPoint */
};
static const known_extension of_entry[] = {
    {CE("\x15"), KNOWN},         /* reasonCode: any reason counts */
    {CE("\x18"), INVALID_SINCE}, /* invalidityDate */
    {CE("\x1D"), PART_ONLY},     /* certificateIssuer: also a list of other CAs' certificates */
};
#define COUNT(table) (sizeof(table) / sizeof *(table))

static int64_t take_date(bytes value, const der_reader *d) {
    der_reader inside = {value, d->failed};
    der_require(&inside, der_is(&inside, DER_GENERALIZED_TIME));
    const int64_t date = der_take_time(&inside);
    der_end(&inside);
    return date;
}

static void take_extension(der_reader *all, const known_extension *table, size_t count, bool *understood,
                           int64_t *since) {
    der_reader extension = der_enter(all, DER_SEQUENCE);
    const bytes type = der_take_identifier(&extension);
    bool critical = false, known = false;
    if (der_is(&extension, DER_BOOLEAN)) {
        const bytes value = der_take(&extension, DER_BOOLEAN);
        critical = value.length == 1 && value.data[0] == 0xFF; /* DEFAULT FALSE is not written in DER */
        der_require(&extension, critical);
    }
    const bytes value = der_take(&extension, DER_OCTET_STRING);
    der_end(&extension);
    for (size_t i = 0; i < count; i++) {
        if (!bytes_equal(table[i].type, type))
            continue;
        known = table[i].meaning != PART_ONLY;
        *understood = *understood && known;
        const int64_t date = table[i].meaning == INVALID_SINCE ? take_date(value, all) : -1;
        if (since != NULL && date >= 0 && date < *since)
            *since = date;
    }
    *understood = *understood && (known || !critical);
}

static void take_extensions(der_reader *d, const known_extension *table, size_t count, bool *understood,
                            int64_t *since) {
    der_reader all = der_enter(d, DER_SEQUENCE);
    while (der_has_more(&all))
        take_extension(&all, table, count, understood, since);
}

/* revokedCertificates ::= SEQUENCE OF SEQUENCE { userCertificate, revocationDate, crlEntryExtensions OPTIONAL }
 * (5.1) */
static void take_entries(der_reader *d, revocation_list *list) {
    der_reader entries = der_enter(d, DER_SEQUENCE);
    while (der_has_more(&entries) && *entries.failed == RESULT_OK) {
        der_reader entry = der_enter(&entries, DER_SEQUENCE);
        bytes serial = der_take_integer(&entry);
        der_require(&entry, serial.length <= SERIAL_MAX + 1);
        int64_t since = der_take_time(&entry);
        if (der_has_more(&entry))
            take_extensions(&entry, of_entry, COUNT(of_entry), &list->understood, &since);
        der_end(&entry);
        if (*entries.failed == RESULT_OK)
            der_require(&entries, add(list, serial, since) == RESULT_OK);
    }
    der_end(&entries);
}

/* TBSCertList (5.1.2). Returns the algorithm that it names. */
static bytes take_signed_part(der_reader *d, revocation_list *list) {
    if (der_is(d, DER_INTEGER))
        der_expect_number(d, VERSION_2);
    bytes identifier, algorithm = take_algorithm(d, &identifier);
    list->issuer = der_take_whole(d, DER_SEQUENCE);
    list->from = der_take_time(d);
    list->until = is_time(d) ? der_take_time(d) : -1;
    list->understood = true;
    if (der_is(d, DER_SEQUENCE))
        take_entries(d, list);
    if (der_is(d, DER_CONTEXT(0))) {
        der_reader explicitly = der_enter(d, DER_CONTEXT(0));
        take_extensions(&explicitly, of_list, COUNT(of_list), &list->understood, NULL);
        der_end(&explicitly);
    }
    der_end(d);
    return algorithm;
}

/* An OBJECT IDENTIFIER's content as text, for GnuTLS (ISO/IEC 8825-1 8.19). */
static gnutls_sign_algorithm_t algorithm_of(bytes identifier) {
    char text[64];
    gnutls_datum_t raw = {(unsigned char *)(uintptr_t)identifier.data, (unsigned)identifier.length};
    size_t used = 0;
    uint32_t value = 0;
    for (size_t i = 0, first = 1; i < raw.size && used < sizeof text - 16; i++) {
        value = value << 7 | (raw.data[i] & 0x7F);
        if ((raw.data[i] & 0x80) != 0)
            continue;
        used += (size_t)(first ? snprintf(text + used, sizeof text - used, "%u.%u", value / 40, value % 40)
                               : snprintf(text + used, sizeof text - used, ".%u", value));
        value = 0;
        first = 0;
    }
    text[used] = 0;
    /* GnuTLS declares it with attribute const although it reads through the pointer: called directly, a compiler may
     * remove the writes or move the call behind the lifetime of the text. */
    gnutls_sign_algorithm_t (*volatile ask)(const char *) = gnutls_oid_to_sign;
    return ask(text);
}

static result read_der(revocation_list *list) {
    result failed = RESULT_OK;
    der_reader all = der_over(bytes_of(list->der.data, list->der.size), &failed);
    der_reader whole = der_enter(&all, DER_SEQUENCE), again = whole;
    list->signed_part = der_take_whole(&whole, DER_SEQUENCE);
    der_reader part = der_enter(&again, DER_SEQUENCE);
    bytes identifier, inside = take_signed_part(&part, list), outside = take_algorithm(&whole, &identifier);
    bytes signature = der_take(&whole, DER_BIT_STRING);
    der_end(&whole);
    der_end(&all);
    if (failed != RESULT_OK)
        return failed;
    /* A BIT STRING begins with the number of unused bits (ISO/IEC 8825-1 8.6.2). */
    if (!bytes_equal(inside, outside) || signature.length < 2 || signature.data[0] != 0)
        return RESULT_INVALID;
    list->signature = bytes_slice(signature, 1, signature.length - 1);
    list->algorithm = algorithm_of(identifier);
    if (list->count > 0)
        qsort(list->entries, list->count, sizeof *list->entries, in_order);
    return RESULT_OK;
}

result revocation_list_read(bytes pem, revocation_list **out, bytes *rest) {
    const gnutls_datum_t text = {(unsigned char *)(uintptr_t)pem.data, (unsigned)pem.length};
    const char *end = pem.length > 0 ? memmem(pem.data, pem.length, END, strlen(END)) : NULL;
    if (end == NULL)
        return RESULT_NOT_FOUND;
    const size_t used = (size_t)(end - (const char *)pem.data) + strlen(END);
    *rest = bytes_slice(pem, used, pem.length - used);
    revocation_list *list = *out = calloc(1, sizeof **out);
    if (list == NULL)
        return RESULT_NO_MEMORY;
    result code = gnutls_pem_base64_decode2(LABEL, &text, &list->der) == 0 ? read_der(list) : RESULT_INVALID;
    if (code != RESULT_OK)
        revocation_list_free(out);
    return code == RESULT_NO_MEMORY || code == RESULT_OK ? code : RESULT_INVALID;
}

void revocation_list_free(revocation_list **list) {
    if (*list == NULL)
        return;
    gnutls_free((*list)->der.data);
    free((*list)->entries);
    free(*list);
    *list = NULL;
}

bool revocation_list_is_of(revocation_list *list, gnutls_x509_crt_t issuer) {
    const gnutls_datum_t data = {(unsigned char *)(uintptr_t)list->signed_part.data,
                                 (unsigned)list->signed_part.length},
                         signature = {(unsigned char *)(uintptr_t)list->signature.data,
                                      (unsigned)list->signature.length};
    gnutls_pubkey_t key;
    if (atomic_load(&list->signer) == (uintptr_t)issuer)
        return true;
    if (gnutls_pubkey_init(&key) != 0)
        return false;
    const bool good = gnutls_pubkey_import_x509(key, issuer, 0) == 0 &&
                      gnutls_pubkey_verify_data2(key, list->algorithm, 0, &data, &signature) >= 0;
    gnutls_pubkey_deinit(key);
    if (good)
        atomic_store(&list->signer, (uintptr_t)issuer);
    return good;
}

bool revocation_list_names(const revocation_list *list, bytes serial, int64_t *since) {
    const struct revoked wanted = {serial, 0};
    const struct revoked *found = list->count > 0
                                      ? bsearch(&wanted, list->entries, list->count, sizeof wanted, by_serial)
                                      : NULL;
    if (found == NULL)
        return false;
    while (found > list->entries && by_serial(found - 1, &wanted) == 0)
        found--;
    *since = found->since;
    return true;
}

bool revocation_list_is_understood(const revocation_list *list) {
    return list->understood;
}

size_t revocation_list_count(const revocation_list *list) {
    return list->count;
}

int64_t revocation_list_from(const revocation_list *list) {
    return list->from;
}

int64_t revocation_list_until(const revocation_list *list) {
    return list->until;
}

void revocation_list_issuer(const revocation_list *list, char name[CRYPT_NAME_MAX]) {
    const gnutls_datum_t raw = {(unsigned char *)(uintptr_t)list->issuer.data, (unsigned)list->issuer.length};
    gnutls_datum_t text = {NULL, 0};
    gnutls_x509_dn_t dn;
    name[0] = 0;
    if (gnutls_x509_dn_init(&dn) != 0)
        return;
    if (gnutls_x509_dn_import(dn, &raw) == 0 && gnutls_x509_dn_get_str2(dn, &text, 0) == 0)
        snprintf(name, CRYPT_NAME_MAX, "%.*s", (int)text.size, (const char *)text.data);
    gnutls_free(text.data);
    gnutls_x509_dn_deinit(dn);
}
