/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/cms_read.h"

#include "crypt/cms_identifiers.h"
#include "crypt/der.h"

static const bytes oid_signed_data = CMS_OID("\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"); /* 1.2.840.113549.1.7.2 */
static const bytes oid_rsa = CMS_OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01");         /* rsaEncryption, RFC 3370 3.2 */
static const bytes oid_rsa_sha256 = CMS_OID(
    "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B"); /* sha256WithRSAEncryption, RFC 5754 3.2 */

/* Another value would also be valid, but is not supported. */
static void expect(const der_reader *d, bool condition, result otherwise) {
    if (!condition)
        der_fail(d, otherwise);
}

static void expect_kind(const der_reader *d, bool condition) {
    expect(d, condition, RESULT_REFUSED);
}

/* A valid form, but not the one that cms_sign writes. */
static void note_form(cms_signed_data *out, bool as_we_write) {
    out->as_we_write = out->as_we_write && as_we_write;
}

/* Parameters must be NULL (RFC 3370 3.2). */
static void expect_rsa(der_reader *d, cms_signed_data *out) {
    der_reader algorithm = der_enter(d, DER_SEQUENCE);
    bytes oid = der_take_identifier(&algorithm);
    note_form(out, bytes_equal(oid, oid_rsa)); /* as stock openssl does */
    expect(d, bytes_equal(oid, oid_rsa) || bytes_equal(oid, oid_rsa_sha256), RESULT_BAD_SIGNATURE);
    der_require(d, der_take(&algorithm, DER_NULL).length == 0);
    der_end(&algorithm);
}

/* How many there are: GnuTLS writes one for each signer. */
static size_t read_digest_algorithms(der_reader *d, cms_signed_data *out) {
    der_reader set = der_enter(d, DER_SET);
    size_t count = 0;
    der_require(d, der_has_more(&set));
    for (; der_has_more(&set); count++)
        note_form(out, !cms_expect_sha256(&set));
    return count;
}

static bytes read_content(der_reader *d) {
    der_reader encapsulated = der_enter(d, DER_SEQUENCE);
    bytes content = {NULL, 0};
    expect_kind(d, bytes_equal(der_take_identifier(&encapsulated), cms_oid_data));
    if (der_has_more(&encapsulated)) {
        der_reader explicitly = der_enter(&encapsulated, DER_CONTEXT(0));
        content = der_take(&explicitly, DER_OCTET_STRING);
        der_end(&explicitly);
    }
    der_end(&encapsulated);
    return content;
}

/* Name and number only (RFC 5280 4.1); the rest must be DER, too, and is read when it turns out to be a signer's. */
static cms_certificate read_certificate(der_reader *d) {
    der_reader start = *d;
    cms_certificate c = {.der = der_take_whole(d, DER_SEQUENCE)};
    der_reader whole = der_enter(&start, DER_SEQUENCE), body = der_enter(&whole, DER_SEQUENCE);
    if (der_is(&body, DER_CONTEXT(0)))
        der_take(&body, DER_CONTEXT(0));
    c.serial = der_take_integer(&body);
    der_take(&body, DER_SEQUENCE); /* signature */
    c.issuer = der_take_whole(&body, DER_SEQUENCE);
    der_pass(&body);
    der_pass(&whole);
    return c;
}

static void read_certificates(der_reader *d, cms_signed_data *out) {
    der_reader set = der_enter(d, DER_CONTEXT(0));
    bytes former = {NULL, 0};
    while (der_has_more(&set)) {
        if (out->certificate_count == CMS_CERTIFICATES_MAX) {
            der_fail(d, RESULT_TOO_LONG);
            return;
        }
        expect_kind(d, der_is(&set, DER_SEQUENCE)); /* else an attribute certificate, RFC 5652 10.2.2 */
        const cms_certificate next = read_certificate(&set);
        note_form(out, der_ascends(former, next.der));
        former = next.der;
        out->certificates[out->certificate_count++] = next;
    }
}

/* Revocation lists (only those of the anchors count) and unsigned attributes: anyone who forwards the message could add
 * them. */
static void refuse_unsigned(const der_reader *d) {
    expect_kind(d, !der_is(d, DER_CONTEXT(1)));
}

static void read_name(der_reader *d, cms_signer_info *out) {
    expect_kind(d, der_is(d, DER_SEQUENCE)); /* else subjectKeyIdentifier, version 3 */
    der_reader name = der_enter(d, DER_SEQUENCE);
    out->issuer = der_take_whole(&name, DER_SEQUENCE);
    out->serial = der_take_integer(&name);
    der_end(&name);
}

static void read_signer(der_reader *d, cms_signed_data *data, cms_signer_info *out) {
    der_reader info = der_enter(d, DER_SEQUENCE);
    bytes version = der_take_integer(&info);
    expect_kind(d, version.length == 1 && version.data[0] == 1);
    read_name(&info, out);
    note_form(data, !cms_expect_sha256(&info));
    expect(d, der_is(&info, DER_CONTEXT(0)), RESULT_NOT_FOUND);
    out->signed_attributes = der_take_whole(&info, DER_CONTEXT(0));
    expect_rsa(&info, data);
    out->signature = der_take(&info, DER_OCTET_STRING);
    refuse_unsigned(&info);
    der_end(&info);
    cms_read_attributes(out, d->failed);
    note_form(data, out->signing_time >= 0 && out->certificate_hash.length > 0);
}

static void read_signers(der_reader *d, cms_signed_data *out) {
    der_reader set = der_enter(d, DER_SET);
    bytes former = {NULL, 0};
    der_require(d, der_has_more(&set));
    while (der_has_more(&set)) {
        der_reader start = set;
        const bytes whole = der_take_any(&start);
        note_form(out, der_ascends(former, whole));
        former = whole;
        if (out->signer_count == CMS_SIGNERS_MAX) {
            der_fail(d, RESULT_TOO_LONG);
            return;
        }
        read_signer(&set, out, &out->signers[out->signer_count++]);
    }
}

/* Each certificate is a signer's, and there are as many as signers, so there are no others. */
static bool has_signers_only(const cms_signed_data *data) {
    size_t used = 0;
    for (size_t i = 0; i < data->certificate_count; i++)
        for (size_t k = 0; k < data->signer_count; k++)
            if (bytes_equal(data->certificates[i].issuer, data->signers[k].issuer) &&
                bytes_equal(data->certificates[i].serial, data->signers[k].serial)) {
                used++;
                break;
            }
    return used == data->certificate_count && used == data->signer_count;
}

result cms_read(bytes message, cms_signed_data *out) {
    result failed;
    der_reader outside = der_over(message, &failed), information = der_enter(&outside, DER_SEQUENCE);
    *out = (cms_signed_data){.content = {NULL, 0}, .as_we_write = true};
    der_end(&outside);
    expect_kind(&outside, bytes_equal(der_take_identifier(&information), oid_signed_data));
    der_reader explicitly = der_enter(&information, DER_CONTEXT(0)), data = der_enter(&explicitly, DER_SEQUENCE);
    der_end(&information);
    der_end(&explicitly);
    bytes version = der_take_integer(&data);
    expect_kind(&data, version.length == 1 && version.data[0] == 1); /* 5.1: what follows makes it 1 */
    const size_t digests = read_digest_algorithms(&data, out);
    out->content = read_content(&data);
    if (der_is(&data, DER_CONTEXT(0)))
        read_certificates(&data, out);
    refuse_unsigned(&data);
    read_signers(&data, out);
    der_end(&data);
    note_form(out, has_signers_only(out) && digests == out->signer_count);
    return failed;
}
