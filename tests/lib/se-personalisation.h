/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The emulated SE's first commands: two keys, a file, PUK 0123456789ABCDEF, PIN 123456. */
#pragma once

static const char *const se_personalisation[] = {
    "00A404000CF276A288BCFBA69D34F3100100",
    "00224100068001F3840100",
    "0046420000", /* a key in place 0, which signs */
    "00224100068001F3840102",
    "0046420000",                                               /* and in place 2, which deciphers */
    "00E00000176F1581020004820101830244018608FF90909090909000", /* 4401: update with the PIN, free to read */
    "00D6000004DEADBEEF",
    "002401021030313233343536373839414243444546",
    "0024010106313233343536",
};
#define SE_PERSONALISATION_LENGTH (sizeof se_personalisation / sizeof *se_personalisation)
