/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How many signatures the SE has made in its whole life. It never goes back, and no signature leaves that it has not
 * counted:
 *
 *   state/signatures           the count, written in place before each signature leaves. The kernel keeps it whatever
 *                              becomes of this process (kill -9), but a power cut may lose the last ones.
 *   state/signatures-reserved  a number on disk (fsync) that the count does not pass, and the boot in which it was
 *                              written. After a power cut the count goes on from there.
 *
 * So a power cut skips up to SIGNATURES_RESERVED numbers, and a signature costs no wait for the disk. */
#pragma once

#include "base/buffer.h"

#define SIGNATURES_RESERVED 64

typedef struct signature_counter {
    uint32_t value;
    uint32_t reserved;
    int file; /* state/signatures */
    char *reserved_path;
} signature_counter;

#define SIGNATURE_COUNTER_CLOSED ((signature_counter){.file = -1})

/* RESULT_INVALID: a file is damaged. The caller closes, also after a failure. */
result signature_counter_open(signature_counter *counter, const char *state_folder);
/* One more. RESULT_TOO_LONG: all numbers are used up; any other failure: nothing may be signed. */
result signature_counter_raise(signature_counter *counter);
/* With the exact count on disk, so that an orderly end skips nothing. */
void signature_counter_close(signature_counter *counter);
