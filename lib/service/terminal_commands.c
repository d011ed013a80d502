#include "service/terminal_commands.h"

#include "base/clock.h"
#include "base/log.h"
#include "fhir/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED_MOST 10000
#define LIST_TEXT_MOST (16 * 1024 * 1024)
#define COPY(field, text) snprintf(field, sizeof field, "%s", text)

static const char *state_of(const terminal_entry *e) {
    return e->revoked_at == 0 ? "registered" : "revoked";
}

static void print_entry(const terminal_entry *e) {
    char registered[CLOCK_TEXT_SIZE], revoked[CLOCK_TEXT_SIZE] = "";
    clock_text(e->registered_at, registered);
    if (e->revoked_at != 0)
        clock_text(e->revoked_at, revoked);
    printf("institution %s  terminal %s  SE %s  %s  since %s\n", e->institution_code, e->terminal_id, e->se_serial,
           state_of(e), e->revoked_at != 0 ? revoked : registered);
}

static result print_json(const terminal_entry *list, size_t count) {
    buffer text = BUFFER_INIT(LIST_TEXT_MOST);
    json_t *terminals = json_array();
    for (size_t i = 0; i < count; i++) {
        char registered[CLOCK_TEXT_SIZE], revoked[CLOCK_TEXT_SIZE] = "";
        clock_text(list[i].registered_at, registered);
        if (list[i].revoked_at != 0)
            clock_text(list[i].revoked_at, revoked);
        json_array_append_new(terminals,
                              json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s*}", "institutionCode", list[i].institution_code,
                                        "terminalId", list[i].terminal_id, "seSerial", list[i].se_serial,
                                        "certificateHash", list[i].certificate_hash, "state", state_of(&list[i]),
                                        "registeredAt", registered, "revokedAt", revoked[0] ? revoked : NULL));
    }
    result outcome = fhir_dump_and_free(json_pack("{s:o}", "terminals", terminals), &text);
    if (outcome == RESULT_OK)
        puts(buffer_text(&text));
    buffer_wipe(&text);
    return outcome;
}

static result read_all(terminal_register *terminals, terminal_entry **list, size_t *count) {
    *list = calloc(LISTED_MOST, sizeof **list);
    return *list ? terminal_register_list(terminals, *list, LISTED_MOST, count) : RESULT_NO_MEMORY;
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

/* By the paper that came with the SE: its certificate, its serial, the terminal it is for. */
static result admit(const program_arguments *a, const registrar *r) {
    terminal_entry entry = {.registered_at = clock_wall_s()};
    const char *terminal = program_option(a, "terminal", NULL), *serial = program_option(a, "se-serial", NULL);
    refusal refused = {0};
    certificate *c = NULL;
    bool known = false;
    buffer receipt = BUFFER_INIT(4096), signature = BUFFER_INIT(2 * SERVICE_SIGNATURE_MOST);
    result outcome = terminal && serial ? certificate_from_file(a->second, &c) : RESULT_INVALID;
    if (!terminal || !serial)
        log_error("terminal admit: needs --terminal ID and --se-serial NUMBER");
    else if (outcome != RESULT_OK)
        log_error("%s: %s", a->second, result_text(outcome));
    trust_verdict verdict = outcome == RESULT_OK ? trust_check(r->institutions, c, TRUST_COMMITMENT, clock_wall_s())
                                                 : TRUST_OK;
    if (verdict != TRUST_OK) {
        log_error("%s: %s", a->second, trust_verdict_text(verdict));
        outcome = RESULT_REFUSED;
    }
    if (outcome == RESULT_OK)
        outcome = certificate_subject_attribute(c, CERTIFICATE_SERIAL_NUMBER, entry.institution_code,
                                                sizeof entry.institution_code);
    if (outcome == RESULT_OK) {
        registrar_certificate_hash(c, entry.certificate_hash);
        COPY(entry.terminal_id, terminal);
        COPY(entry.se_serial, serial);
        outcome = registrar_register(r, &entry, bytes_of(NULL, 0), &receipt, &signature, &known, &refused);
    }
    if (refused.status != 0)
        log_error("%s", refused.reason);
    if (outcome == RESULT_OK)
        print_entry(&entry);
    certificate_free(&c);
    buffer_wipe(&receipt);
    buffer_wipe(&signature);
    return outcome;
}

/* --- revoke, restore ---------------------------------------------------------------------------------------------- */

/* The entry meant by a terminal's id: the newest in that state. */
static result choose(const program_arguments *a, terminal_register *terminals, bool revoked, terminal_entry *out) {
    const char *institution = program_option(a, "institution", NULL);
    terminal_entry *list;
    size_t count = 0, institutions = 0;
    result outcome = read_all(terminals, &list, &count);
    *out = (terminal_entry){0};
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++) {
        if (strcmp(list[i].terminal_id, a->second) != 0 || (list[i].revoked_at != 0) != revoked ||
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
                  a->second);
        outcome = RESULT_NOT_FOUND;
    }
    return outcome;
}

static result set_revoked(const program_arguments *a, const registrar *r, bool revoke) {
    terminal_entry entry;
    result outcome = choose(a, r->terminals, !revoke, &entry);
    entry.revoked_at = revoke ? clock_wall_s() : 0;
    if (outcome == RESULT_OK) {
        outcome = terminal_register_set_revoked(r->terminals, entry.certificate_hash, entry.revoked_at);
        if (outcome == RESULT_EXISTS)
            log_error("terminal %s works with another SE now. Revoke that one first.", a->second);
    }
    if (outcome == RESULT_OK)
        print_entry(&entry);
    return outcome;
}

result terminal_commands_change(const program_arguments *a, const registrar *r) {
    if (a->file && a->second && strcmp(a->file, "admit") == 0)
        return admit(a, r);
    if (a->file && a->second && strcmp(a->file, "revoke") == 0)
        return set_revoked(a, r, true);
    if (a->file && a->second && strcmp(a->file, "restore") == 0)
        return set_revoked(a, r, false);
    log_error("terminal: expected admit CERTIFICATE, revoke ID or restore ID");
    return RESULT_INVALID;
}
