#include "crypt/cms_read.h"

#include "crypt/cms_identifiers.h"
#include "crypt/der.h"

static const bytes oid_signed_data = CMS_OID("\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02");  /* 1.2.840.113549.1.7.2 */
static const bytes oid_rsa = CMS_OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01");          /* rsaEncryption, RFC 3370 3.2 */
static const bytes oid_rsa_sha256 = CMS_OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B");   /* sha256WithRSAEncryption, RFC 5754 3.2 */

/* Where another value would be right, too, but is nothing we work with. */
static void expect(const der_reader *d, bool condition, result otherwise) {
    if (!condition)
        der_fail(d, otherwise);
}

static void expect_kind(const der_reader *d, bool condition) {
    expect(d, condition, RESULT_REFUSED);
}

/* Parameters must be NULL (RFC 3370 3.2). */
static void expect_rsa(der_reader *d) {
    der_reader algorithm = der_enter(d, DER_SEQUENCE);
    bytes oid = der_take_identifier(&algorithm);
    expect(d, bytes_equal(oid, oid_rsa) || bytes_equal(oid, oid_rsa_sha256), RESULT_BAD_SIGNATURE);
    der_require(d, der_take(&algorithm, DER_NULL).length == 0);
    der_end(&algorithm);
}

static void read_digest_algorithms(der_reader *d) {
    der_reader set = der_enter(d, DER_SET);
    der_require(d, der_has_more(&set));
    while (der_has_more(&set))
        cms_expect_sha256(&set);
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
    while (der_has_more(&set)) {
        if (out->certificate_count == CMS_CERTIFICATES_MOST) {
            der_fail(d, RESULT_TOO_LONG);
            return;
        }
        expect_kind(d, der_is(&set, DER_SEQUENCE)); /* else an attribute certificate, RFC 5652 10.2.2 */
        out->certificates[out->certificate_count++] = read_certificate(&set);
    }
}

static void read_unused(der_reader *d, uint8_t tag) {
    if (der_is(d, tag)) {
        der_reader unused = der_enter(d, tag);
        der_require(d, der_has_more(&unused));
        der_pass(&unused);
    }
}

static void read_name(der_reader *d, cms_signer_info *out) {
    expect_kind(d, der_is(d, DER_SEQUENCE)); /* else subjectKeyIdentifier, version 3 */
    der_reader name = der_enter(d, DER_SEQUENCE);
    out->issuer = der_take_whole(&name, DER_SEQUENCE);
    out->serial = der_take_integer(&name);
    der_end(&name);
}

static void read_signer(der_reader *d, cms_signer_info *out) {
    der_reader info = der_enter(d, DER_SEQUENCE);
    bytes version = der_take_integer(&info);
    expect_kind(d, version.length == 1 && version.data[0] == 1);
    read_name(&info, out);
    cms_expect_sha256(&info);
    expect(d, der_is(&info, DER_CONTEXT(0)), RESULT_NOT_FOUND);
    out->signed_attributes = der_take_whole(&info, DER_CONTEXT(0));
    expect_rsa(&info);
    out->signature = der_take(&info, DER_OCTET_STRING);
    read_unused(&info, DER_CONTEXT(1)); /* unsigned attributes: nobody vouches for them */
    der_end(&info);
    cms_read_attributes(out, d->failed);
}

static void read_signers(der_reader *d, cms_signed_data *out) {
    der_reader set = der_enter(d, DER_SET);
    der_require(d, der_has_more(&set));
    while (der_has_more(&set)) {
        if (out->signer_count == CMS_SIGNERS_MOST) {
            der_fail(d, RESULT_TOO_LONG);
            return;
        }
        read_signer(&set, &out->signers[out->signer_count++]);
    }
}

result cms_read(bytes message, cms_signed_data *out) {
    result failed;
    der_reader outside = der_over(message, &failed), information = der_enter(&outside, DER_SEQUENCE);
    *out = (cms_signed_data){.content = {NULL, 0}};
    der_end(&outside);
    expect_kind(&outside, bytes_equal(der_take_identifier(&information), oid_signed_data));
    der_reader explicitly = der_enter(&information, DER_CONTEXT(0)), data = der_enter(&explicitly, DER_SEQUENCE);
    der_end(&information);
    der_end(&explicitly);
    bytes version = der_take_integer(&data);
    expect_kind(&data, version.length == 1 && version.data[0] == 1); /* 5.1: what follows makes it 1 */
    read_digest_algorithms(&data);
    out->content = read_content(&data);
    if (der_is(&data, DER_CONTEXT(0)))
        read_certificates(&data, out);
    read_unused(&data, DER_CONTEXT(1)); /* CRLs: those that count are the anchors' */
    read_signers(&data, out);
    der_end(&data);
    return failed;
}
