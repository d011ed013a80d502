/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* GET and POST /results of a relay (docs/interfaces/relay.md). A relay's own statements, beside the service's signed
 * bytes, are used only where a false one does no harm. */
#include "delivery/outbox_internal.h"

#include "base/log.h"
#include "fhir/json.h"

#include <stdio.h>
#include <string.h>

#define PAGES_MAX 64 /* in one run: a patient may be waiting */
#define ACKNOWLEDGED_MAX 65536

typedef struct fetching {
    const remote *service;
    const char *signer;
    bool is_batch;
    outbox_result_taker *take;
    void *context;
    outbox_run *run;
    json_t *taken; /* ids that the relay may forget */
} fetching;

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static void take_one(fetching *f, const json_t *one) {
    buffer body = BUFFER_INIT(REMOTE_ANSWER_MAX);
    remote_answer reply = {0};
    remote_kept kept = {
        (int)json_integer_value(json_object_get(one, "status")), {0}, text_of(one, "signature"), f->is_batch, false};
    result code = fhir_base64(one, "body", &body, NULL);
    kept.body = buffer_bytes(&body);
    if (code == RESULT_OK)
        code = remote_take(f->service, &kept, f->signer, &reply);
    if (code != RESULT_OK)
        log_write(LOG_ERROR, "answer %.36s that the relay has kept cannot be taken in: %s", text_of(one, "id"),
                  *reply.message != 0 ? reply.message : result_text(code));
    if (f->take(f->context, text_of(one, "requestHash"), code, &reply))
        json_array_append_new(f->taken, json_string(text_of(one, "id")));
    remote_answer_wipe(&reply);
    buffer_wipe(&body);
}

/* If the relay cannot be told now it offers them again, which does no harm. */
static void acknowledge(const fetching *f) {
    buffer body = BUFFER_INIT(ACKNOWLEDGED_MAX);
    remote_answer reply = {0};
    if (fhir_dump_and_free(json_pack("{s:O}", "acknowledged", f->taken), &body) == RESULT_OK &&
        remote_post(f->service, "/results", "application/json", buffer_bytes(&body), NULL, &reply) != RESULT_OK)
        log_write(LOG_WARNING, "could not acknowledge answers at the relay");
    remote_answer_wipe(&reply);
    buffer_wipe(&body);
}

/* Whether the relay may have more. */
static bool take_page(fetching *f, bytes text) {
    json_t *root = fhir_parse(text, NULL);
    const json_t *results = json_object_get(root, "results"), *one;
    size_t i;
    f->taken = json_array();
    json_array_foreach(results, i, one) {
        if (outbox_may_go_on(f->run, f->service))
            take_one(f, one);
    }
    const bool some = json_array_size(f->taken) > 0;
    if (some)
        acknowledge(f);
    const bool more = some && json_is_true(json_object_get(root, "more"));
    json_decref(f->taken);
    json_decref(root);
    return more;
}

static bool fetch_page(fetching *f) {
    remote_answer reply;
    const result code = remote_get(f->service, "/results", NULL, &reply);
    const bool more = code == RESULT_OK && reply.status == 200 && take_page(f, buffer_bytes(&reply.body));
    remote_answer_wipe(&reply);
    return more;
}

void outbox_fetch_results(const remote *service, const char *signer, bool is_batch, outbox_result_taker *take,
                          void *context, outbox_run *run) {
    fetching f = {service, signer, is_batch, take, context, run, NULL};
    for (int page = 0; page < PAGES_MAX && outbox_may_go_on(run, service) && fetch_page(&f); page++)
        ;
}
