#include "history.h"

#include "base/file.h"
#include "base/log.h"

#include <string.h>

#define CHAIN_MOST (16 * CVC_LENGTH)

static result open_trust(const configuration *c, history *h) {
    bool complete = true;
    const char *anchors = configuration_need(c, "trust", "anchors", &complete);
    const struct {
        trust **into;
        const char *name;
    } rows[] = {{&h->patients, "jpki-auth-ca"}, {&h->institutions, "institution-ca"}, {&h->operators, "operator-ca"}};
    result outcome = complete ? RESULT_OK : RESULT_INVALID;
    for (size_t i = 0; outcome == RESULT_OK && i < sizeof rows / sizeof rows[0]; i++) {
        outcome = trust_new(rows[i].into);
        if (outcome == RESULT_OK)
            outcome = trust_add_anchor(*rows[i].into, anchors, rows[i].name);
        if (outcome != RESULT_OK)
            log_error("%s/%s: %s. Check [trust] anchors.", anchors, rows[i].name, result_text(outcome));
    }
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

static result open_keys(const configuration *c, history *h) {
    bool complete = true;
    const char *chain = configuration_need(c, "history", "platform-institution-cvc", &complete);
    const char *key = configuration_need(c, "history", "receipt-key", &complete);
    const char *receipt_certificate = configuration_need(c, "history", "receipt-certificate", &complete);
    if (!complete)
        return RESULT_INVALID;
    const char *at = chain;
    result outcome = read_chain(chain, &h->platform);
    if (outcome == RESULT_OK)
        outcome = cms_key_from_file(at = key, &h->receipt_key);
    if (outcome == RESULT_OK)
        outcome = certificate_from_file(at = receipt_certificate, &h->receipt_certificate);
    if (outcome != RESULT_OK)
        log_error("%s: %s. Check [history] in the configuration.", at, result_text(outcome));
    return outcome;
}

result history_open(const configuration *c, history *h) {
    bool complete = true;
    memset(h, 0, sizeof *h);
    const char *store = configuration_need(c, "history", "store", &complete);
    result outcome = complete ? open_trust(c, h) : RESULT_INVALID;
    if (outcome == RESULT_OK)
        outcome = open_keys(c, h);
    return outcome == RESULT_OK ? history_store_open_sqlite(store, &h->store) : outcome;
}

void history_close(history *h) {
    if (h->store)
        h->store->close(&h->store);
    trust_free(&h->patients);
    trust_free(&h->institutions);
    trust_free(&h->operators);
    cms_key_free(&h->receipt_key);
    certificate_free(&h->receipt_certificate);
}
