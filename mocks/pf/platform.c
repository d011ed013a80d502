#include "platform.h"

#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "crypt/digest.h"

#include <string.h>

static result open_keys(const configuration *c, platform *p) {
    const service_anchor anchors[] = {{"jpki-auth-ca", &p->patients}, {"institution-ca", &p->institutions}};
    result outcome = service_anchors_open(c, anchors, sizeof anchors / sizeof anchors[0]);
    if (outcome == RESULT_OK)
        outcome = service_key_open(c, "platform", "institution-key", &p->institution_key);
    if (outcome == RESULT_OK)
        outcome = service_chain_open(c, "platform", "institution-cvc", &p->institution_cvc);
    if (outcome == RESULT_OK)
        outcome = service_signer_open(c, "platform", "answer-key", "answer-certificate", &p->answers);
    return outcome;
}

/* [platform] link-key, or STORE.link-key beside a store that is a file. */
static result name_link_key(const configuration *c, const char *store, buffer *path) {
    const char *given = configuration_get(c, "platform", "link-key");
    if (given)
        return buffer_append_text(path, given);
    if (!strstr(store, "://"))
        return buffer_append_format(path, "%s.link-key", strncmp(store, "sqlite:", 7) == 0 ? store + 7 : store);
    log_error("[platform] link-key is missing: a store on a server needs the path of a file for the key of link ids.");
    return RESULT_INVALID;
}

/* Made at the first start; who loses it makes all link ids new. */
static result open_link_key(const configuration *c, const char *store, platform *p) {
    buffer path = BUFFER_INIT(4096), key = BUFFER_INIT(PLATFORM_LINK_KEY_LENGTH);
    result outcome = name_link_key(c, store, &path);
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
    if (outcome != RESULT_OK && path.length)
        log_error("%s: %s", buffer_text(&path), result_text(outcome));
    buffer_wipe(&path);
    buffer_wipe(&key);
    return outcome;
}

result platform_open(const configuration *c, platform *p) {
    bool complete = true;
    memset(p, 0, sizeof *p);
    const char *store = configuration_need(c, "platform", "store", &complete);
    result outcome = complete ? open_keys(c, p) : RESULT_INVALID;
    if (outcome == RESULT_OK)
        outcome = admission_open(c, &p->admission);
    if (outcome == RESULT_OK)
        outcome = open_link_key(c, store, p);
    if (outcome == RESULT_OK)
        outcome = platform_store_open(store, &p->store);
    return outcome == RESULT_OK ? registrar_open(c, &p->store->terminals, p->institutions, &p->answers, &p->registrar)
                                : outcome;
}

void platform_close(platform *p) {
    if (p->store)
        p->store->close(&p->store);
    trust_free(&p->patients);
    trust_free(&p->institutions);
    cms_key_free(&p->institution_key);
    service_signer_close(&p->answers);
    admission_close(&p->admission);
    secret_wipe(p->link_key, sizeof p->link_key);
}
