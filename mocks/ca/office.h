/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The CA's office: one folder with everything it made (docs/interfaces/pki.md), its serial counter and its registers.
 *
 *   ca/serial         the last serial given, 8 hexadecimal digits: one counter for all authorities
 *   ca/issued.txt     one line per certificate: serial, authority, profile, file
 *   ca/revoked.txt    one line per revocation: serial, authority, time
 *   ca/holders.txt    one line per patient card: person, serial of the user-authentication certificate
 */
#pragma once

#include "base/buffer.h"
#include "base/clock.h"

#include <sys/types.h>

#define OFFICE_REGISTER_MAX (1 << 20)

typedef struct office {
    const char *folder;
    const char *root; /* what paths in registers are relative to: the folder, or that of the office around this one */
    char *secrets;    /* folder/ca, mode 0700 */
    char *anchors;    /* folder/anchors */
    int64_t now;
} office;

/* RESULT_EXISTS when the folder is there. */
result office_create(office *o, const char *folder);
/* RESULT_NOT_FOUND when it was not made by mock-ca. */
result office_open(office *o, const char *folder);
void office_close(office *o);

/* 4 bytes, first bit clear, never 0, never the same twice in this office. */
result office_next_serial(office *o, uint32_t *serial);

/* Appends a line to folder/name, durably. */
result office_append(const char *folder, const char *name, mode_t mode, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The path as seen from the office's root, for registers; unchanged when it lies elsewhere. */
const char *office_relative(const office *o, const char *path);

/* A folder inside the office, made with this mode: "cards/patient-1". The caller frees it; NULL on failure. */
char *office_folder(const office *o, const char *name, mode_t mode);
