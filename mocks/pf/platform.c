#include "platform.h"

#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "crypt/digest.h"

#include <string.h>

#define CHAIN_MOST (16 * CVC_LENGTH)

static result open_trust(const configuration *c, platform *p) {
    bool complete = true;
    const char *anchors = configuration_need(c, "trust", "anchors", &complete);
    result outcome = complete ? RESULT_OK : RESULT_INVALID;
    if (outcome == RESULT_OK)
        outcome = trust_new(&p->patients);
    if (outcome == RESULT_OK)
        outcome = trust_new(&p->institutions);
    if (outcome == RESULT_OK)
        outcome = trust_add_anchor(p->patients, anchors, "jpki-auth-ca");
    if (outcome == RESULT_OK)
        outcome = trust_add_anchor(p->institutions, anchors, "institution-ca");
    if (outcome != RESULT_OK)
        log_error("trust anchors in %s: %s", anchors ? anchors : "(none)", result_text(outcome));
    return outcome;
}

/* The holder's certificate is the last of the chain. */
static result read_chain(const char *path, cvc *out) {
    buffer chain = BUFFER_INIT(CHAIN_MOST);
    result outcome = file_read(path, &chain);
    bytes rest = buffer_bytes(&chain), raw;
    size_t count = 0;
    while (outcome == RESULT_OK && (outcome = cvc_chain_next(&rest, out, &raw)) == RESULT_OK)
        count++;
    if (outcome == RESULT_NOT_FOUND && count > 0)
        outcome = RESULT_OK;
    buffer_wipe(&chain);
    return outcome;
}

static result open_keys(const configuration *c, platform *p) {
    bool complete = true;
    const char *key = configuration_need(c, "platform", "institution-key", &complete);
    const char *chain = configuration_need(c, "platform", "institution-cvc", &complete);
    const char *answer_key = configuration_need(c, "platform", "answer-key", &complete);
    const char *answer_certificate = configuration_need(c, "platform", "answer-certificate", &complete);
    if (!complete)
        return RESULT_INVALID;
    const char *at = key;
    result outcome = cms_key_from_file(key, &p->institution_key);
    if (outcome == RESULT_OK)
        outcome = read_chain(at = chain, &p->institution_cvc);
    if (outcome == RESULT_OK)
        outcome = cms_key_from_file(at = answer_key, &p->answer_key);
    if (outcome == RESULT_OK)
        outcome = certificate_from_file(at = answer_certificate, &p->answer_certificate);
    if (outcome != RESULT_OK)
        log_error("%s: %s. Check [platform] in the configuration.", at, result_text(outcome));
    return outcome;
}

/* Made at the first start; who loses it makes all link ids new. */
static result open_link_key(const char *store, platform *p) {
    buffer path = BUFFER_INIT(4096), key = BUFFER_INIT(PLATFORM_LINK_KEY_LENGTH);
    result outcome = buffer_append_format(&path, "%s.link-key", store);
    if (outcome == RESULT_OK)
        outcome = file_read(buffer_text(&path), &key);
    if (outcome == RESULT_OK && key.length != sizeof p->link_key)
        outcome = RESULT_INVALID;
    if (outcome == RESULT_OK)
        memcpy(p->link_key, key.data, sizeof p->link_key);
    if (outcome == RESULT_NOT_FOUND) {
        outcome = crypt_random(p->link_key, sizeof p->link_key);
        if (outcome == RESULT_OK)
            outcome = file_replace(buffer_text(&path), BYTES(p->link_key), 0600);
    }
    if (outcome != RESULT_OK)
        log_error("%s: %s", buffer_text(&path), result_text(outcome));
    buffer_wipe(&path);
    buffer_wipe(&key);
    return outcome;
}

result platform_open(const configuration *c, platform *p) {
    bool complete = true;
    memset(p, 0, sizeof *p);
    const char *store = configuration_need(c, "platform", "store", &complete);
    p->busy_most = (int)configuration_number(c, "platform", "busy-most", 64, 0, 100000, &complete);
    result outcome = complete ? open_trust(c, p) : RESULT_INVALID;
    if (outcome == RESULT_OK)
        outcome = open_keys(c, p);
    if (outcome == RESULT_OK)
        outcome = open_link_key(store, p);
    return outcome == RESULT_OK ? platform_store_open_sqlite(store, &p->store) : outcome;
}

void platform_close(platform *p) {
    if (p->store)
        p->store->close(&p->store);
    trust_free(&p->patients);
    trust_free(&p->institutions);
    cms_key_free(&p->institution_key);
    cms_key_free(&p->answer_key);
    certificate_free(&p->answer_certificate);
    secret_wipe(p->link_key, sizeof p->link_key);
}
