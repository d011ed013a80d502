/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Modules, slots, sessions, login. Objects and keys are in object.c. */
#include "p11/token.h"

#include "p11/token_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECOVER_MS 5000
#define PASS_MS 1500
/* On a machine that is busy with other things few tries fit into that time: so many are made all the same, up to a time
 * that no person would wait beyond. */
#define TRIES_MIN 12
#define TRIES_MS 15000
#define LEAVING_MS 600
#define LEAVING_STEP_US 20000

result token_module_open(const char *path, token_module **out) {
    TOKEN_STEP(true);
    *out = NULL;
    CK_FUNCTION_LIST *functions = p11_kit_module_load(path, P11_KIT_MODULE_CRITICAL);
    if (functions == NULL)
        return RESULT_NOT_FOUND;
    CK_RV rv = p11_kit_module_initialize(functions);
    token_module *module = rv == CKR_OK ? malloc(sizeof *module) : NULL;
    if (module == NULL) {
        if (rv == CKR_OK)
            p11_kit_module_finalize(functions);
        p11_kit_module_release(functions);
        return rv == CKR_OK ? RESULT_NO_MEMORY : return_value_result(rv);
    }
    *module = (token_module){.functions = functions};
    *out = module;
    return RESULT_OK;
}

void token_module_close(token_module **module) {
    TOKEN_STEP(false);
    if (*module == NULL)
        return;
    p11_kit_module_finalize((*module)->functions);
    p11_kit_module_release((*module)->functions);
    free(*module);
    *module = NULL;
}

result token_note(token *t, CK_RV rv) {
    if (rv != CKR_OK) {
        t->problem = rv;
        token_forget_objects(t);
    }
    return return_value_result(rv);
}

const char *token_problem(const token *t) {
    return return_value_name(t->problem);
}

/* PKCS#11 texts are padded with blanks, without NUL. */
static void copy_text(const CK_UTF8CHAR *padded, size_t length, char *text) {
    while (length > 0 && padded[length - 1] == ' ')
        length--;
    memcpy(text, padded, length);
    text[length] = 0;
}

static bool begins_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* A slot's description; cached, because OpenSC polls the reader for each C_GetSlotInfo. */
static const char *describe(token_module *module, CK_SLOT_ID slot) {
    slot_description *place = NULL;
    CK_SLOT_INFO info;
    for (size_t i = 0; i < module->described; i++)
        if (module->descriptions[i].slot == slot)
            return module->descriptions[i].text;
    if (module->described == SLOTS_MAX || module->functions->C_GetSlotInfo(slot, &info) != CKR_OK)
        return "";
    place = &module->descriptions[module->described++];
    place->slot = slot;
    copy_text(info.slotDescription, sizeof info.slotDescription, place->text);
    return place->text;
}

static bool belongs_to(token_module *module, CK_SLOT_ID slot, const char *reader) {
    CK_SLOT_INFO info;
    char description[TOKEN_READER_SIZE];
    if (!begins_with(describe(module, slot), reader) || module->functions->C_GetSlotInfo(slot, &info) != CKR_OK)
        return false;
    copy_text(info.slotDescription, sizeof info.slotDescription, description);
    return begins_with(description, reader); /* a slot may move to another reader when one is unplugged */
}

static result walk_slots(token_module *module, const char *reader, bool with_token,
                         result (*visit)(token_module *module, CK_SLOT_ID slot, void *context), void *context) {
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    CK_RV rv = module->functions->C_GetSlotList(with_token ? CK_TRUE : CK_FALSE, slots, &count);
    if (rv != CKR_OK)
        return return_value_result(rv);
    for (CK_ULONG i = 0; i < count; i++) {
        result code = belongs_to(module, slots[i], reader) ? visit(module, slots[i], context) : RESULT_NOT_FOUND;
        if (code != RESULT_NOT_FOUND)
            return code;
    }
    return RESULT_NOT_FOUND;
}

/* Calls visit for each slot of the reader until it returns another result than RESULT_NOT_FOUND; if none does, once
 * more with fresh data. */
static result each_slot(token_module *module, const char *reader, bool with_token,
                        result (*visit)(token_module *module, CK_SLOT_ID slot, void *context), void *context) {
    CK_ULONG count;
    result code = walk_slots(module, reader, with_token, visit, context);
    if (code != RESULT_NOT_FOUND)
        return code;
    module->described = 0;
    /* PKCS #11 v3.0, 5.5: only a call without a list adds readers connected after C_Initialize. */
    CK_RV rv = module->functions->C_GetSlotList(CK_FALSE, NULL, &count);
    return rv == CKR_OK ? walk_slots(module, reader, with_token, visit, context) : return_value_result(rv);
}

static result note_presence(token_module *module, CK_SLOT_ID slot, void *context) {
    CK_SLOT_INFO info;
    if (module->functions->C_GetSlotInfo(slot, &info) != CKR_OK)
        return RESULT_NOT_FOUND;
    *(bool *)context = true;
    return (info.flags & CKF_TOKEN_PRESENT) != 0 ? RESULT_OK : RESULT_NOT_FOUND;
}

result token_card_present(token_module *module, const char *reader) {
    TOKEN_STEP(true);
    bool reader_there = false;
    result code = walk_slots(module, reader, false, note_presence, &reader_there);
    if (code == RESULT_NOT_FOUND && !reader_there) /* it may have come since; an empty one need not be asked again */
        code = each_slot(module, reader, false, note_presence, &reader_there);
    return code == RESULT_NOT_FOUND && reader_there ? RESULT_REMOVED : code;
}

static result take_slot(token_module *module, CK_SLOT_ID slot, void *context) {
    (void)module;
    *(CK_SLOT_ID *)context = slot;
    return RESULT_OK;
}

result token_first_slot(token_module *module, const char *reader, CK_SLOT_ID *slot) {
    result code = token_card_present(module, reader);
    return code == RESULT_OK ? each_slot(module, reader, true, take_slot, slot) : code;
}

typedef struct wanted {
    const char *label;
    token *found;
} wanted;

static result open_if_labelled(token_module *module, CK_SLOT_ID slot, void *context) {
    wanted *w = context;
    CK_TOKEN_INFO info;
    token t = {.functions = module->functions, .slot = slot};
    if (module->functions->C_GetTokenInfo(slot, &info) != CKR_OK)
        return RESULT_NOT_FOUND;
    copy_text(info.label, sizeof info.label, t.label);
    memcpy(t.serial, info.serialNumber, sizeof info.serialNumber);
    if (!begins_with(t.label, w->label))
        return RESULT_NOT_FOUND;
    CK_RV rv = module->functions->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &t.session);
    if (rv != CKR_OK)
        return return_value_result(rv) == RESULT_NOT_FOUND ? RESULT_INTERNAL : return_value_result(rv);
    w->found = malloc(sizeof *w->found);
    if (w->found == NULL)
        return RESULT_NO_MEMORY;
    *w->found = t;
    return RESULT_OK;
}

result token_open(token_module *module, const char *reader, const char *label, token **out) {
    TOKEN_STEP(true);
    wanted w = {label, NULL};
    *out = NULL;
    result code = each_slot(module, reader, true, open_if_labelled, &w);
    /* The reason: no reader, no card, or another card. */
    if (code == RESULT_NOT_FOUND && (code = token_card_present(module, reader)) == RESULT_OK)
        code = RESULT_NOT_FOUND;
    *out = w.found;
    return code;
}

/* --- what the card has ended ------------------------------------------------------------------------------------- */

token_life token_life_of(const token *t) {
    CK_SESSION_INFO info;
    if (t->functions->C_GetSessionInfo(t->session, &info) != CKR_OK)
        return TOKEN_GONE;
    const bool logged_in = info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS;
    return logged_in || !atomic_load(&t->logged_in) ? TOKEN_ALIVE : TOKEN_LOGIN_LOST;
}

bool token_has_left(const token *t) {
    TOKEN_STEP(false);
    const int64_t began_ms = clock_monotonic_ms();
    while (token_life_of(t) != TOKEN_GONE) {
        if (clock_monotonic_ms() - began_ms >= LEAVING_MS)
            return false;
        usleep(LEAVING_STEP_US);
    }
    return true;
}

void token_recover_by(token *t, bool (*recover)(void *context), void *context) {
    t->recover = recover;
    t->recover_context = context;
}

bool token_asked_enough(int64_t began_ms, int64_t lasts_ms, unsigned tries) {
    const int64_t passed = clock_monotonic_ms() - began_ms;
    return passed > lasts_ms && (tries >= TRIES_MIN || passed > TRIES_MS);
}

/* Interference by another program may also cause failures without a visible loss of state. */
static bool may_pass(result code, int64_t began_ms, unsigned tries) {
    if ((code != RESULT_IO && code != RESULT_INTERNAL) || token_asked_enough(began_ms, PASS_MS, tries))
        return false;
    usleep(TOKEN_ASK_AGAIN_US);
    return true;
}

bool token_again(token *t, result code, int64_t began_ms, unsigned tries) {
    if (token_misremembered(t, code))
        return true;
    if (code == RESULT_OK || t->recover == NULL || t->recovering || token_asked_enough(began_ms, RECOVER_MS, tries))
        return false;
    if (token_life_of(t) == TOKEN_ALIVE)
        return may_pass(code, began_ms, tries);
    t->recovering = true;
    const bool recovered = t->recover(t->recover_context);
    t->recovering = false;
    return recovered;
}

result token_renew_session(token *t) {
    CK_SESSION_HANDLE fresh;
    CK_RV rv = t->functions->C_OpenSession(t->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &fresh);
    if (rv == CKR_OK) {
        t->functions->C_CloseSession(t->session);
        t->session = fresh;
        token_forget_objects(t);
    }
    return return_value_result(rv);
}

result token_revive(token *t) {
    TOKEN_STEP(true);
    CK_TOKEN_INFO info;
    char label[TOKEN_LABEL_SIZE];
    t->logged_in = false;
    token_forget_objects(t);
    if (t->functions->C_GetTokenInfo(t->slot, &info) != CKR_OK)
        return RESULT_REMOVED;
    t->functions->C_CloseSession(t->session); /* it may have outlived its login */
    copy_text(info.label, sizeof info.label, label);
    if (strcmp(label, t->label) != 0 || memcmp(t->serial, info.serialNumber, sizeof info.serialNumber) != 0)
        return RESULT_REFUSED;
    return token_note(
        t, t->functions->C_OpenSession(t->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &t->session));
}

void token_close(token **t) {
    TOKEN_STEP(false);
    if (*t == NULL)
        return;
    token_logout(*t);
    (*t)->functions->C_CloseSession((*t)->session);
    token_forget_objects(*t);
    free(*t);
    *t = NULL;
}

const char *token_label(const token *t) {
    return t->label;
}

const char *token_serial(const token *t) {
    return t->serial;
}

static result ask_info(token *t, CK_TOKEN_INFO *info) {
    TOKEN_STEP(false);
    return token_note(t, t->functions->C_GetTokenInfo(t->slot, info));
}

static result info_of(token *t, CK_TOKEN_INFO *info) {
    return TOKEN_AGAIN(t, ask_info(t, info));
}

result token_pin_tries(token *t, token_tries *tries) {
    CK_TOKEN_INFO info;
    const result code = info_of(t, &info);
    if (code != RESULT_OK)
        return code;
    *tries = (info.flags & CKF_USER_PIN_LOCKED) != 0      ? TOKEN_TRIES_NONE
             : (info.flags & CKF_USER_PIN_FINAL_TRY) != 0 ? TOKEN_TRIES_LAST
             : (info.flags & CKF_USER_PIN_COUNT_LOW) != 0 ? TOKEN_TRIES_LOW
                                                          : TOKEN_TRIES_FULL;
    return RESULT_OK;
}

result token_needs_login(token *t, bool *needs) {
    CK_TOKEN_INFO info;
    const result code = info_of(t, &info);
    *needs = code != RESULT_OK || (info.flags & CKF_LOGIN_REQUIRED) != 0;
    return code;
}

result token_has_user_pin(token *t, bool *has) {
    TOKEN_STEP(false);
    CK_TOKEN_INFO info;
    const result code = token_note(t, t->functions->C_GetTokenInfo(t->slot, &info));
    *has = code == RESULT_OK && (info.flags & CKF_USER_PIN_INITIALIZED) != 0;
    return code;
}

result token_check_officer(token *t, bytes word) {
    TOKEN_STEP(false);
    CK_UTF8CHAR *text = (CK_UTF8CHAR *)(uintptr_t)word.data;
    const CK_RV rv = t->functions->C_Login(t->session, CKU_SO, text, word.length);
    if (rv == CKR_OK)
        t->functions->C_Logout(t->session);
    return token_note(t, rv);
}

result token_login(token *t, bytes pin) {
    TOKEN_STEP(false);
    CK_RV rv = t->functions->C_Login(t->session, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)pin.data, pin.length);
    /* Another user of the module in this process may have logged in before. */
    if (rv == CKR_USER_ALREADY_LOGGED_IN)
        return RESULT_OK;
    t->logged_in = rv == CKR_OK;
    return token_note(t, rv);
}

void token_logout(token *t) {
    TOKEN_STEP(false);
    if (t->logged_in)
        t->functions->C_Logout(t->session);
    t->logged_in = false;
}
