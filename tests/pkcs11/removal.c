/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The card leaves before the first, second, ... command of a walk, and comes back: in one process, one C_Initialize.
 * Each time every call must say something honest, and the same walk must work when the card is back. TAP.
 *
 *   removal MODULE SOFTCARD CONTROL READER IMAGE login PIN
 *   removal MODULE SOFTCARD CONTROL READER IMAGE signature PIN
 *   removal MODULE SOFTCARD CONTROL READER IMAGE items PIN
 *   removal MODULE SOFTCARD CONTROL READER IMAGE institution CHAIN KEY
 *
 * SOFTCARD with its CONTROL socket takes out and puts in. login: user-authentication PIN, certificates, signature,
 * logout. signature: signature PIN twice, once for the login and once for the key. items: card-data PIN, one item. */
#include "p11.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT "what the patient agrees to"
#define COMMANDS_MAX 100
#define ALARM_SECONDS 20 /* for one walk: nothing may hang */

extern char **environ;

static CK_FUNCTION_LIST_PTR m;
static const char *softcard, *control, *reader, *image, *secret, *holder_key;
static unsigned char *chain;
static size_t chain_length;
static CK_SESSION_HANDLE session;
static char said[1024]; /* what the calls of this walk have answered */
static bool honest;
static int number, failed;

static bool tell(const char *command, const char *argument) {
    const char *words[] = {softcard, command, "--control", control, reader, argument, NULL};
    pid_t child;
    int status = -1;
    if (posix_spawn(&child, softcard, NULL, NULL, (char *const *)words, environ) != 0)
        return false;
    waitpid(child, &status, 0);
    return status == 0;
}

/* What may be said of a card that is gone, by the call that meets it or by the ones after it. */
static bool is_honest(CK_RV rv) {
    static const CK_RV possible[] = {CKR_OK, CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_SESSION_HANDLE_INVALID};
    for (size_t i = 0; i < sizeof possible / sizeof *possible; i++)
        if (possible[i] == rv)
            return true;
    return false;
}

/* Remembers what a call has said; true when it went well. */
static bool say(const char *call, CK_RV rv) {
    size_t used = strlen(said);
    snprintf(said + used, sizeof said - used, "%s%s %s", used > 0 ? ", " : "", call, p11_name(rv));
    honest &= is_honest(rv);
    return rv == CKR_OK;
}

static bool login_as(CK_USER_TYPE user) {
    return say("login", m->C_Login(session, user, (CK_BYTE_PTR)secret, strlen(secret)));
}

static bool signature_of(CK_OBJECT_HANDLE key, bool pin_again) {
    unsigned char signature[512];
    CK_ULONG length = sizeof signature;
    CK_OBJECT_HANDLE certificate;
    CK_MECHANISM method = {CKM_SHA256_RSA_PKCS, NULL, 0};
    bool done = say("sign-init", m->C_SignInit(session, &method, key)) &&
                (!pin_again || login_as(CKU_CONTEXT_SPECIFIC)) &&
                say("sign", m->C_Sign(session, (CK_BYTE_PTR)TEXT, strlen(TEXT), signature, &length)) &&
                say("find", p11_find(m, session, CKO_CERTIFICATE, &certificate));
    if (!done)
        return false;
    bool right = p11_verifies(m, session, certificate, TEXT, signature, length);
    if (!right) { /* the certificate is read here, and may have been the one to meet the removal */
        CK_SESSION_INFO info;
        CK_RV rv = CKR_OK;
        for (int i = 0; i < 50 && rv == CKR_OK; i++) { /* pcscd tells of it a moment later */
            usleep(20000);
            rv = m->C_GetSessionInfo(session, &info);
        }
        say("verify", rv == CKR_OK ? CKR_SIGNATURE_INVALID : CKR_SESSION_HANDLE_INVALID);
    }
    return right;
}

static bool with_key(bool pin_again) {
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    if (!say("find", p11_find(m, session, CKO_PRIVATE_KEY, &key)))
        return false;
    if (key == CK_INVALID_HANDLE)
        return say("key", CKR_KEY_HANDLE_INVALID);
    return signature_of(key, pin_again) && say("logout", m->C_Logout(session));
}

static bool login(void) {
    return login_as(CKU_USER);
}

static bool walk_login(const char *serial) {
    (void)serial;
    return login() && with_key(false);
}

static bool walk_signature(const char *serial) {
    (void)serial;
    return login() && with_key(true);
}

static bool walk_items(const char *serial) {
    unsigned char content[512];
    CK_ATTRIBUTE value = {CKA_VALUE, content, sizeof content};
    CK_OBJECT_HANDLE item = CK_INVALID_HANDLE;
    (void)serial;
    return login() && say("find", p11_find(m, session, CKO_DATA, &item)) &&
           say("value", m->C_GetAttributeValue(session, item, &value, 1)) && say("logout", m->C_Logout(session));
}

static bool walk_institution(const char *serial) {
    CK_OBJECT_HANDLE imported;
    unsigned char challenge[CHALLENGE_SIZE], answer[ANSWER_SIZE];
    if (!say("import", p11_import(m, session, chain, chain_length, &imported)) ||
        !say("random", m->C_GenerateRandom(session, challenge, sizeof challenge)))
        return false;
    p11_answer(holder_key, chain, chain_length, serial, challenge, answer);
    return say("login", m->C_Login(session, CKU_USER, answer, sizeof answer)) && with_key(false);
}

static const struct walk {
    const char *name, *token;
    bool (*run)(const char *serial);
} walks[] = {
    {"login", "JPKI (user authentication)", walk_login},
    {"signature", "JPKI (digital signature)", walk_signature},
    {"items", "JPKI (card data)", walk_items},
    {"institution", "JPKI (institution)", walk_institution},
};

static bool walk_whole(const struct walk *walk) {
    CK_SLOT_ID slot;
    char serial[17];
    said[0] = 0;
    honest = true;
    alarm(ALARM_SECONDS);
    bool done = say("token", p11_find_token(m, walk->token, &slot, serial)) &&
                say("open", m->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session)) &&
                walk->run(serial);
    m->C_CloseSession(session);
    alarm(0);
    return done;
}

static void ok(bool good, const char *name, int k) {
    failed += !good;
    printf("%sok %d - removed before command %d: %s\n", good ? "" : "not ", ++number, k, name);
    if (!good)
        printf("# %s\n", said);
    fflush(stdout);
}

/* A card that comes back is powered a moment later, and pcscd says so a moment after that. */
static bool put_back(const struct walk *walk) {
    bool done = tell("fault", "clear") && tell("insert", image) && tell("wait", NULL);
    for (int i = 0; i < 100 && done; i++) {
        if (walk_whole(walk))
            return true;
        if (strcmp(said, "token CKR_TOKEN_NOT_PRESENT") != 0)
            return false;
        usleep(20000);
    }
    return false;
}

/* Returns false when the walk has fewer than k commands. */
static bool remove_before(const struct walk *walk, int k) {
    char fault[32];
    snprintf(fault, sizeof fault, "remove-before=%d", k);
    bool armed = tell("remove", NULL) && tell("insert", image) && tell("wait", NULL) && tell("fault", fault);
    bool done = armed && walk_whole(walk);
    /* pcscd may not have told of the card yet; or the card has left already, and stays away. */
    for (int i = 0; i < 30 && armed && !done && strcmp(said, "token CKR_TOKEN_NOT_PRESENT") == 0; i++) {
        usleep(20000);
        done = walk_whole(walk);
    }
    if (done)
        return false;
    ok(armed && honest, "honest return values", k);
    ok(put_back(walk), "works again when it is back", k);
    return true;
}

int main(int count, char **arguments) {
    const struct walk *walk = NULL;
    int k = 1;
    for (size_t i = 0; count > 7 && i < sizeof walks / sizeof *walks; i++)
        if (strcmp(arguments[6], walks[i].name) == 0)
            walk = &walks[i];
    if (walk == NULL || (walk->run == walk_institution) != (count == 9))
        return 2;
    m = p11_load(arguments[1]);
    softcard = arguments[2], control = arguments[3], reader = arguments[4], image = arguments[5], secret = arguments[7];
    if (walk->run == walk_institution) {
        chain = p11_file(arguments[7], &chain_length);
        holder_key = arguments[8];
    }
    if (m->C_Initialize(NULL) != CKR_OK)
        return 1;
    while (k < COMMANDS_MAX && remove_before(walk, k))
        k++;
    tell("fault", "clear");
    bool ended = m->C_Finalize(NULL) == CKR_OK;
    ok(k > 5 && k < COMMANDS_MAX && ended, "that was the last one, and the process ends in order", k - 1);
    printf("1..%d\n", number);
    free(chain);
    return failed > 0;
}
