/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/terminal_commands.h"

#include "base/clock.h"
#include "base/copy_text.h"
#include "base/hex.h"
#include "base/log.h"
#include "fhir/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED_MAX 10000
#define LIST_TEXT_MAX (16 * 1024 * 1024)

static const char *state_of(const terminal_entry *e) {
    return e->revoked_at == 0 ? "registered" : "revoked";
}

static void print_entry(const terminal_entry *e) {
    char registered[CLOCK_TEXT_SIZE], revoked[CLOCK_TEXT_SIZE] = "";
    clock_text(e->registered_at, registered);
    if (e->revoked_at != 0)
        clock_text(e->revoked_at, revoked);
    printf("institution %s  terminal %s  SE %s%s  %s  since %s\n", e->institution_code, e->terminal_id, e->se_serial,
           e->shared ? " (shared)" : "", state_of(e), e->revoked_at != 0 ? revoked : registered);
}

static result print_json(const terminal_entry *list, size_t count) {
    buffer text = BUFFER_INIT(LIST_TEXT_MAX);
    json_t *terminals = json_array();
    for (size_t i = 0; i < count; i++) {
        char registered[CLOCK_TEXT_SIZE], revoked[CLOCK_TEXT_SIZE] = "";
        clock_text(list[i].registered_at, registered);
        if (list[i].revoked_at != 0)
            clock_text(list[i].revoked_at, revoked);
        json_array_append_new(terminals,
                              json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:s,s:s,s:s*}", "institutionCode",
                                        list[i].institution_code, "terminalId", list[i].terminal_id, "seSerial",
                                        list[i].se_serial, "certificateHash", list[i].certificate_hash, "tlsKey",
                                        list[i].tls_key, "shared", (int)list[i].shared, "state", state_of(&list[i]),
                                        "registeredAt", registered, "revokedAt", revoked[0] ? revoked : NULL));
    }
    result outcome = fhir_dump_and_free(json_pack("{s:o}", "terminals", terminals), &text);
    if (outcome == RESULT_OK)
        puts(buffer_text(&text));
    buffer_wipe(&text);
    return outcome;
}

static result read_all(terminal_register *terminals, terminal_entry **list, size_t *count) {
    *list = calloc(LISTED_MAX, sizeof **list);
    return *list ? terminal_register_list(terminals, *list, LISTED_MAX, count) : RESULT_NO_MEMORY;
}

result terminal_commands_list(const program_arguments *a, terminal_register *terminals) {
    terminal_entry *list;
    size_t count = 0;
    result outcome = read_all(terminals, &list, &count);
    if (outcome == RESULT_OK && a->json)
        outcome = print_json(list, count);
    else
        for (size_t i = 0; outcome == RESULT_OK && i < count; i++)
            print_entry(&list[i]);
    free(list);
    return outcome;
}

/* --- admit -------------------------------------------------------------------------------------------------------- */

static result read_tls(const char *path, terminal_entry *entry, char terminal[TERMINAL_REGISTER_TEXT_SIZE]) {
    certificate *c = NULL;
    result outcome = certificate_from_file(path, &c);
    if (outcome == RESULT_OK)
        outcome = certificate_key_hash(c, entry->tls_key);
    if (outcome == RESULT_OK)
        outcome = certificate_subject_attribute(c, CERTIFICATE_COMMON_NAME, terminal, TERMINAL_REGISTER_TEXT_SIZE);
    if (outcome != RESULT_OK)
        log_error("%s: %s", path, result_text(outcome));
    certificate_free(&c);
    return outcome;
}

static result read_holder(const char *path, terminal_entry *entry) {
    cvc holder;
    const result outcome = service_chain_from_file(path, &holder);
    if (outcome == RESULT_OK)
        hex_encode(BYTES(holder.holder_reference), entry->holder_reference, sizeof entry->holder_reference);
    else
        log_error("%s: %s", path, result_text(outcome));
    return outcome;
}

static result read_se(const registrar *r, const char *path, terminal_entry *entry) {
    certificate *c = NULL;
    result outcome = certificate_from_file(path, &c);
    trust_verdict verdict = outcome == RESULT_OK ? trust_check(r->institutions, c, TRUST_COMMITMENT, clock_wall_s())
                                                 : TRUST_OK;
    if (outcome == RESULT_OK)
        outcome = verdict == TRUST_OK
                      ? certificate_subject_attribute(c, CERTIFICATE_SERIAL_NUMBER, entry->institution_code,
                                                      sizeof entry->institution_code)
                      : RESULT_REFUSED;
    if (outcome == RESULT_OK)
        certificate_fingerprint_text(c, entry->certificate_hash);
    else
        log_error("%s: %s", path, verdict != TRUST_OK ? trust_verdict_text(verdict) : result_text(outcome));
    certificate_free(&c);
    return outcome;
}

/* Admits a terminal from files: certificates, SE serial number and terminal id. */
result terminal_commands_admit(const program_arguments *a, const registrar *r) {
    registrar_applicant wanted = {.entry.registered_at = clock_wall_s()};
    char tls_terminal[TERMINAL_REGISTER_TEXT_SIZE] = "";
    const char *terminal = program_option(a, PROGRAM_TERMINAL, NULL),
               *serial = program_option(a, PROGRAM_SE_SERIAL, NULL);
    const char *tls = program_option(a, PROGRAM_TLS_CERTIFICATE, NULL), *chain = program_option(a, PROGRAM_CVC, NULL);
    refusal refused = {0};
    bool known = false;
    buffer receipt = BUFFER_INIT(4096), signature = BUFFER_INIT(2 * SERVICE_SIGNATURE_MAX);
    result outcome = read_se(r, a->first, &wanted.entry);
    if (outcome == RESULT_OK)
        outcome = read_tls(tls, &wanted.entry, tls_terminal);
    if (outcome == RESULT_OK)
        outcome = read_holder(chain, &wanted.entry);
    if (outcome == RESULT_OK) {
        COPY_TEXT(wanted.entry.terminal_id, terminal);
        COPY_TEXT(wanted.entry.se_serial, serial);
        wanted.tls_terminal = tls_terminal;
        outcome = registrar_register(r, &wanted, &receipt, &signature, &known, &refused);
    }
    if (refused.status != 0)
        log_error("%s", refused.reason);
    if (outcome == RESULT_OK)
        print_entry(&wanted.entry);
    buffer_wipe(&receipt);
    buffer_wipe(&signature);
    return outcome;
}

/* --- revoke, restore ---------------------------------------------------------------------------------------------- */

/* The entry meant by a terminal's id: the newest in that state. */
static result choose(const program_arguments *a, terminal_register *terminals, bool revoked, terminal_entry *out) {
    const char *institution = program_option(a, PROGRAM_INSTITUTION, NULL);
    terminal_entry *list;
    size_t count = 0, institutions = 0;
    result outcome = read_all(terminals, &list, &count);
    *out = (terminal_entry){0};
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++) {
        if (strcmp(list[i].terminal_id, a->first) != 0 || (list[i].revoked_at != 0) != revoked ||
            (institution && strcmp(institution, list[i].institution_code) != 0))
            continue;
        institutions += strcmp(out->institution_code, list[i].institution_code) != 0;
        if (strcmp(out->institution_code, list[i].institution_code) != 0 || out->revoked_at <= list[i].revoked_at)
            *out = list[i];
    }
    free(list);
    if (outcome == RESULT_OK && institutions != 1) {
        log_error(institutions == 0 ? "terminal %s: no such entry. `terminals` lists them."
                                    : "terminal %s: several institutions have one. Say --institution CODE.",
                  a->first);
        outcome = RESULT_NOT_FOUND;
    }
    return outcome;
}

static result set_revoked(const program_arguments *a, const registrar *r, bool revoke) {
    terminal_entry entry;
    result outcome = choose(a, r->terminals, !revoke, &entry);
    entry.revoked_at = revoke ? clock_wall_s() : 0;
    if (outcome == RESULT_OK) {
        outcome = terminal_register_set_revoked(r->terminals, &entry, entry.revoked_at);
        if (outcome == RESULT_EXISTS)
            log_error("terminal %s works with another SE now. Revoke that one first.", a->first);
    }
    if (outcome == RESULT_OK)
        print_entry(&entry);
    return outcome;
}

result terminal_commands_revoke(const program_arguments *a, const registrar *r) {
    return set_revoked(a, r, true);
}

result terminal_commands_restore(const program_arguments *a, const registrar *r) {
    return set_revoked(a, r, false);
}

/* Revokes the SE for all its terminals. */
result terminal_commands_revoke_se(const program_arguments *a, const registrar *r) {
    const result outcome = terminal_register_revoke_se(r->terminals, a->first, clock_wall_s());
    if (outcome == RESULT_NOT_FOUND)
        log_error("SE %s is not registered. `terminals` lists them.", a->first);
    return outcome;
}

static result set_shared(const program_arguments *a, const registrar *r, bool shared) {
    terminal_entry entry;
    const result outcome = choose(a, r->terminals, false, &entry);
    return outcome == RESULT_OK ? terminal_register_set_shared(r->terminals, entry.certificate_hash, shared) : outcome;
}

result terminal_commands_share(const program_arguments *a, const registrar *r) {
    return set_shared(a, r, true);
}

result terminal_commands_unshare(const program_arguments *a, const registrar *r) {
    return set_shared(a, r, false);
}
