#include "core/watchdog.h"

#include "core/report.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Made beforehand: a signal handler can neither translate nor format. */
static char words[1024];
static bool json;

static void end(int number) {
    (void)number;
    if (write(json ? STDOUT_FILENO : STDERR_FILENO, words, strlen(words)) < 0)
        _exit(OUTCOME_INTERNAL);
    _exit(OUTCOME_CARD);
}

static void prepare(void) {
    const struct sigaction action = {.sa_handler = end};
    const char *sentence = _(
        "The Secure Element or its module does not come back from a call; perhaps it was taken out at that"
        " moment. Put it back and begin again. Nothing is half recorded.");
    json_t *object = json ? json_pack("{s:b,s:s,s:s}", "ok", 0, "reason", "se-stuck", "message", sentence) : NULL;
    char *text = object != NULL ? json_dumps(object, JSON_SORT_KEYS) : NULL;
    snprintf(words, sizeof words, json ? "%s\n" : "uketsuke: %s\n", text != NULL ? text : sentence);
    free(text);
    json_decref(object);
    sigaction(SIGALRM, &action, NULL);
}

void watchdog_speak_json(void) {
    json = true;
}

bool watchdog_expect(unsigned seconds) {
    if (seconds > 0 && words[0] == 0)
        prepare();
    return alarm(seconds) > 0;
}
