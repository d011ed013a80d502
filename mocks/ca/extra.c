/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "extra.h"

#include "base/file.h"
#include "cards.h"
#include "cvc_issue.h"
#include "founding.h"
#include "ca_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400L

static result make_patient(office *o, const char *cards, const char *card, const patient_order *order,
                           uint32_t *serial) {
    char *folder = file_join(cards, card);
    result r = folder == NULL ? RESULT_NO_MEMORY : cards_make_patient(o, order, folder, serial);
    free(folder);
    return r;
}

static result make_operator(office *o, const char *cards, const char *card, const operator_order *order) {
    char *folder = file_join(cards, card);
    result r = folder == NULL ? RESULT_NO_MEMORY : cards_make_operator(o, order, folder);
    free(folder);
    return r;
}

static result make_revoked(office *o, const char *cards) {
    char text[9];
    uint32_t serial;
    patient_order order = {.who = person_find("patient-revoked")};
    result r = make_patient(o, cards, order.who->id, &order, &serial);
    if (r != RESULT_OK)
        return r;
    snprintf(text, sizeof text, "%08X", serial);
    return authority_revoke(o, text);
}

/* Six years ago to the fifth birthday after that; 30 days from now to the fifth birthday after that. */
static result make_untimely(office *o, const char *cards) {
    patient_order expired = {.who = person_find("patient-expired")};
    patient_order early = {.who = person_find("patient-not-yet-valid")};
    result r = validity_to_fifth_birthday(o->now - 6 * 366 * DAY, expired.who->x509.birth, &expired.valid);
    if (r == RESULT_OK)
        r = validity_to_fifth_birthday(o->now + 30 * DAY, early.who->x509.birth, &early.valid);
    if (r == RESULT_OK)
        r = make_patient(o, cards, expired.who->id, &expired, NULL);
    return r == RESULT_OK ? make_patient(o, cards, early.who->id, &early, NULL) : r;
}

/* The serial of patient-1's card, from the register: the first line about it. */
static uint32_t serial_of_patient_1(const office *o) {
    buffer text = BUFFER_INIT(OFFICE_REGISTER_MAX);
    char *path = file_join(o->secrets, "holders.txt");
    uint32_t serial = 0;
    if (path != NULL && file_read(path, &text) == RESULT_OK)
        sscanf(buffer_text(&text), "patient-1 %8X", &serial);
    free(path);
    buffer_wipe(&text);
    return serial;
}

static result move_tls(const office *foreign, const char *extra) {
    static const char *const names[][2] = {{"tls.key", "tls-foreign.key"}, {"tls.pem", "tls-foreign.pem"}};
    result r = RESULT_OK;
    for (int i = 0; r == RESULT_OK && i < 2; i++) {
        char *from = file_join(foreign->folder, names[i][0]), *to = file_join(extra, names[i][1]);
        r = from != NULL && to != NULL && rename(from, to) == 0 ? RESULT_OK : RESULT_IO;
        free(from);
        free(to);
    }
    return r;
}

static result make_forged_chain(office *o, office *foreign, const char *extra) {
    EVP_PKEY *key = keys_rsa();
    result r = key == NULL ? RESULT_INTERNAL : keys_write(extra, "institution-forged.key", key);
    if (r == RESULT_OK)
        r = cvc_issue_forged(o, foreign, "se-1/institution.cvc", key, extra, "institution-forged.cvc");
    EVP_PKEY_free(key);
    return r;
}

static result make_foreign(office *o, const char *extra, const char *cards, const institution_order *institution) {
    office foreign = {0};
    patient_order patient = {.who = person_find("patient-1"),
                             .serial = serial_of_patient_1(o),
                             .not_in_register = true,
                             .trust = o->anchors}; /* lets any genuine institution in, as a forger's card would */
    operator_order doctor = {"D-0001", "doctor", "内科", "診察　正", institution->name, institution->code, {0, 0}};
    char *folder = file_join(extra, "foreign");
    result r = folder == NULL ? RESULT_NO_MEMORY : office_found(&foreign, folder);
    foreign.root = o->folder;
    if (r == RESULT_OK)
        r = make_patient(&foreign, cards, "patient-foreign", &patient, NULL);
    if (r == RESULT_OK)
        r = make_operator(&foreign, cards, "operator-foreign", &doctor);
    if (r == RESULT_OK)
        r = institution_make_tls_server(&foreign, folder);
    if (r == RESULT_OK)
        r = move_tls(&foreign, extra);
    if (r == RESULT_OK)
        r = make_forged_chain(o, &foreign, extra);
    office_close(&foreign);
    free(folder);
    return r;
}

result extra_make(office *o, const institution_order *institution) {
    operator_order expired = {"R-0002",          "reception",       "受付", "期限　切子",
                              institution->name, institution->code, {0, 0}};
    expired.valid = validity_years(o->now - 4 * 366 * DAY, 3);
    char *extra = office_folder(o, "extra", 0700), *cards = office_folder(o, "extra/cards", 0700);
    result r = extra == NULL || cards == NULL ? RESULT_IO : make_revoked(o, cards);
    if (r == RESULT_OK)
        r = make_untimely(o, cards);
    if (r == RESULT_OK)
        r = make_operator(o, cards, "operator-expired", &expired);
    if (r == RESULT_OK)
        r = make_foreign(o, extra, cards, institution);
    free(extra);
    free(cards);
    return r;
}
