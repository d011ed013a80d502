/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/relay_commands.h"

#include "ledger/relay_store.h"
#include "main/relay_control.h"
#include "main/relay_service.h"

#include "base/clock.h"
#include "base/copy_text.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/certificate.h"
#include "crypt/digest.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PIN_LINE_MAX 128
#define STATUS_LINE "status\n"
#define CODE_DIGITS 8
#define CODE_VALID_S 600

static result open_store(const program_arguments *a, relay_store **store) {
    bool complete = true;
    const char *state = configuration_need(a->configuration, "relay", "state", &complete);
    return complete ? relay_store_open(state, store) : RESULT_INVALID;
}

/* --- a running relay ---------------------------------------------------------------------------------------------- */

result relay_command_ask(const program_arguments *a, bytes line, buffer *answer) {
    char *path = relay_service_control(a->configuration);
    const result code = path != NULL ? relay_control_ask(path, line, answer) : RESULT_INVALID;
    if (code == RESULT_NOT_FOUND)
        log_error("no relay answers at %s. Start it: systemctl start uketsuke-relay", path);
    else if (code != RESULT_OK)
        log_error("the relay does not answer: %s", result_text(code));
    free(path);
    return code;
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static long long number_of(const json_t *object, const char *name) {
    return (long long)json_integer_value(json_object_get(object, name));
}

static void print_service(const json_t *root, const char *name) {
    const json_t *one = json_object_get(root, name);
    if (one == NULL)
        return;
    const char *oldest = text_of(one, "oldest");
    printf("%s %s: %lld wait%s%s, %lld answers to be fetched", name,
           json_is_true(json_object_get(one, "up")) ? "answers" : "is silent", number_of(one, "queued"),
           *oldest ? ", the oldest since " : "", oldest, number_of(one, "answered"));
    if (number_of(one, "refused") + number_of(one, "damaged") > 0)
        printf(", %lld refused, %lld damaged", number_of(one, "refused"), number_of(one, "damaged"));
    putchar('\n');
}

static void print_gate(const json_t *gate) {
    const char *reason = text_of(gate, "reason"), *words = text_of(gate, "words");
    if (gate != NULL)
        printf("gate %s%s%s%s%s since %s\n", text_of(gate, "state"), *reason ? ": " : "", reason, *words ? ": " : "",
               words, text_of(gate, "since"));
}

static void print_status(const json_t *root) {
    const json_t *se = json_object_get(root, "se"), *one;
    const char *reason = text_of(se, "reason");
    size_t i;
    printf("SE %s: %s%s%s, waited for at most %lld ms (95 %%)\n",
           *text_of(se, "serial") ? text_of(se, "serial") : "(unknown)", text_of(se, "state"), *reason ? ": " : "",
           reason, number_of(se, "waitP95Milliseconds"));
    printf("uses of keys %lld, refused %lld; connections %lld\n", number_of(root, "uses"),
           number_of(root, "usesRefused"), number_of(json_object_get(root, "connections"), "open"));
    print_gate(json_object_get(root, "gate"));
    print_service(root, "platform");
    print_service(root, "history");
    json_array_foreach(json_object_get(root, "terminals"), i, one) {
        printf("%-10s  last seen %s, signatures %lld, connections %lld, kept %lld, answers to be fetched %lld,"
               " certificate ends in %lld days\n",
               text_of(one, "id"), *text_of(one, "lastSeen") ? text_of(one, "lastSeen") : "never",
               number_of(one, "signatures"), number_of(one, "connections"), number_of(one, "kept"),
               number_of(one, "answers"), number_of(one, "certificateDays"));
    }
}

result relay_command_status(const program_arguments *a) {
    buffer answer = BUFFER_INIT(CONTROL_ANSWER_MAX);
    result code = relay_command_ask(a, bytes_of(STATUS_LINE, strlen(STATUS_LINE)), &answer);
    const char *text = buffer_text(&answer), *json = strchr(text, '\n');
    json_t *root = code == RESULT_OK && json != NULL ? json_loads(json + 1, 0, NULL) : NULL;
    if (code == RESULT_OK && root == NULL)
        code = RESULT_INVALID;
    if (code == RESULT_OK && a->json)
        puts(json + 1);
    else if (code == RESULT_OK)
        print_status(root);
    json_decref(root);
    buffer_wipe(&answer);
    return code;
}

/* A line of standard input; not shown while it is typed. */
static result read_pin(buffer *line) {
    struct termios before, quiet;
    const bool typed = tcgetattr(STDIN_FILENO, &before) == 0;
    char one;
    if (typed) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        fputs("PIN of the SE: ", stderr);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    while (read(STDIN_FILENO, &one, 1) == 1 && one != '\n' && line->failed == RESULT_OK)
        buffer_append_u8(line, (uint8_t)one);
    if (typed) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    return buffer_append_u8(line, '\n');
}

result relay_command_unlock(const program_arguments *a) {
    buffer line = BUFFER_SECRET(PIN_LINE_MAX), answer = BUFFER_INIT(CONTROL_ANSWER_MAX);
    result code = buffer_append_text(&line, "unlock ");
    if (code == RESULT_OK)
        code = read_pin(&line);
    if (code == RESULT_OK)
        code = relay_command_ask(a, buffer_bytes(&line), &answer);
    if (code == RESULT_OK && strcmp(buffer_text(&answer), "ok\n") != 0) {
        log_error("the SE could not be unlocked: %.*s. Is it in its reader, and is the PIN right?",
                  (int)strcspn(buffer_text(&answer), "\n"), buffer_text(&answer));
        code = RESULT_DENIED;
    }
    if (code == RESULT_OK)
        puts("The SE is unlocked. Its terminals go on by themselves.");
    buffer_wipe(&line);
    buffer_wipe(&answer);
    return code;
}

/* --- the list of terminals ---------------------------------------------------------------------------------------- */

static result print_terminal(void *context, const relay_terminal *one) {
    json_t *list = context;
    char admitted[CLOCK_TEXT_SIZE], seen[CLOCK_TEXT_SIZE] = "";
    clock_text(one->admitted_at, admitted);
    if (one->seen_at != 0)
        clock_text(one->seen_at, seen);
    if (list == NULL)
        printf("%s  key %s  admitted %s  last seen %s\n", one->id, one->key, admitted, *seen ? seen : "never");
    else
        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s}", "id", one->id, "key", one->key, "admittedAt",
                                              admitted, "lastSeen", seen));
    return RESULT_OK;
}

static void print_json(json_t *root) {
    char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    if (text != NULL)
        puts(text);
    free(text);
    json_decref(root);
}

result relay_command_terminals(const program_arguments *a) {
    relay_store *store = NULL;
    json_t *list = a->json ? json_array() : NULL;
    result code = open_store(a, &store);
    if (code == RESULT_OK)
        code = relay_store_each_terminal(store, print_terminal, list);
    if (code == RESULT_OK && a->json)
        print_json(list);
    relay_store_close(&store);
    return code;
}

/* Its certificate must bear its name: the list compares both. */
static result read_certificate(const char *path, const char *id, relay_terminal *out) {
    certificate *c = NULL;
    char name[RELAY_WORD_SIZE] = "";
    int64_t from;
    result code = certificate_from_file(path, &c);
    if (code == RESULT_OK)
        code = certificate_subject_attribute(c, CERTIFICATE_COMMON_NAME, name, sizeof name);
    if (code == RESULT_OK)
        code = certificate_key_hash(c, out->key);
    if (code == RESULT_OK)
        certificate_validity(c, &from, &out->ends_at);
    certificate_free(&c);
    if (code != RESULT_OK)
        log_error("%s: %s", path, result_text(code));
    else if (strcmp(name, id) != 0) {
        log_error("%s is the certificate of terminal %s, not of %s", path, name, id);
        code = RESULT_REFUSED;
    }
    return code;
}

result relay_command_admit(const program_arguments *a) {
    relay_store *store = NULL;
    relay_terminal one = {.admitted_at = clock_wall_s()};
    COPY_TEXT(one.id, a->first);
    result code = read_certificate(a->second, a->first, &one);
    if (code == RESULT_OK)
        code = open_store(a, &store);
    if (code == RESULT_OK) {
        code = relay_store_admit(store, &one);
        if (code == RESULT_EXISTS)
            log_error("another terminal has this key. Each terminal has a key of its own.");
    }
    relay_store_close(&store);
    if (code == RESULT_OK)
        printf("%s is admitted with the key %s\n", one.id, one.key);
    return code;
}

static result no_such(result code, const char *id) {
    if (code == RESULT_NOT_FOUND)
        log_error("terminal %s is not in the list. `uketsuke-relay terminals` shows it.", id);
    return code;
}

result relay_command_withdraw(const program_arguments *a) {
    relay_store *store = NULL;
    result code = open_store(a, &store);
    if (code == RESULT_OK)
        code = no_such(relay_store_withdraw(store, a->first), a->first);
    relay_store_close(&store);
    if (code == RESULT_OK)
        printf("%s is withdrawn; a relay that runs ends its connections within a second\n", a->first);
    return code;
}

static result make_code(char digits[CODE_DIGITS + 1], char hash[RELAY_WORD_SIZE]) {
    uint8_t random[CODE_DIGITS], digest[CRYPT_SHA256_LENGTH];
    result code = crypt_random(random, sizeof random);
    for (size_t i = 0; i < CODE_DIGITS; i++)
        digits[i] = (char)('0' + random[i] % 10);
    digits[CODE_DIGITS] = '\0';
    if (code == RESULT_OK)
        code = crypt_sha256(bytes_of(digits, CODE_DIGITS), digest);
    if (code == RESULT_OK)
        hex_encode(BYTES(digest), hash, RELAY_WORD_SIZE);
    return code;
}

result relay_command_unlock_terminal(const program_arguments *a) {
    relay_store *store = NULL;
    char digits[CODE_DIGITS + 1], hash[RELAY_WORD_SIZE];
    result code = open_store(a, &store);
    if (code == RESULT_OK)
        code = make_code(digits, hash);
    if (code == RESULT_OK)
        code = no_such(relay_store_set_code(store, a->first, hash, clock_wall_s() + CODE_VALID_S), a->first);
    relay_store_close(&store);
    if (code == RESULT_OK)
        printf("%s\nGood once, for ten minutes, at %s only: uketsuke unlock\n", digits, a->first);
    return code;
}

/* --- the ledger --------------------------------------------------------------------------------------------------- */

static result print_use(void *context, const relay_use *use) {
    json_t *list = context;
    char at[CLOCK_TEXT_SIZE];
    clock_text(use->at, at);
    if (list == NULL)
        printf("%lld,%s,%s,%s,%s,%s,%s\n", (long long)use->number, at, use->terminal, use->key, use->role, use->about,
               use->chain);
    else
        json_array_append_new(list, json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:s}", "number", (json_int_t)use->number, "at",
                                              at, "terminal", use->terminal, "key", use->key, "role", use->role,
                                              "about", use->about, "chain", use->chain));
    return RESULT_OK;
}

result relay_command_export(const program_arguments *a) {
    relay_store *store = NULL;
    json_t *list = a->json ? json_array() : NULL;
    result code = open_store(a, &store);
    if (code == RESULT_OK && !a->json)
        puts("number,at,terminal,key,role,about,chain");
    if (code == RESULT_OK)
        code = relay_store_each_use(store, print_use, list);
    if (code == RESULT_OK && a->json)
        print_json(list);
    relay_store_close(&store);
    return code;
}

result relay_command_check(const program_arguments *a) {
    relay_store *store = NULL;
    int64_t broken = 0;
    result code = open_store(a, &store);
    if (code == RESULT_OK)
        code = relay_store_check_uses(store, &broken);
    if (code == RESULT_BAD_SIGNATURE)
        log_error("row %lld of the ledger is missing, or is not as it was written", (long long)broken);
    if (code == RESULT_OK)
        printf("%lld uses of keys, each as it was written\n", (long long)relay_store_count_uses(store));
    relay_store_close(&store);
    return code;
}
