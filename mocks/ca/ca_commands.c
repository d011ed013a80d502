/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ca_commands.h"

#include "authority.h"
#include "base/file.h"
#include "cards.h"
#include "founding.h"
#include "generated.h"
#include "issue.h"
#include "own_people.h"
#include "persons.h"
#include "unblock.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct options {
    const char *folder;
    const char *argument; /* the second one: card name, SE name, serial */
    institution_order institution;
    operator_order actor;
    const char *person, *request;
    const char *atr, *atr_contactless, *switches, *issued, *generation, *token; /* of a patient's card */
    const char *photo, *kind, *people;
    own_person own;
    const char *pin, *new_pin;
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

/* Somebody of the table, or, with --name, of the user's own. */
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
    fprintf(stderr, "mock-ca: nobody is called %s; people (or --name, --address, --birth for one of your own):", id);
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

static result act_services(office *ca, options *o) {
    (void)o;
    return institution_make_services(ca);
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

static const struct command {
    const char *name, *argument;
    int (*run)(options *);
    result (*act)(office *, options *);
    const char *help;
} commands[] = {
    {"issue", NULL, run_issue, NULL, "everything for the demonstration and for tests, into a new folder"},
    {"issue-trial", NULL, run_issue_trial, NULL, "the same without extra/, which only tests need"},
    {"init", NULL, run_init, NULL, "a new folder with the authorities only"},
    {"patient", "NAME", NULL, act_patient, "a patient's card in cards/NAME (--person, else the person called NAME)"},
    {"patients", NULL, NULL, act_patients, "a card each for the people that `uketsuke-pf generate` printed (--people)"},
    {"operator", "NAME", NULL, act_operator, "an operator's card (--operator-id --role --department --name)"},
    {"unblock", "NAME", NULL, act_unblock, "give a card all tries of a PIN again (--pin; --new-pin-file)"},
    {"institution", "NAME", NULL, act_institution, "an institution's keys and certificates for its SE, in NAME/"},
    {"certify", "NAME", NULL, act_certify, "the same for a key that the SE made itself (--request)"},
    {"services", NULL, NULL, act_services, "keys and certificates of platform and history service: pf/, history/"},
    {"generations", NULL, NULL, act_generations, "generations 1 and 2 of the JPKI CAs, with the same names"},
    {"revoke", "SERIAL", NULL, act_revoke, "revoke a certificate by its 8 hexadecimal digits; writes the CRLs"},
    {"crl", NULL, NULL, act_crl, "write all CRLs again (they last 30 days)"},
};

static const struct {
    struct option option;
    size_t offset;
    const char *help;
} option_table[] = {
    {{"institution-code", required_argument, NULL, 0}, offsetof(options, institution.code), "10 digits [1312345678]"},
    {{"institution-name", required_argument, NULL, 0}, offsetof(options, institution.name), "[見本総合病院]"},
    {{"terminal-id", required_argument, NULL, 0}, offsetof(options, institution.terminal), "[T-01]"},
    {{"person", required_argument, NULL, 0}, offsetof(options, person), "whose card, of the synthetic people"},
    {{"atr", required_argument, NULL, 0}, offsetof(options, atr), "contact-1 to contact-5 [contact-1]"},
    {{"contactless-atr", required_argument, NULL, 0},
     offsetof(options, atr_contactless),
     "contactless-1 to contactless-4 [contactless-1]"},
    {{"switches", required_argument, NULL, 0}, offsetof(options, switches), "of the card, as in its file switches"},
    {{"issued", required_argument, NULL, 0},
     offsetof(options, issued),
     "YYYY-MM-DD: day of issue of a patient's card, past or future [today]"},
    {{"generation", required_argument, NULL, 0}, offsetof(options, generation), "of a patient's CAs: 1, 2 or 3 [3]"},
    {{"token", required_argument, NULL, 0},
     offsetof(options, token),
     "JPKIAPICCTOKEN2 (card), JPKIAPICCTOKEN (old card), JPKIAPGPSETOKEN, JPKIAPIOSTOKEN (phones)"},
    {{"name", required_argument, NULL, 0},
     offsetof(options, own.name),
     "a person of your own instead: family and given name, U+3000 between them; or the operator's [受付　明子]"},
    {{"kana", required_argument, NULL, 0}, offsetof(options, own.kana), "the name's reading, for persons.json"},
    {{"address", required_argument, NULL, 0}, offsetof(options, own.address), ""},
    {{"birth", required_argument, NULL, 0}, offsetof(options, own.birth), "YYYY-MM-DD"},
    {{"sex", required_argument, NULL, 0}, offsetof(options, own.sex), "1, 2 or 9 (JIS X 0303) [2]"},
    {{"municipality", required_argument, NULL, 0}, offsetof(options, own.municipality), "5 digits [99201]"},
    {{"prefecture", required_argument, NULL, 0}, offsetof(options, own.prefecture), "[Reiji-ken]"},
    {{"city", required_argument, NULL, 0}, offsetof(options, own.city), "[Reiji-shi]"},
    {{"substituted-name", required_argument, NULL, 0},
     offsetof(options, own.substituted_name),
     "as certificates have it: another character for each outside JIS X 0208 (代替文字)"},
    {{"substituted-address", required_argument, NULL, 0}, offsetof(options, own.substituted_address), "likewise"},
    {{"photo", required_argument, NULL, 0}, offsetof(options, photo), "a JPEG 2000 file, or none [a drawing]"},
    {{"kind", required_argument, NULL, 0}, offsetof(options, kind), "of the card: usual, old or no-pin [usual]"},
    {{"people", required_argument, NULL, 0}, offsetof(options, people), "a file of JSON Lines"},
    {{"pin", required_argument, NULL, 0}, offsetof(options, pin), "which PIN: auth, sign, input-support-pin ..."},
    {{"new-pin-file", required_argument, NULL, 0}, offsetof(options, new_pin), "a file: the holder's new PIN"},
    {{"request", required_argument, NULL, 0},
     offsetof(options, request),
     "PKCS#10 request (PEM), or a folder with institution.csr and tls-client.csr"},
    {{"card-institution", required_argument, NULL, 0},
     offsetof(options, actor.institution_code),
     "institution code on an operator's card; none: a card of before [--institution-code]"},
    {{"operator-id", required_argument, NULL, 0}, offsetof(options, actor.id), "[R-0001]"},
    {{"role", required_argument, NULL, 0},
     offsetof(options, actor.role),
     "reception, doctor or administrator [reception]"},
    {{"department", required_argument, NULL, 0}, offsetof(options, actor.department), "[受付]"},
};
#define OPTION_COUNT (sizeof option_table / sizeof option_table[0])

static int help(void) {
    printf("mock-ca COMMAND FOLDER [ARGUMENT] [OPTION...]\n"
           "Issues keys, certificates and card images. Offline: files only, no network.\n\nCommands:\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        printf("  %-12s FOLDER %-7s %s\n", commands[i].name, commands[i].argument ? commands[i].argument : "",
               commands[i].help);
    printf("\nOptions:\n");
    for (size_t i = 0; i < OPTION_COUNT; i++)
        printf("  --%-17s TEXT  %s\n", option_table[i].option.name, option_table[i].help);
    return 0;
}

/* 0, or an exit status. */
static int take_options(int argc, char **argv, options *o) {
    struct option list[OPTION_COUNT + 1] = {0};
    int which = 0;
    for (size_t i = 0; i < OPTION_COUNT; i++)
        list[i] = option_table[i].option;
    for (int c; (c = getopt_long(argc, argv, "", list, &which)) != -1;) {
        if (c != 0)
            return usage_error("that option is not known or lacks its value");
        const char **field = (const char **)(void *)((char *)o + option_table[which].offset);
        *field = optarg;
    }
    return 0;
}

static int check(const struct command *c, const options *o, int left) {
    static const char *const roles[] = {"reception", "doctor", "administrator"};
    bool role_known = false;
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        role_known |= strcmp(roles[i], o->actor.role) == 0;
    if (left != (c->argument ? 2 : 1))
        return usage_error(c->argument ? "this command takes a folder and one more" : "this command takes a folder");
    if (c->argument != NULL && !is_plain_name(o->argument))
        return usage_error("a name is at most 40 letters, digits, dots, hyphens");
    if (!is_institution_code(o->institution.code))
        return usage_error("an institution code is 10 digits");
    if (!role_known)
        return usage_error("a role is reception, doctor or administrator");
    return 0;
}

int commands_run(int argc, char **argv) {
    if (argc < 2)
        return usage_error("which command?");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return help();
    options o = {.institution = {"1312345678", "見本総合病院", "T-01"},
                 .actor = {.id = "R-0001", .role = "reception", .department = "受付", .name = "受付　明子"}};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const struct command *c = &commands[i];
        if (strcmp(c->name, argv[1]) != 0)
            continue;
        int status = take_options(argc - 1, argv + 1, &o); /* getopt moves the others behind the options */
        int left = argc - 1 - optind;
        o.folder = left > 0 ? argv[1 + optind] : NULL;
        o.argument = left > 1 ? argv[2 + optind] : NULL;
        if (status == 0)
            status = check(c, &o, left);
        if (status != 0)
            return status;
        return c->run != NULL ? c->run(&o) : in_office(&o, c->act);
    }
    return usage_error("that command is not known");
}
