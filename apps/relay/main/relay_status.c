/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/relay_status.h"

#include "main/relay_service.h"

#include "base/clock.h"
#include "fhir/json.h"

#include <jansson.h>

#define DAY 86400

static const char *const conditions[] = {
    [RELAY_SE_AWAY] = "away", [RELAY_SE_READY] = "ready", [RELAY_SE_LOCKED] = "locked"};

static json_t *se_object(relay_service *service) {
    relay_se_status now;
    relay_se_tell(service->se, &now);
    return json_pack("{s:s,s:s,s:s,s:s,s:I,s:I}", "state", conditions[now.condition], "reason", now.reason, "serial",
                     now.serial, "reader", service->desk.reader, "signatures", (json_int_t)now.signatures,
                     "waitP95Milliseconds", (json_int_t)now.wait_p95_ms);
}

typedef struct listing {
    relay_service *service;
    json_t *list;
} listing;

static result add_terminal(void *context, const relay_terminal *one) {
    const listing *l = context;
    char admitted[CLOCK_TEXT_SIZE], seen[CLOCK_TEXT_SIZE] = "";
    clock_text(one->admitted_at, admitted);
    if (one->seen_at != 0)
        clock_text(one->seen_at, seen);
    json_array_append_new(l->list, json_pack("{s:s,s:s,s:s,s:s,s:I,s:I}", "id", one->id, "key", one->key, "admittedAt",
                                             admitted, "lastSeen", seen, "connections",
                                             (json_int_t)frame_server_connections(l->service->frames, one->id),
                                             "certificateDays", (json_int_t)((one->ends_at - clock_wall_s()) / DAY)));
    return RESULT_OK;
}

/* Beside the list, because the store must not be used while it is read: signatures asked for, and what is kept. */
static void add_counts(relay_service *service, json_t *list) {
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) {
        const char *id = json_string_value(json_object_get(one, "id"));
        size_t waiting = 0, answered = 0;
        uint32_t count = 0;
        terminal_views_signatures(service->views, id, &count);
        json_object_set_new(one, "signatures", json_integer(count));
        if (service->pass == NULL)
            continue;
        pass_server_tell_terminal(service->pass, id, &waiting, &answered);
        json_object_set_new(one, "kept", json_integer((json_int_t)waiting));
        json_object_set_new(one, "answers", json_integer((json_int_t)answered));
    }
}

static json_t *service_object(const struct pass_service_counts *one) {
    char oldest[CLOCK_TEXT_SIZE] = "";
    if (one->store.oldest != 0)
        clock_text(one->store.oldest, oldest);
    return json_pack("{s:b,s:I,s:I,s:I,s:s,s:I,s:I,s:I,s:I,s:I}", "up", (int)one->up, "passed", (json_int_t)one->passed,
                     "unverified", (json_int_t)one->unverified, "queued", (json_int_t)one->store.queued, "oldest",
                     oldest, "answered", (json_int_t)one->store.answered, "delivered", (json_int_t)one->store.delivered,
                     "refused", (json_int_t)one->store.refused, "damaged", (json_int_t)one->store.damaged, "purged",
                     (json_int_t)one->store.purged);
}

static void add_gate(relay_service *service, json_t *root) {
    connection_gate_condition now;
    char since[CLOCK_TEXT_SIZE];
    if (service->gate == NULL)
        return;
    connection_gate_tell(service->gate, &now);
    clock_text(now.since, since);
    json_object_set_new(root, "gate",
                        json_pack("{s:s,s:s,s:s,s:s,s:I,s:I}", "state", gate_state_word(now.state), "reason",
                                  now.reason, "words", now.words, "since", since, "openings", (json_int_t)now.openings,
                                  "failures", (json_int_t)now.failures));
}

static void add_patients(relay_service *service, json_t *root) {
    extraction *patients = pass_server_patients(service->pass);
    extraction_counts counts;
    char at[CLOCK_TEXT_SIZE] = "";
    if (patients == NULL)
        return;
    extraction_tell(patients, &counts);
    if (counts.asked_at != 0)
        clock_text(counts.asked_at, at);
    json_object_set_new(root, "extract",
                        json_pack("{s:I,s:I,s:I,s:I,s:s}", "patients", (json_int_t)counts.patients, "asked",
                                  (json_int_t)counts.asked, "changed", (json_int_t)counts.changed, "failed",
                                  (json_int_t)counts.failed, "askedAt", at));
}

static void add_services(relay_service *service, json_t *root) {
    pass_server_counts counts;
    if (service->pass == NULL)
        return;
    pass_server_tell(service->pass, &counts);
    json_object_set_new(root, "platform", service_object(&counts.services[KEPT_PLATFORM]));
    json_object_set_new(root, "history", service_object(&counts.services[KEPT_HISTORY]));
    add_patients(service, root);
}

result relay_status_write(relay_service *service, buffer *out) {
    frame_server_counts counts;
    listing l = {service, json_array()};
    frame_server_tell(service->frames, &counts);
    result code = relay_store_each_terminal(service->store, add_terminal, &l);
    add_counts(service, l.list);
    json_t *root = json_pack("{s:o,s:o,s:{s:I,s:I,s:I,s:I},s:I,s:I}", "se", se_object(service), "terminals", l.list,
                             "connections", "open", (json_int_t)counts.open, "accepted", (json_int_t)counts.accepted,
                             "refused", (json_int_t)counts.refused, "frames", (json_int_t)counts.frames, "uses",
                             (json_int_t)relay_store_count_uses(service->store), "usesRefused",
                             (json_int_t)atomic_load(&service->desk.refused));
    add_gate(service, root);
    add_services(service, root);
    const result written = fhir_dump_and_free(root, out);
    return code == RESULT_OK ? written : code;
}
