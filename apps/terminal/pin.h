/* PINs from people: from a file descriptor (--pin-fd) or typed at the terminal without echo. Never from an argument. */
#pragma once

#include "report.h"

#include "base/buffer.h"

#define PIN_TYPED_MOST 64

/* fd -1: asks with the prompt on /dev/tty. Ends at a newline or the end of file. Appends; wipe the buffer after use. */
outcome pin_read(int fd, const char *prompt, buffer *pin, report *r);
