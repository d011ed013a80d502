/* What a client asks the resident process to do (frames: desk_wire.h). It comes from the same user, and is read as if
 * it came from an enemy. */
#pragma once

#include "desk/command.h"

#include "base/buffer.h"
#include "base/language.h"

typedef struct desk_request {
    json_t *root;
    buffer pin, sign_pin;
    char **arguments; /* into root */
} desk_request;

#define DESK_REQUEST_PIN_MOST 64
#define DESK_REQUEST_INIT {.pin = BUFFER_INIT(DESK_REQUEST_PIN_MOST), .sign_pin = BUFFER_INIT(DESK_REQUEST_PIN_MOST)}

/* Reads to the end of the request. RESULT_INVALID, or what desk_wire_receive says. Wipe also after failure. */
result desk_request_receive(int fd, desk_request *r);
void desk_request_wipe(desk_request *r);

/* The command, its options in *out: they point into the request and keep only the configuration's path of what was
 * there. NULL: no such command, not for the resident process, or its PIN is missing. */
const command *desk_request_take(desk_request *r, options *out);
/* The client's language; English when it says none that is known. */
const language *desk_request_language(const desk_request *r);
