/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Walks through PKCS #11 calls named on the command line and prints one line for each: its name and its return value.
 *
 *   token-steps MODULE STEP...
 *
 * Steps: see the table below; STEP=VALUE where it takes one. "pause" prints "paused" and waits for a line on standard
 * input, so that a script can do something to the card meanwhile. Always ends with status 0 when no step was unknown:
 * what the return values should be is the script's business. */
#include "token-steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct walk w = {.session = CK_INVALID_HANDLE, .note = ""};

static CK_RV initialise(const char *value) {
    (void)value;
    return w.m->C_Initialize(NULL);
}

static CK_RV initialise_no_threads(const char *value) {
    (void)value;
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_LIBRARY_CANT_CREATE_OS_THREADS};
    return w.m->C_Initialize(&arguments);
}

static CK_RV finalise(const char *value) {
    (void)value;
    return w.m->C_Finalize(NULL);
}

static CK_RV open_as(const char *label, CK_FLAGS flags) {
    CK_RV rv = p11_find_token(w.m, label, &w.slot, w.serial);
    return rv != CKR_OK ? rv : w.m->C_OpenSession(w.slot, flags | CKF_SERIAL_SESSION, NULL, NULL, &w.session);
}

static CK_RV open_session(const char *label) {
    return open_as(label, CKF_RW_SESSION);
}

/* A card just put in takes a moment: five seconds at most. */
static CK_RV open_soon(const char *label) {
    CK_RV rv = open_session(label);
    for (int i = 0; i < 250 && rv == CKR_TOKEN_NOT_PRESENT; i++) {
        usleep(20000);
        rv = open_session(label);
    }
    return rv;
}

static CK_RV open_read_only(const char *label) {
    return open_as(label, 0);
}

static CK_RV close_session(const char *value) {
    (void)value;
    return w.m->C_CloseSession(w.session);
}

static CK_RV import(const char *file) {
    free(w.chain);
    w.chain = p11_file(file, &w.chain_length);
    return p11_import(w.m, w.session, w.chain, w.chain_length, &w.imported);
}

static CK_RV destroy(const char *value) {
    (void)value;
    return w.m->C_DestroyObject(w.session, w.imported);
}

static CK_RV take_random(const char *length) {
    unsigned char random[256] = {0};
    CK_ULONG wanted = strtoul(length, NULL, 10);
    CK_RV rv = w.m->C_GenerateRandom(w.session, random, wanted);
    if (rv == CKR_OK)
        memcpy(w.challenge, random, CHALLENGE_SIZE);
    return rv;
}

static CK_RV answer(const char *key_file) {
    p11_answer(key_file, w.chain, w.chain_length, w.serial, w.challenge, w.answer);
    return CKR_OK;
}

static CK_RV show(const unsigned char *data, size_t length) {
    static char note[2 * ANSWER_SIZE + 2];
    size_t used = (size_t)snprintf(note, sizeof note, " ");
    for (size_t i = 0; i < length; i++)
        used += (size_t)snprintf(note + used, sizeof note - used, "%02x", data[i]);
    w.note = note;
    return CKR_OK;
}

static CK_RV show_challenge(const char *value) {
    (void)value;
    return show(w.challenge, sizeof w.challenge);
}

static CK_RV show_answer(const char *value) {
    (void)value;
    return show(w.answer, sizeof w.answer);
}

static CK_RV spoil(const char *value) {
    (void)value;
    w.answer[100] ^= 1;
    return CKR_OK;
}

static CK_RV login(const char *pin) {
    return *pin != 0 ? w.m->C_Login(w.session, CKU_USER, (CK_BYTE_PTR)pin, strlen(pin))
                     : w.m->C_Login(w.session, CKU_USER, w.answer, sizeof w.answer);
}

static CK_RV login_again(const char *pin) {
    return w.m->C_Login(w.session, CKU_CONTEXT_SPECIFIC, (CK_BYTE_PTR)pin, strlen(pin));
}

static CK_RV login_officer(const char *pin) {
    return w.m->C_Login(w.session, CKU_SO, (CK_BYTE_PTR)pin, strlen(pin));
}

static CK_RV init_pin(const char *pin) {
    return w.m->C_InitPIN(w.session, (CK_BYTE_PTR)pin, strlen(pin));
}

static CK_RV logout(const char *value) {
    (void)value;
    return w.m->C_Logout(w.session);
}

/* The private key's handle is kept: "stale" uses it later without looking for it. */
static CK_RV find_key(const char *value) {
    (void)value;
    CK_RV rv = p11_find(w.m, w.session, CKO_PRIVATE_KEY, &w.key);
    w.note = rv == CKR_OK && w.key == CK_INVALID_HANDLE ? " none" : "";
    return rv;
}

static CK_RV sign_kept(const char *value) {
    unsigned char signature[512];
    CK_ULONG length = sizeof signature;
    (void)value;
    return p11_sign(w.m, w.session, w.key, DATA, signature, &length);
}

static CK_RV sign(const char *value) {
    unsigned char signature[512];
    CK_ULONG length = sizeof signature;
    CK_OBJECT_HANDLE certificate;
    CK_RV rv = find_key(value);
    if (rv != CKR_OK || w.key == CK_INVALID_HANDLE)
        return rv;
    rv = p11_sign(w.m, w.session, w.key, DATA, signature, &length);
    if (rv == CKR_OK && p11_find(w.m, w.session, CKO_CERTIFICATE, &certificate) == CKR_OK)
        w.note = p11_verifies(w.m, w.session, certificate, DATA, signature, length) ? " verified" : " WRONG";
    return rv;
}

/* The first data object's value; its handle is kept, as a key's is. */
static CK_RV item_kept(const char *value) {
    unsigned char content[512];
    CK_ATTRIBUTE wanted = {CKA_VALUE, content, sizeof content};
    (void)value;
    CK_RV rv = w.m->C_GetAttributeValue(w.session, w.imported, &wanted, 1);
    if (rv == CKR_OK)
        show(content, wanted.ulValueLen < ANSWER_SIZE ? wanted.ulValueLen : ANSWER_SIZE);
    return rv;
}

static CK_RV item(const char *value) {
    CK_RV rv = p11_find(w.m, w.session, CKO_DATA, &w.imported);
    if (rv == CKR_OK && w.imported == CK_INVALID_HANDLE)
        return CKR_USER_NOT_LOGGED_IN;
    return rv != CKR_OK ? rv : item_kept(value);
}

/* With C_Login(CKU_CONTEXT_SPECIFIC) between C_SignInit and C_Sign, as CKA_ALWAYS_AUTHENTICATE asks for. */
static CK_RV sign_again(const char *pin) {
    unsigned char signature[512];
    CK_ULONG length = sizeof signature;
    CK_MECHANISM method = {CKM_SHA256_RSA_PKCS, NULL, 0};
    CK_RV rv = find_key(pin);
    if (rv == CKR_OK)
        rv = w.m->C_SignInit(w.session, &method, w.key);
    if (rv == CKR_OK)
        rv = login_again(pin);
    return rv != CKR_OK ? rv : w.m->C_Sign(w.session, (CK_BYTE_PTR)DATA, strlen(DATA), signature, &length);
}

static CK_RV change_pin(const char *both) {
    char old[32] = "";
    const char *colon = strchr(both, ':');
    if (colon == NULL || (size_t)(colon - both) >= sizeof old)
        return CKR_ARGUMENTS_BAD;
    memcpy(old, both, (size_t)(colon - both));
    return w.m->C_SetPIN(w.session, (CK_BYTE_PTR)old, strlen(old), (CK_BYTE_PTR)(colon + 1), strlen(colon + 1));
}

static CK_RV token(const char *value) {
    CK_TOKEN_INFO info;
    static char note[64];
    (void)value;
    CK_RV rv = w.m->C_GetTokenInfo(w.slot, &info);
    snprintf(note, sizeof note, "%s%s%s%s", rv == CKR_OK ? "" : " -",
             rv == CKR_OK && info.flags & CKF_USER_PIN_COUNT_LOW ? " count-low" : "",
             rv == CKR_OK && info.flags & CKF_USER_PIN_FINAL_TRY ? " final-try" : "",
             rv == CKR_OK && info.flags & CKF_USER_PIN_LOCKED ? " locked" : "");
    w.note = note;
    return rv;
}

static CK_RV state(const char *value) {
    CK_SESSION_INFO info = {0};
    static char note[8];
    (void)value;
    CK_RV rv = w.m->C_GetSessionInfo(w.session, &info);
    snprintf(note, sizeof note, rv == CKR_OK ? " %lu" : " -", info.state);
    w.note = note;
    return rv;
}

static CK_RV pause_here(const char *value) {
    (void)value;
    fflush(stdout);
    for (int c = getchar(); c != '\n' && c != EOF; c = getchar())
        ;
    return CKR_OK;
}

static const struct {
    const char *name;
    CK_RV (*run)(const char *value);
    /* clang-format off */
} steps[] = {
    {"initialise", initialise}, {"finalise", finalise}, {"open", open_session}, {"open-soon", open_soon},
    {"open-read-only", open_read_only}, {"close", close_session}, {"import", import}, {"destroy", destroy},
    {"random", take_random}, {"answer", answer}, {"spoil", spoil}, {"show-challenge", show_challenge},
    {"show-answer", show_answer}, {"login", login}, {"login-again", login_again}, {"logout", logout},
    {"find-key", find_key}, {"sign", sign}, {"sign-kept", sign_kept}, {"sign-again", sign_again},
    {"change-pin", change_pin}, {"token", token}, {"state", state}, {"pause", pause_here},
    {"login-officer", login_officer}, {"init-pin", init_pin}, {"item", item}, {"item-kept", item_kept},
    {"wait-event", step_wait_for_event}, {"poll-event", step_poll_for_event}, {"poll-once", step_poll_once},
    {"drain", step_drain},
    {"finalise-under-wait", step_finalise_under_wait}, {"finalise-at-once", step_finalise_at_once},
    {"open-more", step_open_more}, {"open-slot", step_open_slot}, {"reopen", step_reopen},
    {"close-all", step_close_all},
    {"count-sessions", step_count_sessions}, {"stale-session", step_stale_session}, {"mechanisms", step_mechanisms},
    {"slot", step_slot}, {"slots", step_slots}, {"login-officer-blindly", step_login_officer_blindly},
    {"init-token", step_init_token}, {"begin-signature", step_begin_signature},
    {"data", step_data}, {"data-back", step_data_back}, {"certificate", step_certificate}, {"remove", step_remove},
    {"sign-in-threads", step_sign_in_threads}, {"initialise-for-threads", step_initialise_for_threads},
    {"initialise-no-threads", initialise_no_threads},
};
/* clang-format on */

static bool run(const char *step) {
    const char *value = strchr(step, '=');
    size_t length = value == NULL ? strlen(step) : (size_t)(value - step);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (strlen(steps[i].name) != length || strncmp(steps[i].name, step, length) != 0)
            continue;
        w.note = "";
        if (steps[i].run == pause_here)
            puts("paused");
        CK_RV rv = steps[i].run(value == NULL ? "" : value + 1);
        if (steps[i].run != pause_here)
            printf("%s %s%s\n", steps[i].name, p11_name(rv), w.note);
        fflush(stdout);
        return true;
    }
    fprintf(stderr, "unknown step: %s\n", step);
    return false;
}

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: token-steps MODULE STEP[=VALUE]...\n");
        return 2;
    }
    w.m = p11_load(arguments[1]);
    for (int i = 2; i < count; i++)
        if (!run(arguments[i]))
            return 2;
    free(w.chain);
    return 0;
}
