/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/result.h"

#define N_(text) text /* for the catalogue of translations; the caller that shows the text looks it up */

static const char *const texts[] = {
    [RESULT_OK] = N_("ok"),
    [RESULT_INVALID] = N_("malformed"),
    [RESULT_TOO_LONG] = N_("too long"),
    [RESULT_TRUNCATED] = N_("truncated"),
    [RESULT_NOT_FOUND] = N_("not found"),
    [RESULT_EXISTS] = N_("exists already"),
    [RESULT_REFUSED] = N_("refused"),
    [RESULT_DENIED] = N_("denied"),
    [RESULT_BLOCKED] = N_("blocked"),
    [RESULT_EXPIRED] = N_("expired"),
    [RESULT_BAD_SIGNATURE] = N_("bad signature"),
    [RESULT_REMOVED] = N_("removed"),
    [RESULT_TIMEOUT] = N_("timed out"),
    [RESULT_UNAVAILABLE] = N_("unavailable"),
    [RESULT_IO] = N_("input/output error"),
    [RESULT_NO_MEMORY] = N_("out of memory"),
    [RESULT_UNSUPPORTED] = N_("unsupported"),
    [RESULT_KEY] = N_("a key of a size or kind that is not accepted"),
    [RESULT_INTERNAL] = N_("internal error"),
};

const char *result_text(result code) {
    if ((unsigned)code >= sizeof texts / sizeof *texts)
        return "unknown result";
    return texts[code];
}
