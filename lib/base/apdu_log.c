/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/apdu_log.h"

#include "base/hex.h"
#include "base/log.h"

#define INS_SELECT 0xA4
#define APDU_HEADER_LENGTH 4
#define SHOWN_MAX 16 /* ISO/IEC 7816-4 12.2.3: an AID has at most 16 bytes */

void log_apdu(bytes command, bytes response, long microseconds) {
    if (!log_shows(LOG_DEBUG))
        return;
    char header[2 * APDU_HEADER_LENGTH + 1] = "", shown[2 * SHOWN_MAX + 1] = "", status[5] = "none";
    hex_encode(bytes_slice(command, 0, APDU_HEADER_LENGTH), header, sizeof header);
    size_t body = command.length > APDU_HEADER_LENGTH ? command.length - APDU_HEADER_LENGTH : 0;
    if (body > 1 && command.data[1] == INS_SELECT)
        hex_encode(bytes_slice(command, APDU_HEADER_LENGTH + 1, SHOWN_MAX), shown, sizeof shown);
    if (response.length >= 2)
        hex_encode(bytes_slice(response, response.length - 2, 2), status, sizeof status);
    log_write(LOG_DEBUG, "APDU %s (%zu bytes)%s%s -> %s (%zu bytes) %ld us", header, command.length, *shown ? " " : "",
              shown, status, response.length, microseconds);
}
