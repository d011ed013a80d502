#include "base/result.h"

static const char *const texts[] = {
    [RESULT_OK] = "ok",
    [RESULT_INVALID] = "malformed",
    [RESULT_TOO_LONG] = "too long",
    [RESULT_TRUNCATED] = "truncated",
    [RESULT_NOT_FOUND] = "not found",
    [RESULT_EXISTS] = "exists already",
    [RESULT_REFUSED] = "refused",
    [RESULT_DENIED] = "denied",
    [RESULT_BLOCKED] = "blocked",
    [RESULT_EXPIRED] = "expired",
    [RESULT_BAD_SIGNATURE] = "bad signature",
    [RESULT_REMOVED] = "removed",
    [RESULT_TIMEOUT] = "timed out",
    [RESULT_UNAVAILABLE] = "unavailable",
    [RESULT_IO] = "input/output error",
    [RESULT_NO_MEMORY] = "out of memory",
    [RESULT_UNSUPPORTED] = "unsupported",
    [RESULT_INTERNAL] = "internal error",
};

const char *result_text(result code) {
    if ((unsigned)code >= sizeof texts / sizeof *texts)
        return "unknown result";
    return texts[code];
}
