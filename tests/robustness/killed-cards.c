/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Emulated cards killed while they verify PINs: no try is ever won back.
 *
 *   killed-cards IMAGES ROUNDS SEED      (IMAGES: the folder cards of mock-ca issue; changed: give it a copy)
 *
 * A child opens the card and gives PINs, right and wrong; it tells of each before it sends it, and of each answer. It
 * is ended by SIGKILL: in every second round at a random time, otherwise right after the card's n-th write to disk,
 * which is between the counter's write and the comparison, or between a right comparison and the counter's return. The
 * parent knows from what it was told which counters are possible; the one on disk, and the one that the card shows when
 * it is opened again, must be among them. Prints TAP. */
#include "base/file.h"
#include "base/hex.h"
#include "emulated_card.h"
#include "iso7816/apdu.h"
#include "se-personalisation.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ATTEMPTS_MAX 200 /* of one child that is killed at a random time: more than it has time for */
#define ATTEMPTS_FEW 6   /* of one that dies after a write */
#define RANDOM_TIME_MAX_US 3000
#define TRIES_MAX 15

typedef struct pin_under_test {
    const card_personality *kind;
    const char *name, *image, *select, *right, *wrong, *query, *tries_file;
    int tries;
} pin_under_test;

static const pin_under_test pins[] = {
    {&patient_card_personality, "user authentication PIN", "patient-1", "00A4040C0AD392F000260100000001",
     "002000980431323334", "002000980439393939", "00200098", "auth-tries", 3},
    {&patient_card_personality, "signature PIN", "patient-1", "00A4040C0AD392F000260100000001",
     "0020009B06414243313233", "0020009B065A5A5A393939", "0020009B", "sign-tries", 5},
    {&patient_card_personality, "input-support PIN", "patient-1", "00A4040C0AD3921000310001010408",
     "002000910431323334", "002000910439393939", "00200091", "input-support-pin-tries", 3},
    {&operator_card_personality, "operator's PIN", "operator-doctor", "00A4040C0AD392F000260100000001",
     "002000980431323334", "002000980439393939", "00200098", "auth-tries", 3},
    {&secure_element_personality, "activation PIN", "se-1", "00A404000CF276A288BCFBA69D34F3100100",
     "0020000106313233343536", "0020000106393939393939", "00200001", "pin-tries", 5},
};

static const char *images;
static const pin_under_test *under_test;
static char folder[256];
static int die_after_write; /* in the child; 0: not by itself */
static int told;            /* in the child: where it tells the parent */

typedef struct message {
    char what; /* R, W: a PIN is about to be given; A: the answer; D: dies now, right after a write */
    status_word sw;
} message;

static void tell(char what, status_word sw) {
    const message m = {what, sw};
    if (write(told, &m, sizeof m) != sizeof m)
        _exit(1);
}

result __real_file_replace(const char *path, bytes content, mode_t mode);
result __wrap_file_replace(const char *path, bytes content, mode_t mode);

result __wrap_file_replace(const char *path, bytes content, mode_t mode) {
    result code = __real_file_replace(path, content, mode);
    if (die_after_write > 0 && --die_after_write == 0) {
        tell('D', 0);
        kill(getpid(), SIGKILL);
    }
    return code;
}

static void give_up(const char *why) {
    printf("Bail out! %s: %s\n", under_test->name, why);
    exit(99);
}

static card *put_in(void) {
    const char *problem = "";
    card *c = NULL;
    if (under_test->kind->open(folder, &c, &problem) != RESULT_OK)
        give_up(problem);
    return c;
}

static status_word send(card *c, const char *hexadecimal) {
    buffer raw = BUFFER_INIT(APDU_COMMAND_MAX), answer = BUFFER_INIT(APDU_RESPONSE_MAX);
    bytes data;
    status_word sw = 0;
    hex_decode(hexadecimal, &raw);
    under_test->kind->transmit(c, buffer_bytes(&raw), &answer);
    if (apdu_response(buffer_bytes(&answer), &data, &sw) != RESULT_OK)
        give_up("no status word");
    buffer_wipe(&raw);
    buffer_wipe(&answer);
    return sw;
}

static void run_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run_shell(const char *format, ...) {
    char command[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    if (system(command) != 0)
        give_up(command);
}

/* The card as it was issued (and the SE as it was personalised). */
static void make_fresh(void) {
    char kept[300];
    snprintf(folder, sizeof folder, "%s/%s", images, under_test->image);
    snprintf(kept, sizeof kept, "%s.kept", folder);
    if (access(kept, F_OK) == 0) {
        run_shell("rm -rf '%s/state' && cp -a '%s' '%s/state'", folder, kept, folder);
        return;
    }
    run_shell("mkdir -p -m 700 '%s/state'", folder);
    if (under_test->kind == &secure_element_personality) {
        card *c = put_in();
        for (size_t i = 0; i < SE_PERSONALISATION_LENGTH; i++)
            send(c, se_personalisation[i]);
        under_test->kind->close(&c);
    }
    run_shell("cp -a '%s/state' '%s'", folder, kept);
}

/* --- child -------------------------------------------------------------------------------------------------------- */

static void verify_until_killed(const char *plan, int writes) {
    card *c = put_in();
    send(c, under_test->select);
    die_after_write = writes;
    for (; *plan != 0; plan++) {
        tell(*plan, 0);
        tell('A', send(c, *plan == 'R' ? under_test->right : under_test->wrong));
    }
    if (writes > 0)
        kill(getpid(), SIGKILL); /* fewer writes than that */
    pause();
}

/* --- parent ------------------------------------------------------------------------------------------------------- */

typedef struct round_result {
    unsigned possible; /* bit n: the counter may be n */
    char in_flight;    /* the PIN that was given and not answered; 0: none */
    bool spent;        /* and a counter was written for it */
    int answers, impossible_answers;
} round_result;

static void take_answer(round_result *r, status_word sw) {
    unsigned before = r->possible, after = 0;
    for (int n = 0; n <= TRIES_MAX; n++) {
        if (!(before & 1u << n))
            continue;
        bool blocked = n == 0 && (sw == SW_DATA_INVALIDATED || sw == SW_AUTHENTICATION_BLOCKED);
        bool right = r->in_flight == 'R' && n > 0 && sw == SW_OK;
        bool last = r->in_flight == 'W' && n == 1 && sw == SW_AUTHENTICATION_BLOCKED;
        bool wrong = r->in_flight == 'W' && n > 0 && (last || status_word_tries(sw) == n - 1);
        if (blocked)
            after |= 1u;
        if (right)
            after |= 1u << under_test->tries;
        if (wrong)
            after |= 1u << (n - 1);
    }
    r->impossible_answers += after == 0;
    r->possible = after;
    r->in_flight = 0;
    r->answers++;
}

/* A try that nobody answered may have been spent; a right PIN may have brought all of them back. */
static void take_silence(round_result *r) {
    unsigned before = r->possible, less = (before & ~1u) >> 1;
    if (r->in_flight != 0)
        r->possible = (r->spent ? before & 1u : before) | less;
    if (r->in_flight == 'R' && less != 0)
        r->possible |= 1u << under_test->tries;
}

static void listen_until(int pipe_end, round_result *r) {
    message m;
    while (read(pipe_end, &m, sizeof m) == sizeof m) {
        if (m.what == 'A')
            take_answer(r, m.sw);
        else if (m.what == 'D')
            r->spent = true;
        else
            r->in_flight = m.what;
    }
    take_silence(r);
}

static void make_plan(bool at_random_time, char plan[ATTEMPTS_MAX + 1]) {
    int length = at_random_time ? ATTEMPTS_MAX : 1 + (int)(random() % ATTEMPTS_FEW);
    for (int i = 0; i < length; i++)
        plan[i] = random() % (at_random_time ? 2 : 5) == 0 ? 'R' : 'W';
    plan[length] = 0;
}

/* From the child's first word on, so that the time does not go by in its start. */
static void kill_at_random_time(pid_t child, int pipe_end) {
    long microseconds = random() % RANDOM_TIME_MAX_US;
    poll(&(struct pollfd){.fd = pipe_end, .events = POLLIN}, 1, 20000);
    nanosleep(&(struct timespec){.tv_nsec = microseconds * 1000}, NULL);
    kill(child, SIGKILL);
}

static round_result run_child(int tries_before, bool at_random_time) {
    round_result r = {.possible = 1u << tries_before};
    char plan[ATTEMPTS_MAX + 1];
    int ends[2], status, writes = at_random_time ? 0 : 1 + (int)(random() % 4);
    make_plan(at_random_time, plan);
    if (pipe(ends) != 0)
        give_up("no pipe");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        told = ends[1];
        verify_until_killed(plan, writes);
    }
    close(ends[1]);
    if (at_random_time)
        kill_at_random_time(child, ends[0]);
    if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        give_up("the child was not killed");
    listen_until(ends[0], &r);
    close(ends[0]);
    return r;
}

static int tries_on_disk(void) {
    char path[400];
    buffer text = BUFFER_INIT(8);
    snprintf(path, sizeof path, "%s/state/%s", folder, under_test->tries_file);
    result code = file_read(path, &text);
    int tries = code == RESULT_NOT_FOUND ? under_test->tries : atoi(buffer_text(&text));
    buffer_wipe(&text);
    return tries;
}

static int tries_shown(void) {
    card *c = put_in();
    send(c, under_test->select);
    status_word sw = send(c, under_test->query);
    under_test->kind->close(&c);
    return status_word_tries(sw) >= 0 ? status_word_tries(sw) : 0;
}

static bool test_pin(long rounds) {
    long in_flight = 0, spent = 0, answers = 0, broken = 0;
    make_fresh();
    int tries = tries_on_disk();
    for (long i = 0; i < rounds; i++) {
        if (tries == 0) {
            make_fresh();
            tries = tries_on_disk();
        }
        round_result r = run_child(tries, i % 2 == 0);
        int disk = tries_on_disk(), shown = tries_shown();
        in_flight += r.in_flight != 0;
        spent += r.spent;
        answers += r.answers;
        if (!(r.possible & 1u << disk) || shown != disk || r.impossible_answers > 0) {
            broken++;
            printf("# round %ld: %d tries before, %d on disk, %d shown, possible: %04X, impossible answers: %d\n", i,
                   tries, disk, shown, r.possible, r.impossible_answers);
        }
        tries = disk;
    }
    printf("# %s: %ld kills, %ld of them with a PIN given and not answered (%ld right after a write), %ld answers\n",
           under_test->name, rounds, in_flight, spent, answers);
    return broken == 0 && in_flight > rounds / 10 && spent > rounds / 10 && answers > rounds / 10;
}

int main(int count, char **arguments) {
    const size_t kinds = sizeof pins / sizeof *pins;
    bool all_good = true;
    if (count != 4) {
        fprintf(stderr, "usage: killed-cards IMAGES ROUNDS SEED\n");
        return 2;
    }
    images = arguments[1];
    long rounds = atol(arguments[2]);
    srandom((unsigned)atol(arguments[3]));
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < kinds; i++) {
        under_test = &pins[i];
        bool good = test_pin(rounds / (long)kinds);
        printf("%sok %zu - %s: no try comes back\n", good ? "" : "not ", i + 1, under_test->name);
        all_good = all_good && good;
    }
    printf("1..%zu\n", kinds);
    return all_good ? 0 : 1;
}
