/* PINs from people: from a file descriptor (--pin-fd) or typed at the terminal without echo. Never from an argument. */
#pragma once

#include "report.h"

#include "base/buffer.h"

#define PIN_TYPED_MOST 64

/* given: what the resident process's client asked for already; empty: read from fd; fd -1: ask with the prompt on /dev/tty.
 * Ends at a newline or the end of file. Appends; wipe the buffer after use. */
outcome pin_read(bytes given, int fd, const char *prompt, buffer *pin, report *r);
