/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/signer.h"

#include "base/file.h"
#include "base/log.h"
#include "crypt/base64.h"

#include <string.h>

#define CHAIN_MAX (16 * CVC_LENGTH)

static result explain(result outcome, const char *path, const char *section) {
    if (outcome != RESULT_OK)
        log_error("%s: %s. Check [%s] in the configuration.", path, result_text(outcome), section);
    return outcome;
}

result service_key_open(const configuration *c, const char *section, const char *key, cms_key **out) {
    bool complete = true;
    const char *path = configuration_need(c, section, key, &complete);
    return complete ? explain(cms_key_from_file(path, out), path, section) : RESULT_INVALID;
}

result service_signer_open(const configuration *c, const char *section, const char *key_name,
                           const char *certificate_name, service_signer *out) {
    bool complete = true;
    const char *path = configuration_need(c, section, certificate_name, &complete);
    result outcome = service_key_open(c, section, key_name, &out->key);
    if (outcome == RESULT_OK && !complete)
        outcome = RESULT_INVALID;
    return outcome == RESULT_OK ? explain(certificate_from_file(path, &out->certificate), path, section) : outcome;
}

void service_signer_close(service_signer *signer) {
    cms_key_free(&signer->key);
    certificate_free(&signer->certificate);
}

result service_sign(const service_signer *signer, bytes content, int64_t at, buffer *base64) {
    buffer der = BUFFER_INIT(SERVICE_SIGNATURE_MAX);
    const cms_signer one = cms_key_signer(signer->key, signer->certificate);
    result outcome = cms_sign(content, true, &one, 1, at, &der);
    if (outcome == RESULT_OK)
        outcome = crypt_base64_append(base64, buffer_bytes(&der));
    buffer_wipe(&der);
    return outcome;
}

/* A list of names, separated by spaces. */
static bool names(const char *list, const char *name) {
    const size_t length = strlen(name);
    for (const char *at = list; at != NULL && *at != 0; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (strcspn(at, " ") == length && strncmp(at, name, length) == 0)
            return true;
    }
    return false;
}

revocation_policy service_revocation_policy(const configuration *c, const char *anchor, bool *complete) {
    const char *without = configuration_get(c, "trust", "without-crl");
    return (revocation_policy){
        .grace_days = (unsigned)configuration_number(c, "trust", "crl-grace-days", REVOCATION_GRACE_DAYS, 0,
                                                     REVOCATION_GRACE_DAYS_MAX, complete),
        .without_lists = without != NULL && names(without, anchor),
    };
}

result service_anchors_open(const configuration *c, const service_anchor *anchors, size_t count) {
    bool complete = true;
    const char *folder = configuration_need(c, "trust", "anchors", &complete);
    result outcome = complete ? RESULT_OK : RESULT_INVALID;
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++) {
        const revocation_policy policy = service_revocation_policy(c, anchors[i].name, &complete);
        outcome = complete ? trust_follow(folder, anchors[i].name, &policy, anchors[i].into) : RESULT_INVALID;
        if (outcome != RESULT_OK)
            log_error("%s/%s: %s. Check [trust] anchors.", folder, anchors[i].name, result_text(outcome));
    }
    return outcome;
}

result service_chain_from_file(const char *path, cvc *holder) {
    buffer chain = BUFFER_INIT(CHAIN_MAX);
    result outcome = file_read_guarded(path, &chain);
    bytes rest = buffer_bytes(&chain), raw;
    size_t count = 0;
    while (outcome == RESULT_OK && (outcome = cvc_chain_next(&rest, holder, &raw)) == RESULT_OK)
        count++;
    if (outcome == RESULT_NOT_FOUND && count > 0)
        outcome = RESULT_OK;
    buffer_wipe(&chain);
    return outcome;
}

result service_chain_open(const configuration *c, const char *section, const char *key, cvc *holder) {
    bool complete = true;
    const char *path = configuration_need(c, section, key, &complete);
    return complete ? explain(service_chain_from_file(path, holder), path, section) : RESULT_INVALID;
}
