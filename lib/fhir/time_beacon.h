/* The platform's time, signed for one terminal that asked just now: POST /time-beacon (docs/interfaces/http.md). */
#pragma once

#include "fhir/json.h"

#include <stdint.h>

#define TIME_BEACON_NONCE_SIZE 65 /* 32 bytes of the terminal in capital hexadecimal, and NUL: no older answer has them */

result time_beacon_request_write(const char *nonce, buffer *text);
result time_beacon_request_read(bytes text, char nonce[TIME_BEACON_NONCE_SIZE], fhir_problem *problem);

typedef struct time_beacon {
    char nonce[TIME_BEACON_NONCE_SIZE];
    int64_t at_ms; /* since 1970 */
} time_beacon;

result time_beacon_write(const time_beacon *b, buffer *text);
result time_beacon_read(bytes text, time_beacon *out, fhir_problem *problem);
