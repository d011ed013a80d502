/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Verifies content, signed attributes and certificate of each signer. Comparisons come first, computations with a key
 * from the message last. */
#include "crypt/cms.h"
#include "crypt/cms_signer.h"

/* Maps the results of cms_read for callers. */
static result name_problem(result code, cms_message *out) {
    static const struct {
        result code, outside;
        cms_problem problem;
    } rows[] = {
        {RESULT_UNSUPPORTED, RESULT_INVALID, CMS_NOT_DER},  {RESULT_NOT_FOUND, RESULT_INVALID, CMS_NO_ATTRIBUTES},
        {RESULT_REFUSED, RESULT_INVALID, CMS_KIND},         {RESULT_BAD_SIGNATURE, RESULT_BAD_SIGNATURE, CMS_ALGORITHM},
        {RESULT_TRUNCATED, RESULT_INVALID, CMS_NO_PROBLEM},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code) {
            out->problem = rows[i].problem;
            return rows[i].outside;
        }
    return code;
}

static result take_content(const cms_signed_data *data, bytes detached, cms_message *out) {
    bool inside = data->content.data != NULL;
    if (inside == (detached.data != NULL)) {
        out->problem = inside ? CMS_CONTENT_INSIDE : CMS_CONTENT_MISSING;
        return RESULT_INVALID;
    }
    return buffer_append(&out->content, inside ? data->content : detached);
}

/* The certificate inside the message that the signer's issuer and serial name (RFC 5652 5.3, sid). */
static result find_certificate(const cms_signed_data *data, const cms_signer_info *info, cms_message *out,
                               certificate **found) {
    for (size_t i = 0; i < data->certificate_count; i++)
        if (bytes_equal(data->certificates[i].issuer, info->issuer) &&
            bytes_equal(data->certificates[i].serial, info->serial))
            return certificate_new(data->certificates[i].der, found);
    out->problem = CMS_CERTIFICATE_MISSING;
    return RESULT_BAD_SIGNATURE;
}

static result read_signer(const cms_signed_data *data, const cms_signer_info *info,
                          const uint8_t digest[CRYPT_SHA256_LENGTH], cms_message *out) {
    size_t index = out->count;
    result code = find_certificate(data, info, out, &out->signers[index]);
    if (code == RESULT_KEY)
        out->problem = CMS_KEY;
    if (code != RESULT_OK)
        return code;
    out->signing_time[index] = info->signing_time;
    out->names_certificate[index] = info->certificate_hash.length > 0;
    out->count++;
    return cms_signer_names(info, out->signers[index], digest);
}

static result verify(bytes der, bytes detached, bool of_third_parties, cms_vet *vet, void *context, cms_message *out) {
    cms_signed_data data;
    uint8_t digest[CRYPT_SHA256_LENGTH];
    *out = (cms_message){.content = BUFFER_INIT(der.length + detached.length)};
    result code = name_problem(cms_read(der, &data), out);
    if (code == RESULT_OK && !data.as_we_write && !of_third_parties) {
        out->problem = CMS_FORM;
        code = RESULT_INVALID;
    }
    if (code == RESULT_OK)
        code = take_content(&data, detached, out);
    if (code == RESULT_OK)
        code = crypt_sha256(buffer_bytes(&out->content), digest);
    /* Every certificate is read, and so every key checked, before anything is computed with one of them. */
    for (size_t i = 0; i < data.signer_count && code == RESULT_OK; i++)
        code = read_signer(&data, &data.signers[i], digest, out);
    if (code == RESULT_OK && vet)
        code = vet(context, out);
    for (size_t i = 0; i < data.signer_count && code == RESULT_OK; i++)
        code = cms_signer_fits(&data.signers[i], out->signers[i], digest);
    return code;
}

result cms_verify(bytes der, bytes detached, cms_message *out) {
    return verify(der, detached, false, NULL, NULL, out);
}

result cms_verify_foreign_forms(bytes der, bytes detached, cms_message *out) {
    return verify(der, detached, true, NULL, NULL, out);
}

result cms_verify_vetted(bytes der, bytes detached, cms_vet *vet, void *context, cms_message *out) {
    return verify(der, detached, false, vet, context, out);
}

void cms_message_free(cms_message *message) {
    for (size_t i = 0; i < CMS_SIGNERS_MAX; i++)
        certificate_free(&message->signers[i]);
    buffer_wipe(&message->content);
    message->count = 0;
}
