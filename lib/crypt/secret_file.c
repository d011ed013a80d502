/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/secret_file.h"

#include "base/file.h"
#include "base/secret.h"
#include "crypt/digest.h"

#define MODE 0600

result secret_file_make(const char *path, size_t length) {
    uint8_t fresh[SECRET_FILE_MAX];
    if (length > sizeof fresh)
        return RESULT_TOO_LONG;
    result code = crypt_random(fresh, length);
    if (code == RESULT_OK)
        code = file_create(path, bytes_of(fresh, length), MODE);
    secret_wipe(fresh, sizeof fresh);
    return code == RESULT_EXISTS ? RESULT_OK : code;
}
