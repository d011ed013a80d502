/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A key set of GlobalPlatform SCP03 in a file: the binding key of a terminal, or an issuer's key. Five lines of text:
 *
 *   # Uketsuke SCP03 key set version = 30 key version number, hexadecimal enc = 00112233... Key-ENC, Key-MAC, Key-DEK:
 *   16, 24 or 32 bytes each, all of one length, hexadecimal mac = ... dek = ...
 *
 * Only the owner may read the file (mode 0600 or 0400): its content opens the channel. */
#pragma once

#include "scp03/scp03.h"

/* RESULT_NOT_FOUND, RESULT_REFUSED (other users may read it, or it is no regular file), RESULT_INVALID, RESULT_IO. Wipe
 * keys when they are no longer needed. */
result key_file_read(const char *path, scp03_keys *keys);
/* As one durable step, mode 0600. RESULT_EXISTS when path exists: no key is ever overwritten. */
result key_file_write(const char *path, const scp03_keys *keys);
