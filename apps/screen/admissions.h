/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who has been let in to which view. An address with a key in it works once, for one view and one user; the browser that
 * opens it gets a cookie that is good for that view and that user until the machine is started again. So neither an
 * address in a process list nor a cookie that was copied lets another user in. */
#pragma once

#include "base/result.h"

#include <stdbool.h>
#include <sys/types.h>

#define ADMISSION_KEY_SIZE 33     /* 128 bits in hexadecimal, and NUL */
#define ADMISSION_COOKIE_SIZE 160 /* a value of Set-Cookie, and NUL */
#define ADMISSION_KEY_MS 60000    /* how long an address can be used */

typedef struct admissions admissions;

/* The secret behind the cookies is in this file, made when it is not there: the program can be restarted, and pages go
 * on. RESULT_IO, RESULT_DENIED, RESULT_INVALID (of another length), RESULT_NO_MEMORY. */
result admissions_open(const char *file, admissions **out);
void admissions_free(admissions **a);

/* A key for an address. view: static text. */
result admissions_invite(admissions *a, const char *view, uid_t uid, char key[ADMISSION_KEY_SIZE]);
/* Takes the key, which is used up also when it is of another view or user: the cookie to set. RESULT_DENIED. */
result admissions_enter(admissions *a, const char *view, uid_t uid, const char *key,
                        char cookie[ADMISSION_COOKIE_SIZE]);
/* Whether one of the cookies that a request has sent is of this view and user. */
bool admissions_know(const admissions *a, const char *view, uid_t uid, const char *cookies);
