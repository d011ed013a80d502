#include "curtain.h"

#include "core/report.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* The alternate screen of xterm and everything that follows it: what is on it is gone when it is left. */
#define TO_OTHER_SCREEN "\033[?1049h\033[H\033[2J"
#define BACK "\033[2J\033[?1049l"

bool curtain_open(bool wanted) {
    if (!wanted || !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
        return false;
    fputs(TO_OTHER_SCREEN, stdout);
    fflush(stdout);
    return true;
}

void curtain_close(bool open) {
    struct pollfd keyboard = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;
    if (!open)
        return;
    printf(_("\nThis disappears after %d seconds, or when you press Enter.\n"), CURTAIN_SECONDS);
    fflush(stdout);
    if (poll(&keyboard, 1, CURTAIN_SECONDS * 1000) > 0)
        while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n')
            ;
    fputs(BACK, stdout);
    fflush(stdout);
}
