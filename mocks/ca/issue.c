/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "issue.h"

#include "base/file.h"
#include "cards.h"
#include "extra.h"
#include "founding.h"
#include "ca_keys.h"
#include "persons.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* How many keys are needed; a wrong number costs time only. */
#define KEYS_FOR_ALL 71
#define KEYS_FOR_TRIAL 32

static result make_patient(office *o, const char *cards, const char *id, const char *atr) {
    patient_order order = {.who = person_find(id), .atr = atr};
    char *folder = file_join(cards, id);
    result r = folder == NULL ? RESULT_NO_MEMORY : cards_make_patient(o, &order, folder, NULL);
    free(folder);
    return r;
}

static result make_operators(office *o, const char *cards, const institution_order *institution) {
    const struct {
        const char *card;
        operator_order order;
    } operators[] = {
        {"operator-reception",
         {"R-0001", "reception", "受付", "受付　明子", institution->name, institution->code, {0, 0}}},
        {"operator-doctor", {"D-0001", "doctor", "内科", "診察　正", institution->name, institution->code, {0, 0}}},
    };
    result r = RESULT_OK;
    for (size_t i = 0; r == RESULT_OK && i < sizeof operators / sizeof operators[0]; i++) {
        char *folder = file_join(cards, operators[i].card);
        r = folder == NULL ? RESULT_NO_MEMORY : cards_make_operator(o, &operators[i].order, folder);
        free(folder);
    }
    return r;
}

static result make_cards(office *o, const institution_order *institution) {
    char *cards = office_folder(o, "cards", 0700);
    result r = cards == NULL ? RESULT_IO : make_patient(o, cards, "patient-1", NULL);
    if (r == RESULT_OK)
        r = make_patient(o, cards, "patient-2", ANSWER_TO_RESET_CONTACTLESS);
    if (r == RESULT_OK)
        r = make_operators(o, cards, institution);
    free(cards);
    return r;
}

static result make_everything(const char *folder, const institution_order *institution, bool with_extra) {
    office o = {0};
    result r = office_found(&o, folder);
    if (r == RESULT_OK)
        r = make_cards(&o, institution);
    if (r == RESULT_OK)
        r = institution_make(&o, institution, "se-1");
    if (r == RESULT_OK)
        r = institution_make_services(&o);
    if (r == RESULT_OK && with_extra)
        r = extra_make(&o, institution);
    if (r == RESULT_OK)
        r = persons_add_missing_holders(&o);
    if (r == RESULT_OK)
        r = persons_write(&o);
    office_close(&o);
    return r;
}

result issue_everything(const char *folder, const institution_order *institution, bool with_extra) {
    struct stat there;
    if (lstat(folder, &there) == 0)
        return RESULT_EXISTS;
    char partial[PATH_MAX];
    int length = snprintf(partial, sizeof partial, "%s" ISSUE_PARTIAL, folder);
    if (length < 0 || (size_t)length >= sizeof partial)
        return RESULT_TOO_LONG;
    keys_expect(with_extra ? KEYS_FOR_ALL : KEYS_FOR_TRIAL);
    result r = make_everything(partial, institution, with_extra);
    keys_finish();
    if (r == RESULT_OK && renameat2(AT_FDCWD, partial, AT_FDCWD, folder, RENAME_NOREPLACE) != 0)
        r = errno == EEXIST ? RESULT_EXISTS : RESULT_IO;
    return r;
}
