/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signed attributes (RFC 5652 5.3 and 11, RFC 5035 3). */
#include "crypt/cms_identifiers.h"
#include "crypt/cms_read.h"
#include "crypt/digest.h"
#include "crypt/der.h"

#define ATTRIBUTES_MAX 16

typedef struct attributes {
    bytes types[ATTRIBUTES_MAX];
    size_t count;
    bool has_type, has_digest;
} attributes;

static void read_content_type(der_reader *value, attributes *all, cms_signer_info *out) {
    (void)out;
    all->has_type = true;
    der_require(value, bytes_equal(der_take_identifier(value), cms_oid_data));
}

static void read_message_digest(der_reader *value, attributes *all, cms_signer_info *out) {
    all->has_digest = true;
    out->message_digest = der_take(value, DER_OCTET_STRING);
    der_require(value, out->message_digest.length == CRYPT_SHA256_LENGTH);
}

/* 11.3: UTCTime until 2049, and only from then on GeneralizedTime. */
static void read_signing_time(der_reader *value, attributes *all, cms_signer_info *out) {
    bool utc = der_is(value, DER_UTC_TIME);
    const int64_t year_2050 = 2524608000;
    (void)all;
    out->signing_time = der_take_time(value);
    der_require(value, utc || out->signing_time < 0 || out->signing_time >= year_2050);
}

/* IssuerSerial: GeneralNames with one directoryName, [4] (RFC 5280 4.2.1.6), and the number. */
static void read_issuer_serial(der_reader *id, cms_signer_info *out) {
    der_reader both = der_enter(id, DER_SEQUENCE), names = der_enter(&both, DER_SEQUENCE);
    der_reader name = der_enter(&names, DER_CONTEXT(4));
    out->certificate_issuer = der_take_whole(&name, DER_SEQUENCE);
    der_end(&name);
    der_end(&names);
    out->certificate_serial = der_take_integer(&both);
    der_end(&both);
}

/* The first ESSCertIDv2 is the signer's (RFC 5035 3); others and policies are not checked. */
static void read_signing_certificate(der_reader *value, attributes *all, cms_signer_info *out) {
    der_reader outer = der_enter(value, DER_SEQUENCE), list = der_enter(&outer, DER_SEQUENCE);
    der_reader first = der_enter(&list, DER_SEQUENCE);
    (void)all;
    if (der_is(&first, DER_SEQUENCE)) /* hashAlgorithm, else SHA-256 */
        cms_expect_sha256(&first);
    out->certificate_hash = der_take(&first, DER_OCTET_STRING);
    der_require(value, out->certificate_hash.length == CRYPT_SHA256_LENGTH);
    if (der_has_more(&first))
        read_issuer_serial(&first, out);
    der_end(&first);
    der_pass(&list);
    der_pass(&outer);
}

static const struct {
    bytes type;
    void (*read)(der_reader *value, attributes *all, cms_signer_info *out);
} known[] = {
    {CMS_OID("\x2A\x86\x48\x86\xF7\x0D\x01\x09\x03"), read_content_type},
    {CMS_OID("\x2A\x86\x48\x86\xF7\x0D\x01\x09\x04"), read_message_digest},
    {CMS_OID("\x2A\x86\x48\x86\xF7\x0D\x01\x09\x05"), read_signing_time},
    {CMS_OID("\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x02\x2F"), read_signing_certificate},
};

/* No type comes twice, known or not. */
static void note_type(der_reader *attribute, attributes *all) {
    bytes type = der_take_identifier(attribute);
    der_require(attribute, type.length > 0 && all->count < ATTRIBUTES_MAX);
    for (size_t i = 0; i < all->count && i < ATTRIBUTES_MAX; i++)
        der_require(attribute, !bytes_equal(all->types[i], type));
    if (all->count < ATTRIBUTES_MAX)
        all->types[all->count++] = type;
}

static void read_attribute(der_reader *set, attributes *all, cms_signer_info *out) {
    der_reader attribute = der_enter(set, DER_SEQUENCE);
    note_type(&attribute, all);
    der_reader values = der_enter(&attribute, DER_SET);
    der_end(&attribute);
    der_require(&values, der_has_more(&values));
    if (*set->failed != RESULT_OK)
        return;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (bytes_equal(known[i].type, all->types[all->count - 1])) {
            known[i].read(&values, all, out);
            der_end(&values); /* 11.1 to 11.3: exactly one value */
            return;
        }
    der_pass(&values);
}

void cms_read_attributes(cms_signer_info *out, result *failed) {
    attributes all = {.count = 0};
    bytes former = {NULL, 0};
    der_reader whole = {out->signed_attributes, failed}, set = der_enter(&whole, DER_CONTEXT(0));
    out->signing_time = -1;
    while (der_has_more(&set)) {
        der_reader start = set;
        bytes encoding = der_take_any(&start);
        der_require(&set, der_ascends(former, encoding));
        former = encoding;
        read_attribute(&set, &all, out);
    }
    der_require(&set, all.has_type && all.has_digest);
}
