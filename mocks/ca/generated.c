/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generated.h"

#include "authority.h"
#include "base/file.h"
#include "cards.h"
#include "ca_keys.h"
#include "names.h"
#include "own_people.h"

#include <jansson.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_OF_A_CARD 6
#define NAME_SIZE 9 /* 8 hexadecimal digits */
#define ADDRESS_SIZE 400

/* For people without an address. Every fifth is longer than 127 bytes: there the card's lengths have two forms. */
static void invent_address(size_t number, char address[ADDRESS_SIZE]) {
    const char *house = number % 5 == 4 ? "架空大字例示字見本坂上る三丁目入る東側グランドハイツ例示見本台弐番館別棟"
                                        : "";
    snprintf(address, ADDRESS_SIZE, "例示県例示市見本台%zu番%zu号%s", 1 + number / 20, 1 + number % 20, house);
}

static const char *text_of(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

/* The last certificate's serial, if the office's authority has issued it. */
static result take_certificate(const json_t *described, const char *issuer, patient_order *order, char name[NAME_SIZE],
                               const char **problem) {
    const json_t *all = json_object_get(described, "certificates");
    const json_t *last = json_array_get(all, json_array_size(all) - 1);
    const char *by = text_of(last, "issuer"), *serial = text_of(last, "serial");
    unsigned number;
    if (by == NULL || serial == NULL || strlen(serial) != NAME_SIZE - 1 || sscanf(serial, "%8X", &number) != 1)
        return RESULT_INVALID;
    *problem = "the certificates are another authority's: generate with --issuer and this office's name "
               "(openssl x509 -in anchors/jpki-auth-ca.pem -noout -subject -nameopt RFC2253,-esc_msb)";
    if (strcmp(by, issuer) != 0)
        return RESULT_INVALID;
    order->serial = number;
    snprintf(name, NAME_SIZE, "%s", serial);
    return RESULT_OK;
}

static const char *sex_digit(const char *word) {
    if (word == NULL)
        return NULL;
    return strcmp(word, "male") == 0 ? "1" : strcmp(word, "female") == 0 ? "2" : "9";
}

static result make_one(office *o, const json_t *described, const char *issuer, const char *folder, size_t number,
                       const char **problem) {
    char name[NAME_SIZE], address[ADDRESS_SIZE];
    person who;
    patient_order order = {.who = &who, .not_in_register = true};
    own_person given = {.name = text_of(described, "name"),
                        .kana = text_of(described, "kana"),
                        .address = text_of(described, "address"),
                        .birth = text_of(described, "birthDate"),
                        .sex = sex_digit(text_of(described, "sex"))};
    invent_address(number, address);
    if (given.address == NULL || *given.address == '\0')
        given.address = address;
    result r = take_certificate(described, issuer, &order, name, problem);
    if (r == RESULT_OK)
        r = own_person_make(&given, name, &who, problem);
    if (r != RESULT_OK)
        return r;
    char *card = file_join(folder, name);
    r = card == NULL ? RESULT_NO_MEMORY : cards_make_patient(o, &order, card, NULL);
    free(card);
    return r;
}

/* Six keys a card: they are most of the time, and are made by two threads ahead of their use. */
static void expect_keys(FILE *lines) {
    unsigned cards = 0;
    for (int c; (c = fgetc(lines)) != EOF;)
        cards += c == '\n';
    rewind(lines);
    keys_expect(KEYS_OF_A_CARD * cards);
}

static result make_all(office *o, FILE *lines, const char *issuer, const char *folder, size_t *line,
                       const char **problem) {
    char *text = NULL;
    size_t room = 0;
    result r = RESULT_OK;
    for (*line = 0; r == RESULT_OK && getline(&text, &room, lines) > 0; ++*line) {
        *problem = "no person as `uketsuke-pf generate` prints one";
        json_t *described = json_loads(text, 0, NULL);
        r = described == NULL ? RESULT_INVALID : make_one(o, described, issuer, folder, *line, problem);
        json_decref(described);
    }
    free(text);
    return r;
}

result generated_make_cards(office *o, const char *file, const char *folder, size_t *line, const char **problem) {
    authority issuer = {0};
    char *name = NULL;
    *line = 0;
    *problem = "cannot be read";
    FILE *lines = fopen(file, "re");
    if (lines == NULL)
        return RESULT_NOT_FOUND;
    result r = authority_open(o, AUTHORITY_JPKI_AUTH, &issuer);
    if (r == RESULT_OK && (name = name_text(X509_get_subject_name(issuer.certificate))) == NULL)
        r = RESULT_NO_MEMORY;
    if (r == RESULT_OK) {
        expect_keys(lines);
        r = make_all(o, lines, name, folder, line, problem);
        keys_finish();
    }
    OPENSSL_free(name);
    authority_close(&issuer);
    fclose(lines);
    return r;
}
