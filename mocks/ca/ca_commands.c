/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ca_commands.h"

#include "authority.h"
#include "base/command_line.h"
#include "base/file.h"
#include "cards.h"
#include "decision_paper.h"
#include "founding.h"
#include "generated.h"
#include "issue.h"
#include "own_people.h"
#include "persons.h"
#include "tls_issue.h"
#include "unblock.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct options {
    const char *folder;
    const char *argument; /* the second one: card name, SE name, serial */
    institution_order institution;
    operator_order actor;
    const char *person, *request, *hosts;
    const char *atr, *atr_contactless, *switches, *issued, *generation, *token; /* of a patient's card */
    const char *photo, *kind, *people;
    own_person own;
    const char *pin, *new_pin;
    paper_order paper;
} options;

static bool is_institution_code(const char *text) {
    return strlen(text) == 10 && strspn(text, "0123456789") == 10;
}

/* A name of one folder below the office: it must not lead anywhere else. */
static bool is_plain_name(const char *text) {
    return *text != '\0' && *text != '.' && strlen(text) <= 40 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == strlen(text);
}

/* What went wrong and what to do, for people. */
static int report(result r, const options *o) {
    static const struct {
        result code;
        const char *next_step;
    } hints[] = {
        {RESULT_EXISTS, "exists already, or a " ISSUE_PARTIAL " of an interrupted issue does; nothing is written over: "
                        "choose another name, or remove it"},
        {RESULT_NOT_FOUND, "not found: the folder must come from `mock-ca issue` or `init`, the serial from there"},
        {RESULT_INVALID, "an argument or a file does not have its form"},
        {RESULT_BAD_SIGNATURE, "the request's signature is wrong: have the holder of the key make it again"},
        {RESULT_INTERNAL, "OpenSSL refused: is a name longer than 64 characters, or no UTF-8?"},
        {RESULT_TOO_LONG, "a name is too long"},
        {RESULT_IO, "reading or writing failed: check permissions and free space"},
    };
    if (r == RESULT_OK)
        return 0;
    const char *hint = result_text(r);
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (hints[i].code == r)
            hint = hints[i].next_step;
    fprintf(stderr, "mock-ca: %s%s%s: %s\n", o->folder, o->argument ? ", " : "", o->argument ? o->argument : "", hint);
    return 1;
}

static int usage_error(const char *text) {
    fprintf(stderr, "mock-ca: %s (mock-ca --help lists commands and options)\n", text);
    return 2;
}

static int run_issue(options *o) {
    return report(issue_everything(o->folder, &o->institution, true), o);
}

static int run_issue_trial(options *o) {
    return report(issue_everything(o->folder, &o->institution, false), o);
}

static int run_init(options *o) {
    office ca = {0};
    result r = office_found(&ca, o->folder);
    if (r == RESULT_OK)
        r = persons_write(&ca);
    office_close(&ca);
    return report(r, o);
}

/* Opens the office, does one thing, closes it. */
static int in_office(options *o, result (*act)(office *, options *)) {
    office ca = {0};
    result r = office_open(&ca, o->folder);
    if (r == RESULT_OK)
        r = act(&ca, o);
    office_close(&ca);
    return report(r, o);
}

static char *card_folder(office *ca, const options *o) {
    char *cards = office_folder(ca, "cards", 0700), *folder = cards ? file_join(cards, o->argument) : NULL;
    free(cards);
    return folder;
}

static bool take_atr(const char *name, const char **text) {
    *text = name != NULL ? answer_to_reset_find(name) : NULL;
    if (name != NULL && *text == NULL)
        fprintf(stderr, "mock-ca: no ATR is called %s: contact-1 to contact-5, contactless-1 to contactless-4\n", name);
    return name == NULL || *text != NULL;
}

static bool take_generation(const char *text, unsigned *generation) {
    *generation = text == NULL ? 0 : (unsigned)(text[0] - '0');
    if (text == NULL || (strlen(text) == 1 && *generation >= 1 && *generation <= AUTHORITY_GENERATIONS))
        return true;
    fprintf(stderr, "mock-ca: a generation is 1, 2 or 3; make 1 and 2 with `mock-ca generations`\n");
    return false;
}

/* Certificates of a card that was, or will be, issued on that day. */
static bool take_issue(const char *day, patient_order *order) {
    char text[CLOCK_TEXT_SIZE];
    int64_t noon;
    if (day == NULL)
        return true;
    snprintf(text, sizeof text, "%.10sT03:00:00Z", day); /* noon in Japan */
    if (strlen(day) == 10 && clock_check_date(day) == RESULT_OK && clock_parse(text, &noon) == RESULT_OK &&
        validity_to_fifth_birthday(noon, order->who->x509.birth, &order->valid) == RESULT_OK)
        return true;
    fprintf(stderr, "mock-ca: --issued takes a day: YYYY-MM-DD\n");
    return false;
}

/* A person of the table or, with --name, one of the user's own. */
static result take_person(const options *o, person *own, const person **who) {
    const char *id = o->person ? o->person : o->argument, *problem = NULL;
    *who = o->own.name != NULL ? own : person_find(id);
    if (o->own.name != NULL && person_find(id) == NULL) {
        if (own_person_make(&o->own, id, own, &problem) == RESULT_OK)
            return RESULT_OK;
    } else if (o->own.name != NULL) {
        problem = "this name is one of the synthetic people's: choose another for a person of your own";
    } else if (*who != NULL) {
        return RESULT_OK;
    }
    if (problem != NULL) {
        fprintf(stderr, "mock-ca: %s\n", problem);
        return RESULT_INVALID;
    }
    fprintf(stderr, "mock-ca: there is no person %s; people (or --name, --address, --birth for one of your own):", id);
    for (size_t i = 0; i < people_count; i++)
        fprintf(stderr, " %s", people[i].id);
    fprintf(stderr, "\n");
    return RESULT_INVALID;
}

static bool take_kind(const char *kind, patient_order *order) {
    order->old = kind != NULL && strcmp(kind, "old") == 0;
    order->no_pin = kind != NULL && strcmp(kind, "no-pin") == 0;
    if (kind == NULL || order->old || order->no_pin || strcmp(kind, "usual") == 0)
        return true;
    fprintf(stderr, "mock-ca: --kind takes usual, old or no-pin\n");
    return false;
}

static bool take_photo(const char *photo, patient_order *order) {
    order->photo = photo;
    if (photo == NULL || strcmp(photo, PHOTO_NONE) == 0 || access(photo, R_OK) == 0)
        return true;
    fprintf(stderr, "mock-ca: --photo takes a JPEG 2000 file that can be read, or none\n");
    return false;
}

static result act_patient(office *ca, options *o) {
    person own;
    patient_order order = {.switches = o->switches, .application_name = o->token};
    result r = take_person(o, &own, &order.who);
    if (r != RESULT_OK)
        return r;
    if (o->token != NULL && (strlen(o->token) > 32 || !is_plain_name(o->token)))
        return RESULT_INVALID;
    if (!take_generation(o->generation, &order.generation) || !take_issue(o->issued, &order) ||
        !take_kind(o->kind, &order) || !take_photo(o->photo, &order))
        return RESULT_INVALID;
    if (!take_atr(o->atr, &order.atr) || !take_atr(o->atr_contactless, &order.atr_contactless))
        return RESULT_INVALID;
    char *folder = card_folder(ca, o);
    r = folder == NULL ? RESULT_IO : cards_make_patient(ca, &order, folder, NULL);
    free(folder);
    if (r == RESULT_OK && order.who == &own)
        r = own_people_remember(ca, &own);
    return r == RESULT_OK ? persons_write(ca) : r;
}

static result act_patients(office *ca, options *o) {
    size_t line = 0;
    const char *problem = NULL;
    char *cards = office_folder(ca, "cards", 0700);
    const char *file = o->people != NULL ? o->people : "--people FILE";
    result r = cards == NULL ? RESULT_IO : generated_make_cards(ca, file, cards, &line, &problem);
    if (r == RESULT_INVALID || r == RESULT_NOT_FOUND)
        fprintf(stderr, "mock-ca: %s, line %zu: %s\n", file, line, problem);
    free(cards);
    return r;
}

static result act_operator(office *ca, options *o) {
    char *folder = card_folder(ca, o);
    o->actor.institution = o->institution.name;
    if (o->own.name != NULL)
        o->actor.name = o->own.name;
    if (o->actor.institution_code == NULL)
        o->actor.institution_code = o->institution.code;
    else if (strcmp(o->actor.institution_code, "none") == 0)
        o->actor.institution_code = NULL;
    result r = folder == NULL ? RESULT_IO : cards_make_operator(ca, &o->actor, folder);
    free(folder);
    return r;
}

static result act_unblock(office *ca, options *o) {
    const char *problem = "out of memory";
    char *folder = card_folder(ca, o);
    result r = folder == NULL ? RESULT_NO_MEMORY : RESULT_OK;
    if (o->pin == NULL || !is_plain_name(o->pin)) {
        problem = "unblock needs --pin NAME: auth, sign, input-support-pin ...";
        r = RESULT_INVALID;
    }
    if (r == RESULT_OK)
        r = unblock_pin(ca, folder, o->pin, o->new_pin, &problem);
    if (r != RESULT_OK)
        fprintf(stderr, "mock-ca: %s\n", problem);
    free(folder);
    return r;
}

static result act_se(office *ca, options *o) {
    return institution_make_se(ca, o->argument);
}

static result act_institution(office *ca, options *o) {
    return institution_make(ca, &o->institution, o->argument);
}

static result act_certify(office *ca, options *o) {
    result r = RESULT_INVALID;
    if (o->request != NULL && access(o->request, R_OK) == 0)
        r = institution_certify(ca, &o->institution, o->argument, o->request);
    if (r == RESULT_INVALID)
        fprintf(stderr, "mock-ca: certify needs --request FILE: a PKCS#10 request in PEM, for an RSA-2048 key\n");
    return r;
}

static result act_tls_server(office *ca, options *o) {
    const result r = tls_issue_server(ca, o->hosts, o->argument);
    if (r == RESULT_INVALID)
        fprintf(stderr, "mock-ca: --host takes DNS names and IP addresses, separated by commas\n");
    return r;
}

static result act_tls_client(office *ca, options *o) {
    const result r = tls_issue_client(ca, &o->institution, o->request, o->argument);
    if (r == RESULT_INVALID)
        fprintf(stderr, "mock-ca: tls-client takes --request FILE: a PKCS#10 request in PEM, for a P-256 key\n");
    return r;
}

static result act_services(office *ca, options *o) {
    (void)o;
    return institution_make_services(ca);
}

static result act_paper(office *ca, options *o) {
    o->paper.institution_code = o->institution.code;
    o->paper.terminal = o->institution.terminal;
    const result r = decision_paper_make(ca, &o->paper, o->argument);
    if (r == RESULT_INVALID)
        fprintf(stderr, "mock-ca: paper needs --decision limits, anchors, institutions, clock or se, and --number with "
                        "the 64 digits that the terminal shows\n");
    return r;
}

static result act_generations(office *ca, options *o) {
    (void)o;
    return authority_create_generations(ca);
}

static result act_revoke(office *ca, options *o) {
    char serial[9] = "";
    if (strlen(o->argument) != 8)
        return RESULT_NOT_FOUND;
    for (int i = 0; i < 8; i++)
        serial[i] = (char)toupper((unsigned char)o->argument[i]);
    return authority_revoke(ca, serial);
}

static result act_crl(office *ca, options *o) {
    (void)o;
    return authority_write_crls(ca);
}

typedef enum option_row {
    OPTION_INSTITUTION_CODE,
    OPTION_INSTITUTION_NAME,
    OPTION_TERMINAL_ID,
    OPTION_PERSON,
    OPTION_ATR,
    OPTION_CONTACTLESS_ATR,
    OPTION_SWITCHES,
    OPTION_ISSUED,
    OPTION_GENERATION,
    OPTION_TOKEN,
    OPTION_NAME,
    OPTION_KANA,
    OPTION_ADDRESS,
    OPTION_BIRTH,
    OPTION_SEX,
    OPTION_MUNICIPALITY,
    OPTION_PREFECTURE,
    OPTION_CITY,
    OPTION_SUBSTITUTED_NAME,
    OPTION_SUBSTITUTED_ADDRESS,
    OPTION_PHOTO,
    OPTION_KIND,
    OPTION_PEOPLE,
    OPTION_PIN,
    OPTION_NEW_PIN_FILE,
    OPTION_REQUEST,
    OPTION_HOST,
    OPTION_DECISION,
    OPTION_NUMBER,
    OPTION_CARD_INSTITUTION,
    OPTION_OPERATOR_ID,
    OPTION_ROLE,
    OPTION_DEPARTMENT,
    OPTION_ROWS
} option_row;

#define TAKES(row) COMMAND_LINE_OPTION(OPTION_##row)
#define OF_INSTITUTION (TAKES(INSTITUTION_CODE) | TAKES(INSTITUTION_NAME) | TAKES(TERMINAL_ID))
#define OF_OWN_PERSON                                                                                                  \
    (TAKES(NAME) | TAKES(KANA) | TAKES(ADDRESS) | TAKES(BIRTH) | TAKES(SEX) | TAKES(MUNICIPALITY) |                    \
     TAKES(PREFECTURE) | TAKES(CITY) | TAKES(SUBSTITUTED_NAME) | TAKES(SUBSTITUTED_ADDRESS))
#define OF_PATIENT                                                                                                     \
    (TAKES(PERSON) | TAKES(ATR) | TAKES(CONTACTLESS_ATR) | TAKES(SWITCHES) | TAKES(ISSUED) | TAKES(GENERATION) |       \
     TAKES(TOKEN) | TAKES(PHOTO) | TAKES(KIND) | OF_OWN_PERSON)
#define OF_OPERATOR (TAKES(CARD_INSTITUTION) | TAKES(OPERATOR_ID) | TAKES(ROLE) | TAKES(DEPARTMENT) | TAKES(NAME))

/* clang-format off */
static const command_line_option option_table[OPTION_ROWS] = {
    [OPTION_INSTITUTION_CODE] = {"institution-code", "CODE",
        "10 digits [1312345678]",
        .offset = offsetof(options, institution.code)},
    [OPTION_INSTITUTION_NAME] = {"institution-name", "TEXT",
        "[見本総合病院]",
        .offset = offsetof(options, institution.name)},
    [OPTION_TERMINAL_ID] = {"terminal-id", "TEXT", "[T-01]", .offset = offsetof(options, institution.terminal)},
    [OPTION_PERSON] = {"person", "NAME", "whose card, of the synthetic people", .offset = offsetof(options, person)},
    [OPTION_ATR] = {"atr", "TEXT", "contact-1 to contact-5 [contact-1]", .offset = offsetof(options, atr)},
    [OPTION_CONTACTLESS_ATR] = {"contactless-atr", "TEXT",
        "contactless-1 to contactless-4 [contactless-1]",
        .offset = offsetof(options, atr_contactless)},
    [OPTION_SWITCHES] = {"switches", "TEXT",
        "of the card, as in its file switches",
        .offset = offsetof(options, switches)},
    [OPTION_ISSUED] = {"issued", "DAY",
        "YYYY-MM-DD: day of issue of a patient's card, past or future [today]",
        .offset = offsetof(options, issued)},
    [OPTION_GENERATION] = {"generation", "TEXT",
        "of a patient's CAs: 1, 2 or 3 [3]",
        .offset = offsetof(options, generation)},
    [OPTION_TOKEN] = {"token", "TEXT",
        "JPKIAPICCTOKEN2 (card), JPKIAPICCTOKEN (old card), JPKIAPGPSETOKEN, JPKIAPIOSTOKEN (phones)",
        .offset = offsetof(options, token)},
    [OPTION_NAME] = {"name", "TEXT",
        "a person of your own instead: family and given name, U+3000 between them; or the operator's [受付　明子]",
        .offset = offsetof(options, own.name)},
    [OPTION_KANA] = {"kana", "TEXT", "the name's reading, for persons.json", .offset = offsetof(options, own.kana)},
    [OPTION_ADDRESS] = {"address", "TEXT", "", .offset = offsetof(options, own.address)},
    [OPTION_BIRTH] = {"birth", "DAY", "YYYY-MM-DD", .offset = offsetof(options, own.birth)},
    [OPTION_SEX] = {"sex", "TEXT", "1, 2 or 9 (JIS X 0303) [2]", .offset = offsetof(options, own.sex)},
    [OPTION_MUNICIPALITY] = {"municipality", "TEXT",
        "5 digits [99201]",
        .offset = offsetof(options, own.municipality)},
    [OPTION_PREFECTURE] = {"prefecture", "TEXT", "[Reiji-ken]", .offset = offsetof(options, own.prefecture)},
    [OPTION_CITY] = {"city", "TEXT", "[Reiji-shi]", .offset = offsetof(options, own.city)},
    [OPTION_SUBSTITUTED_NAME] = {"substituted-name", "TEXT",
        "as certificates have it: another character for each outside JIS X 0208 (代替文字)",
        .offset = offsetof(options, own.substituted_name)},
    [OPTION_SUBSTITUTED_ADDRESS] = {"substituted-address", "TEXT",
        "likewise",
        .offset = offsetof(options, own.substituted_address)},
    [OPTION_PHOTO] = {"photo", "FILE", "a JPEG 2000 file, or none [a drawing]", .offset = offsetof(options, photo)},
    [OPTION_KIND] = {"kind", "TEXT", "of the card: usual, old or no-pin [usual]", .offset = offsetof(options, kind)},
    [OPTION_PEOPLE] = {"people", "FILE", "a file of JSON Lines", .offset = offsetof(options, people)},
    [OPTION_PIN] = {"pin", "TEXT", "which PIN: auth, sign, input-support-pin ...", .offset = offsetof(options, pin)},
    [OPTION_NEW_PIN_FILE] = {"new-pin-file", "FILE",
        "a file: the holder's new PIN",
        .offset = offsetof(options, new_pin)},
    [OPTION_REQUEST] = {"request", "PATH",
        "PKCS#10 request (PEM), or a folder with institution.csr and tls-client.csr",
        .offset = offsetof(options, request)},
    [OPTION_HOST] = {"host", "NAMES",
        "DNS names and IP addresses, separated by commas",
        .offset = offsetof(options, hosts)},
    [OPTION_DECISION] = {"decision", "TEXT", "limits, anchors, institutions, clock or se",
        .offset = offsetof(options, paper.kind)},
    [OPTION_NUMBER] = {"number", "TEXT", "of the proposal, as the terminal shows it: 64 hexadecimal digits",
        .offset = offsetof(options, paper.digest)},
    [OPTION_CARD_INSTITUTION] = {"card-institution", "CODE",
        "institution code on an operator's card; none: a card of before [--institution-code]",
        .offset = offsetof(options, actor.institution_code)},
    [OPTION_OPERATOR_ID] = {"operator-id", "TEXT", "[R-0001]", .offset = offsetof(options, actor.id)},
    [OPTION_ROLE] = {"role", "TEXT",
        "reception, doctor or administrator [reception]",
        .offset = offsetof(options, actor.role)},
    [OPTION_DEPARTMENT] = {"department", "TEXT", "[受付]", .offset = offsetof(options, actor.department)},
};

typedef struct command {
    command_line_command line; /* its first word is the folder */
    int (*run)(options *);
    result (*act)(office *, options *);
} command;

static const command commands[] = {
    {.line = {.name = "issue", .arguments = "FOLDER",
              .help = "everything for the demonstration and for tests, into a new folder",
              .takes = OF_INSTITUTION},
     .run = run_issue},
    {.line = {.name = "issue-trial", .arguments = "FOLDER",
              .help = "the same without extra/, which only tests need",
              .takes = OF_INSTITUTION},
     .run = run_issue_trial},
    {.line = {.name = "init", .arguments = "FOLDER",
              .help = "a new folder with the authorities only"},
     .run = run_init},
    {.line = {.name = "patient", .arguments = "FOLDER NAME",
              .help = "a patient's card in cards/NAME (--person, else the person called NAME)",
              .takes = OF_PATIENT},
     .act = act_patient},
    {.line = {.name = "patients", .arguments = "FOLDER",
              .help = "a card each for the people that `uketsuke-pf generate` printed (--people)",
              .takes = TAKES(PEOPLE), .needs = TAKES(PEOPLE)},
     .act = act_patients},
    {.line = {.name = "operator", .arguments = "FOLDER NAME",
              .help = "an operator's card (--operator-id --role --department --name)",
              .takes = OF_INSTITUTION | OF_OPERATOR},
     .act = act_operator},
    {.line = {.name = "unblock", .arguments = "FOLDER NAME",
              .help = "give a card all tries of a PIN again (--pin; --new-pin-file)",
              .takes = TAKES(PIN) | TAKES(NEW_PIN_FILE), .needs = TAKES(PIN)},
     .act = act_unblock},
    {.line = {.name = "se", .arguments = "FOLDER NAME",
              .help = "a blank SE in cards/NAME, for keys that are made on it"},
     .act = act_se},
    {.line = {.name = "institution", .arguments = "FOLDER NAME",
              .help = "an institution's keys and certificates for its SE, in NAME/",
              .takes = OF_INSTITUTION},
     .act = act_institution},
    {.line = {.name = "certify", .arguments = "FOLDER NAME",
              .help = "the same for a key that the SE made itself (--request)",
              .takes = OF_INSTITUTION | TAKES(REQUEST), .needs = TAKES(REQUEST)},
     .act = act_certify},
    {.line = {.name = "tls-server", .arguments = "FOLDER NAME",
              .help = "a TLS key and certificate for a server of any name (--host), in NAME/",
              .takes = TAKES(HOST), .needs = TAKES(HOST)},
     .act = act_tls_server},
    {.line = {.name = "tls-client", .arguments = "FOLDER NAME",
              .help = "a TLS key and certificate for a terminal, outside an SE, in NAME/",
              .takes = OF_INSTITUTION | TAKES(REQUEST)},
     .act = act_tls_client},
    {.line = {.name = "services", .arguments = "FOLDER",
              .help = "keys and certificates of platform and history service: pf/, history/"},
     .act = act_services},
    {.line = {.name = "paper", .arguments = "FOLDER NAME",
              .help = "the office as the second signature of a terminal's decision: papers/NAME.p7m",
              .takes = TAKES(DECISION) | TAKES(NUMBER) | TAKES(INSTITUTION_CODE) | TAKES(TERMINAL_ID),
              .needs = TAKES(DECISION) | TAKES(NUMBER)},
     .act = act_paper},
    {.line = {.name = "generations", .arguments = "FOLDER",
              .help = "generations 1 and 2 of the JPKI CAs, with the same names"},
     .act = act_generations},
    {.line = {.name = "revoke", .arguments = "FOLDER SERIAL",
              .help = "revoke a certificate by its 8 hexadecimal digits; writes the CRLs"},
     .act = act_revoke},
    {.line = {.name = "crl", .arguments = "FOLDER",
              .help = "write all CRLs again (they last 30 days)"},
     .act = act_crl},
};
/* clang-format on */

static const command_line_program program = {
    .name = "mock-ca",
    .summary = "Issues keys, certificates and card images. Offline: files only, no network.",
    .options = option_table,
    .option_count = OPTION_ROWS,
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
    .command_size = sizeof *commands};

static int check(const options *o) {
    static const char *const roles[] = {"reception", "doctor", "administrator"};
    bool role_known = false;
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        role_known |= strcmp(roles[i], o->actor.role) == 0;
    if (o->argument != NULL && !is_plain_name(o->argument))
        return usage_error("a name is at most 40 letters, digits, dots, hyphens");
    if (!is_institution_code(o->institution.code))
        return usage_error("an institution code is 10 digits");
    if (!role_known)
        return usage_error("a role is reception, doctor or administrator");
    return 0;
}

int commands_run(int argc, char **argv) {
    options o = {.institution = {"1312345678", "見本総合病院", "T-01"},
                 .actor = {.id = "R-0001", .role = "reception", .department = "受付", .name = "受付　明子"}};
    command_line line;
    int status;
    if (!command_line_begin(&program, argc, argv, &o, &line, &status))
        return status;
    const command *c = (const command *)line.chosen;
    o.folder = line.words[0];
    o.argument = line.word_count > 1 ? line.words[1] : NULL;
    status = check(&o);
    if (status != 0)
        return status;
    return c->run != NULL ? c->run(&o) : in_office(&o, c->act);
}
