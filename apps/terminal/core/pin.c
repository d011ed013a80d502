#include "core/pin.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* One byte at a time: what follows the newline is somebody else's. */
static bool read_line(int fd, buffer *pin) {
    uint8_t byte;
    for (;;) {
        ssize_t got = read(fd, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0 || byte == '\n')
            break;
        if (byte != '\r' && buffer_append_u8(pin, byte) != RESULT_OK)
            return false;
    }
    secret_wipe(&byte, sizeof byte);
    return pin->length > 0;
}

static bool ask(const char *prompt, buffer *pin) {
    struct termios before, silent;
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0 || tcgetattr(tty, &before) != 0) {
        if (tty >= 0)
            close(tty);
        return false;
    }
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    tcsetattr(tty, TCSAFLUSH, &silent);
    dprintf(tty, "%s: ", prompt);
    bool good = read_line(tty, pin);
    tcsetattr(tty, TCSAFLUSH, &before);
    dprintf(tty, "\n");
    close(tty);
    return good;
}

outcome pin_read(bytes given, int fd, const char *prompt, buffer *pin, report *r) {
    if (given.length > 0)
        return buffer_append(pin, given) == RESULT_OK ? OUTCOME_OK : OUTCOME_INTERNAL;
    if (fd >= 0 ? read_line(fd, pin) : ask(prompt, pin))
        return OUTCOME_OK;
    return report_failure(r, OUTCOME_USAGE, "no-pin",
                          _("No PIN was given. Type it at the prompt, or hand it over with --pin-fd or --sign-pin-fd."));
}
