/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Steps about several sessions, and about a slot whose number the program has kept. */
#include "token-steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS_MAX 16

static CK_SESSION_HANDLE opened[SESSIONS_MAX]; /* beside w.session, the last one */
static size_t opened_count;

/* Another session with the token of the first one. */
CK_RV step_open_more(const char *value) {
    (void)value;
    if (opened_count < SESSIONS_MAX)
        opened[opened_count++] = w.session;
    return w.m->C_OpenSession(w.slot, CKF_RW_SESSION | CKF_SERIAL_SESSION, NULL, NULL, &w.session);
}

/* The slot of that number, whatever token is in it; no session. */
CK_RV step_open_slot(const char *value) {
    w.slot = strtoul(value, NULL, 10);
    return CKR_OK;
}

/* The slot's number alone: nothing is listed before. */
CK_RV step_reopen(const char *value) {
    (void)value;
    return w.m->C_OpenSession(w.slot, CKF_RW_SESSION | CKF_SERIAL_SESSION, NULL, NULL, &w.session);
}

CK_RV step_close_all(const char *value) {
    (void)value;
    return w.m->C_CloseAllSessions(w.slot);
}

/* How many of all sessions that were opened are still there. */
CK_RV step_count_sessions(const char *value) {
    static char note[32];
    CK_SESSION_INFO info;
    size_t alive = w.m->C_GetSessionInfo(w.session, &info) == CKR_OK;
    (void)value;
    for (size_t i = 0; i < opened_count; i++)
        alive += w.m->C_GetSessionInfo(opened[i], &info) == CKR_OK;
    snprintf(note, sizeof note, " %zu of %zu", alive, opened_count + 1);
    w.note = note;
    return CKR_OK;
}

/* The handle of a session closed long ago, after so many others were opened and closed. */
CK_RV step_stale_session(const char *times) {
    static char note[32];
    CK_SESSION_HANDLE stale = w.session;
    CK_SESSION_INFO info;
    int found = 0;
    w.m->C_CloseSession(stale);
    for (long i = strtol(times, NULL, 10); i > 0; i--) {
        if (w.m->C_OpenSession(w.slot, CKF_SERIAL_SESSION, NULL, NULL, &w.session) != CKR_OK)
            return CKR_GENERAL_ERROR;
        found += w.m->C_GetSessionInfo(stale, &info) == CKR_OK;
        w.m->C_CloseSession(w.session);
    }
    snprintf(note, sizeof note, " alive %d times", found);
    w.note = note;
    return CKR_OK;
}

CK_RV step_mechanisms(const char *value) {
    CK_ULONG count = 0;
    (void)value;
    return w.m->C_GetMechanismList(w.slot, NULL, &count);
}

CK_RV step_slot(const char *value) {
    CK_SLOT_INFO info;
    (void)value;
    CK_RV rv = w.m->C_GetSlotInfo(w.slot, &info);
    w.note = rv != CKR_OK ? "" : info.flags & CKF_TOKEN_PRESENT ? " token" : " no token";
    return rv;
}

CK_RV step_slots(const char *value) {
    CK_SLOT_ID slots[256];
    static char note[32];
    CK_ULONG count = sizeof slots / sizeof *slots;
    (void)value;
    CK_RV rv = w.m->C_GetSlotList(CK_TRUE, slots, &count);
    snprintf(note, sizeof note, " %lu", rv == CKR_OK ? count : 0);
    w.note = note;
    return rv;
}

/* No value at all, as programs with a PIN pad do. */
CK_RV step_login_officer_blindly(const char *value) {
    (void)value;
    return w.m->C_Login(w.session, CKU_SO, NULL, 0);
}

CK_RV step_init_token(const char *label) {
    CK_BYTE padded[32], pin[] = "12345678";
    size_t length = strlen(label) < sizeof padded ? strlen(label) : sizeof padded;
    memset(padded, ' ', sizeof padded);
    memcpy(padded, label, length);
    return w.m->C_InitToken(w.slot, pin, sizeof pin - 1, padded);
}

/* C_SignInit alone: an operation has begun. */
CK_RV step_begin_signature(const char *value) {
    CK_MECHANISM method = {CKM_SHA256_RSA_PKCS, NULL, 0};
    (void)value;
    return w.m->C_SignInit(w.session, &method, w.key);
}
