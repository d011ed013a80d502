/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/relay_metrics.h"

#include "main/relay_service.h"

#include "base/clock.h"

#include <string.h>

#define DAY_S 86400

static const char *const services[KEPT_SERVICES] = {[KEPT_PLATFORM] = "platform", [KEPT_HISTORY] = "history"};

static void head(buffer *out, const char *name, const char *type, const char *help) {
    buffer_append_format(out, "# HELP uketsuke_relay_%s %s\n# TYPE uketsuke_relay_%s %s\n", name, help, name, type);
}

/* --- the SE ------------------------------------------------------------------------------------------------------- */

static void write_one(buffer *out, const char *name, const char *type, const char *help, long long value) {
    head(out, name, type, help);
    buffer_append_format(out, "uketsuke_relay_%s %lld\n", name, value);
}

static void write_se(relay_service *s, buffer *out) {
    relay_se_status se;
    frame_server_counts frames;
    relay_se_tell(s->se, &se);
    frame_server_tell(s->frames, &frames);
    write_one(out, "se_ready", "gauge", "1: the SE can be used.", se.condition == RELAY_SE_READY);
    write_one(out, "se_locked", "gauge", "1: a person must unlock the SE.", se.condition == RELAY_SE_LOCKED);
    write_one(out, "se_wait_p95_milliseconds", "gauge", "How long 95 of 100 uses wait for the SE at most.",
              (long long)se.wait_p95_ms);
    write_one(out, "se_uses_total", "counter", "Uses of the SE's keys, of the ledger.",
              (long long)relay_store_count_uses(s->store));
    write_one(out, "se_uses_refused_total", "counter", "Uses that were not permitted.",
              (long long)atomic_load(&s->desk.refused));
    write_one(out, "connections", "gauge", "Terminals' connections to the SE.", (long long)frames.open);
    write_one(out, "connections_refused_total", "counter", "Connections of clients that are not in the list.",
              (long long)frames.refused);
}

/* --- the gate ----------------------------------------------------------------------------------------------------- */

static void write_gate(relay_service *s, buffer *out) {
    connection_gate_condition gate;
    connection_gate_tell(s->gate, &gate);
    write_one(out, "gate_open", "gauge", "1: the services may be reached.", gate.state == GATE_OPEN);
    write_one(out, "gate_openings_total", "counter", "How often the gate was opened.", (long long)gate.openings);
    write_one(out, "gate_failures_total", "counter", "Hooks of the gate that failed.", (long long)gate.failures);
}

/* --- the services ------------------------------------------------------------------------------------------------- */

static int64_t age_of(const struct pass_service_counts *one) {
    const int64_t age = one->store.oldest != 0 ? clock_wall_s() - one->store.oldest : 0;
    return age > 0 ? age : 0;
}

typedef struct metric {
    const char *name, *type, *help;
    int64_t (*of)(const struct pass_service_counts *one);
} metric;

#define READER(name, expression)                                                                                       \
    static int64_t name(const struct pass_service_counts *one) {                                                       \
        return (int64_t)(expression);                                                                                  \
    }
READER(is_up, one->up)
READER(passed, one->passed)
READER(kept, one->kept)
READER(sent, one->sent)
READER(unverified, one->unverified)
READER(queued, one->store.queued)
READER(answered, one->store.answered)
READER(delivered, one->store.delivered)
READER(refused, one->store.refused)
READER(damaged, one->store.damaged)
READER(purged, one->store.purged)

static const metric metrics[] = {
    {"service_up", "gauge", "1: the service answered when it was last asked.", is_up},
    {"passed_total", "counter", "Calls that the service has answered at once.", passed},
    {"kept_total", "counter", "Requests that were kept.", kept},
    {"delivered_total", "counter", "Kept requests that the service has answered.", sent},
    {"unverified_total", "counter", "Answers that were not signed as they must be.", unverified},
    {"queued", "gauge", "Requests that wait for the service.", queued},
    {"oldest_seconds", "gauge", "How long the oldest of them has waited.", age_of},
    {"answers_waiting", "gauge", "Answers that a terminal has not fetched.", answered},
    {"answers_delivered", "gauge", "Answers that wait for their purge.", delivered},
    {"refused", "gauge", "Requests that the service has refused as a whole.", refused},
    {"damaged", "gauge", "Requests that cannot be read.", damaged},
    {"purged", "gauge", "Tombstones.", purged},
};

static void write_patients(extraction *patients, buffer *out) {
    extraction_counts counts;
    extraction_tell(patients, &counts);
    write_one(out, "extract_patients", "gauge", "Patients that the relay may ask about.", (long long)counts.patients);
    write_one(out, "extract_asked_total", "counter", "Patients that it has asked about.", (long long)counts.asked);
    write_one(out, "extract_changed_total", "counter", "Those whose coverage was another than before.",
              (long long)counts.changed);
    write_one(out, "extract_failed_total", "counter", "Batches of them without an answer.", (long long)counts.failed);
}

static void write_services(relay_service *s, buffer *out) {
    pass_server_counts counts;
    pass_server_tell(s->pass, &counts);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        head(out, metrics[i].name, metrics[i].type, metrics[i].help);
        for (size_t which = 0; which < KEPT_SERVICES; which++)
            buffer_append_format(out, "uketsuke_relay_%s{service=\"%s\"} %lld\n", metrics[i].name, services[which],
                                 (long long)metrics[i].of(&counts.services[which]));
    }
    write_one(out, "store_compared", "gauge", "1: what is kept is known to be as it was left.", counts.compared);
    write_one(out, "strangers_total", "counter", "Requests of clients that are not in the list of terminals.",
              (long long)counts.strangers);
    if (pass_server_patients(s->pass) != NULL)
        write_patients(pass_server_patients(s->pass), out);
}

/* --- the terminals ------------------------------------------------------------------------------------------------ */

/* A label's value: backslash, quotation mark and line feed are escaped. */
static void append_label(buffer *out, const char *text) {
    for (; *text != 0; text++) {
        if (*text == '\\' || *text == '"')
            buffer_append_u8(out, '\\');
        if (*text != '\n')
            buffer_append_u8(out, (uint8_t)*text);
    }
}

static result write_days(void *context, const relay_terminal *one) {
    buffer *out = context;
    buffer_append_text(out, "uketsuke_relay_certificate_days{terminal=\"");
    append_label(out, one->id);
    return buffer_append_format(out, "\"} %lld\n", (long long)((one->ends_at - clock_wall_s()) / DAY_S));
}

result relay_metrics_write(relay_service *service, buffer *out) {
    write_se(service, out);
    if (service->gate != NULL)
        write_gate(service, out);
    if (service->pass != NULL)
        write_services(service, out);
    head(out, "certificate_days", "gauge", "Until the terminal's TLS certificate ends.");
    const result code = relay_store_each_terminal(service->store, write_days, out);
    return code == RESULT_OK ? out->failed : code;
}

result relay_health_write(relay_service *service, buffer *out) {
    relay_se_status se;
    pass_server_counts counts = {0};
    relay_se_tell(service->se, &se);
    bool good = se.condition == RELAY_SE_READY;
    if (service->pass != NULL)
        pass_server_tell(service->pass, &counts);
    for (size_t i = 0; service->pass != NULL && i < KEPT_SERVICES; i++)
        good = good && counts.services[i].up && counts.services[i].store.damaged == 0;
    return buffer_append_text(out, good ? "ok\n" : "degraded\n");
}
