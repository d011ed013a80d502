/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A nation's Monday under a virtual clock: 230,000 terminals, their own pacing, the services' own slots, shares and
 * rules of refusal, through outages of every kind. docs/nation/README.md explains what is modelled.
 *
 *   nation FOLDER [SCENARIO...]
 *
 * Writes FOLDER/SCENARIO.csv (ten-minute steps), FOLDER/nation.json (the figures with their goals) and FOLDER/days.md (a
 * table of the days for docs/nation/README.md); prints both.
 * Ends with 1 when a goal was missed. The same program gives the same numbers each time. */
#include "bench/nation_day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOUR 3600000LL
#define MINUTE 60000LL

/* docs/benchmarks.md: a core of this project's machine; the refusal of a long batch has its body to read. What a visit
 * costs bench/nation-check measures: its receipt is signed, its doctor's and its evidence's signatures are verified. */
static const nation_costs costs[NATION_SERVICES] = {
    [NATION_PLATFORM] = {.handshake = 2.5,
                         .resumed = 1.9,
                         .ping = 0.05,
                         .reception = 1.6,
                         .refusal = 0.4,
                         .signature = 0.65,
                         .entry = 0.5,
                         .alone = 1.15},
    [NATION_HISTORY] = {
        .handshake = 2.5, .resumed = 1.9, .ping = 0.05, .refusal = 0.4, .signature = 0.65, .entry = 5.8, .alone = 5.8}};

/* clang-format off */
static const nation_scenario scenarios[] = {
    {.name = "ordinary", .title = "An ordinary Monday", .instances = 4, .cores_each = 2},
    {.name = "down-1h", .title = "The platform is down from 08:30 to 09:30", .instances = 4, .cores_each = 2,
     .down_from_ms = 8 * HOUR + 30 * MINUTE, .down_until_ms = 9 * HOUR + 30 * MINUTE},
    {.name = "down-1h-silent", .title = "The same, and what is sent is swallowed", .instances = 4, .cores_each = 2,
     .down_from_ms = 8 * HOUR + 30 * MINUTE, .down_until_ms = 9 * HOUR + 30 * MINUTE, .silent = true},
    {.name = "down-15min", .title = "The platform is down from 09:15 to 09:30", .instances = 4, .cores_each = 2,
     .down_from_ms = 9 * HOUR + 15 * MINUTE, .down_until_ms = 9 * HOUR + 30 * MINUTE},
    {.name = "down-6h", .title = "The platform is down from 08:30 to 14:30", .instances = 4, .cores_each = 2,
     .down_from_ms = 8 * HOUR + 30 * MINUTE, .down_until_ms = 14 * HOUR + 30 * MINUTE},
    {.name = "herd", .title = "57.5 million receptions wait at 08:00", .instances = 4, .cores_each = 2,
     .down_from_ms = 8 * HOUR, .down_until_ms = 8 * HOUR, .waiting_max = 499},
    {.name = "four-cores", .title = "Down one hour, with four cores where eight are enough", .instances = 4,
     .cores_each = 1, .down_from_ms = 8 * HOUR + 30 * MINUTE, .down_until_ms = 9 * HOUR + 30 * MINUTE},
    {.name = "whole-handshakes", .title = "The same, and no terminal resumes a TLS session", .instances = 4,
     .cores_each = 1, .down_from_ms = 8 * HOUR + 30 * MINUTE, .down_until_ms = 9 * HOUR + 30 * MINUTE,
     .whole_handshakes = true},
    {.name = "partition", .title = "15 % of the country are cut off from 09:00 to 12:00", .instances = 4,
     .cores_each = 2, .down_from_ms = 9 * HOUR, .down_until_ms = 12 * HOUR, .cut_part = 0.15},
    {.name = "flapping", .title = "From 09:00 to 10:00 the platform is up and down every five minutes", .instances = 4,
     .cores_each = 2, .down_from_ms = 9 * HOUR, .down_until_ms = 10 * HOUR, .flap_ms = 5 * MINUTE},
    {.name = "storm", .title = "One institution sends batches without any pause", .instances = 4, .cores_each = 2,
     .storm = true},
    {.name = "wrong-clocks", .title = "Down one hour; every second terminal's clock is wrong", .instances = 4,
     .cores_each = 2, .down_from_ms = 8 * HOUR + 30 * MINUTE, .down_until_ms = 9 * HOUR + 30 * MINUTE,
     .wrong_clocks = 0.5},
    {.name = "old-half", .title = "Down one hour; half of the nation has the version before, with wrong clocks",
     .instances = 4, .cores_each = 2, .down_from_ms = 8 * HOUR + 30 * MINUTE,
     .down_until_ms = 9 * HOUR + 30 * MINUTE, .wrong_clocks = 0.5, .old_part = 0.5},
    {.name = "both-6h", .title = "Platform and history service are down from 08:30 to 14:30", .instances = 4,
     .cores_each = 2, .down_from_ms = 8 * HOUR + 30 * MINUTE, .down_until_ms = 14 * HOUR + 30 * MINUTE,
     .visits = true},
    {.name = "history-6h", .title = "The history service alone is down from 08:30 to 14:30", .instances = 4,
     .cores_each = 2, .down_from_ms = 8 * HOUR + 30 * MINUTE, .down_until_ms = 14 * HOUR + 30 * MINUTE,
     .visits = true, .platform_stays = true},
};
/* clang-format on */
#define SCENARIOS (sizeof scenarios / sizeof *scenarios)

static nation_day *days; /* of SCENARIOS; shared with the processes that compute them */

static bool write_csv(const char *folder, const nation_scenario *s, const nation_day *d) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.csv", folder, s->name);
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        return false;
    }
    fprintf(file, "time,online_per_s,offline_per_s,waiting,refused_503_per_s,refused_429_per_s,handshakes_per_s,"
                  "evidences_per_s,processor,processor_live,counter_p50_ms,counter_p99_ms,"
                  "visits_waiting,visits_per_s,stopped_per_s,processor_background\n");
    for (unsigned i = 0; i < d->row_count; i++) {
        const nation_row *r = &d->rows[i];
        const int64_t minutes = r->at_ms / MINUTE;
        fprintf(file, "%02d:%02d,%.1f,%.1f,%llu,%.1f,%.1f,%.1f,%.1f,%.3f,%.3f,%.0f,%.0f,%llu,%.1f,%.2f,%.3f\n",
                (int)(minutes / 60 % 24), (int)(minutes % 60), (double)r->online / 600, (double)r->offline / 600,
                (unsigned long long)r->waiting, (double)r->full / 600, (double)r->limited / 600,
                (double)r->handshakes / 600, (double)r->evidences / 600, r->used, r->live, r->counter_p50_ms,
                r->counter_p99_ms, (unsigned long long)r->visits_waiting, (double)r->visits / 600,
                (double)r->stopped / 600, r->background);
    }
    return fclose(file) == 0;
}

/* --- figures ---------------------------------------------------------------------------------------------------------- */

static const nation_day *day_of(const char *name) {
    for (size_t i = 0; i < SCENARIOS; i++)
        if (strcmp(scenarios[i].name, name) == 0)
            return days[i].row_count ? &days[i] : NULL;
    return NULL;
}

static double part(uint64_t some, uint64_t all) {
    return all ? (double)some / (double)all : 0;
}

static double wait_s(const nation_day *d) {
    return d->counter_p99_ms / 1000;
}
static double offline_part(const nation_day *d) {
    return part(d->offline, d->receptions);
}
static double minutes(double seconds) {
    return seconds < 0 ? 1e6 : seconds / 60;
}
static double final_min(const nation_day *d) {
    return minutes(d->final_s[NATION_PLATFORM]);
}
static double registered_min(const nation_day *d) {
    return minutes(d->final_s[NATION_HISTORY]);
}
static double offline_after(const nation_day *d) {
    return part(d->offline_after, d->receptions_after);
}
static double refused_part(const nation_day *d) {
    return part(d->refused, d->tries);
}
static double worst(const nation_day *d) {
    return d->worst_part;
}
static double unfairness(const nation_day *d) {
    return d->clinic_p99_s > 0 ? d->hospital_p99_s / d->clinic_p99_s : 0;
}
static double lost(const nation_day *d) {
    return (double)d->lost;
}
static double visits_lost(const nation_day *d) {
    return (double)d->visits_lost;
}
static double stopped_part(const nation_day *d) {
    return part(d->stopped, d->receptions);
}
static double background(const nation_day *d) {
    return d->worst_background;
}

/* better: 'l' at most the goal, 'h' at least. */
static const struct {
    const char *scenario, *name, *unit;
    double (*of)(const nation_day *d);
    double goal;
    char better;
} figures[] = {
    {"ordinary", "ordinary Monday: wait at the counter, p99", "s", wait_s, 3, 'l'},
    {"ordinary", "ordinary Monday: received offline", "part", offline_part, 0, 'l'},
    {"down-1h", "down one hour: all final after recovery", "min", final_min, 20, 'l'},
    {"down-1h", "down one hour: received offline after recovery", "part", offline_after, 0.01, 'l'},
    {"down-6h", "down six hours: all final after recovery", "min", final_min, 30, 'l'},
    {"down-6h", "down six hours: received offline after recovery", "part", offline_after, 0.01, 'l'},
    {"down-6h", "down six hours: receptions that a terminal's limit of 500 stops", "part", stopped_part, 0.01, 'l'},
    {"herd", "08:00 herd: refused of tries", "part", refused_part, 0.5, 'l'},
    {"herd", "08:00 herd: received offline", "part", offline_after, 0.01, 'l'},
    {"four-cores", "four cores: evidences of what they could do, worst ten minutes", "part", worst, 0.5, 'h'},
    {"four-cores", "four cores: received offline after recovery", "part", offline_after, 0.01, 'l'},
    {"four-cores", "four cores: handshakes for batches alone, of the cores, worst ten minutes", "part", background,
     0.25, 'l'},
    {"whole-handshakes", "four cores, whole handshakes: evidences of what they could do, worst ten minutes", "part",
     worst, 0.5, 'h'},
    {"down-1h", "down one hour: hospital p99 against clinic p99", "ratio", unfairness, 1.5, 'l'},
    {"flapping", "flapping platform: all final after it", "min", final_min, 20, 'l'},
    {"partition", "15 % cut off: all final after it", "min", final_min, 20, 'l'},
    {"partition", "15 % cut off: received offline after it", "part", offline_after, 0.01, 'l'},
    {"flapping", "flapping platform: received offline after it", "part", offline_after, 0.01, 'l'},
    {"storm", "one institution storms: received offline", "part", offline_part, 0, 'l'},
    {"storm", "one institution storms: wait at the counter, p99", "s", wait_s, 3, 'l'},
    {"wrong-clocks", "wrong clocks: all final after recovery", "min", final_min, 20, 'l'},
    {"wrong-clocks", "wrong clocks: received offline after recovery", "part", offline_after, 0.01, 'l'},
    {"old-half", "half on the version before: all final after recovery", "min", final_min, 25, 'l'},
    {"old-half", "half on the version before: received offline after recovery", "part", offline_after, 0.01, 'l'},
    {"both-6h", "both services down six hours: receptions final after recovery", "min", final_min, 30, 'l'},
    {"both-6h", "both services down six hours: their visits registered after recovery", "min", registered_min, 240,
     'l'},
    {"both-6h", "both services down six hours: visits lost", "visits", visits_lost, 0, 'l'},
    {"history-6h", "history service down six hours: received offline", "part", offline_part, 0, 'l'},
    {"history-6h", "history service down six hours: its visits registered after recovery", "min", registered_min, 240,
     'l'},
    {"history-6h", "history service down six hours: visits lost", "visits", visits_lost, 0, 'l'},
    {"down-1h", "lost, down one hour", "receptions", lost, 0, 'l'},
    {"down-6h", "lost, down six hours", "receptions", lost, 0, 'l'},
    {"herd", "lost, herd", "receptions", lost, 0, 'l'},
    {"flapping", "lost, flapping", "receptions", lost, 0, 'l'},
};

static bool is_good(double ours, double goal, char better) {
    return better == 'l' ? ours <= goal : ours >= goal;
}

/* name, unit, ours, peer, peer_name, ratio, goal: the peer is the goal itself. */
static bool write_figures(const char *folder, bool *all_good) {
    char path[4096];
    snprintf(path, sizeof path, "%s/nation.json", folder);
    FILE *file = fopen(path, "w");
    const char *comma = "";
    if (!file) {
        perror(path);
        return false;
    }
    fprintf(file, "[");
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        const nation_day *d = day_of(figures[i].scenario);
        if (!d)
            continue;
        const double ours = figures[i].of(d), goal = figures[i].goal;
        const bool good = is_good(ours, goal, figures[i].better);
        const double ratio = figures[i].better == 'h' ? ours / goal : ours > 0 ? goal / ours : 1;
        fprintf(file,
                "%s\n  {\"name\": \"%s\", \"unit\": \"%s\", \"ours\": %.4g, \"peer\": %g, \"peer_name\": \"goal\","
                " \"ratio\": %.3f, \"goal\": 1}",
                comma, figures[i].name, figures[i].unit, ours, goal, ratio);
        comma = ",";
        printf("%-66s %10.4g %-10s goal %s %g%s\n", figures[i].name, ours, figures[i].unit,
               figures[i].better == 'l' ? "<=" : ">=", goal, good ? "" : "  MISSED");
        *all_good = *all_good && good;
    }
    fprintf(file, "\n]\n");
    return fclose(file) == 0;
}

static bool is_wanted(const char *name, int count, char **names) {
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count == 0;
}

static void print_day(const nation_scenario *s, const nation_day *d) {
    printf("%-16s %5.1f s  offline %.4f  after %.4f  stopped %.4f  final %7.0f s  visits %7.0f s"
           "  hospital/clinic p99 %5.0f/%5.0f s  refused %.2f  worst %.2f  background %.3f  p99 %.0f ms\n",
           s->name, d->seconds, offline_part(d), offline_after(d), stopped_part(d), d->final_s[NATION_PLATFORM],
           d->final_s[NATION_HISTORY], d->hospital_p99_s, d->clinic_p99_s, refused_part(d), d->worst_part,
           d->worst_background, d->counter_p99_ms);
    fflush(stdout);
}

static void write_minutes(FILE *file, double seconds) {
    if (seconds < 0)
        fprintf(file, " - |");
    else
        fprintf(file, " %.1f min |", seconds / 60);
}

static void write_day(FILE *file, const nation_scenario *s, const nation_day *d) {
    fprintf(file, "| [%s](%s.svg) | %.2f %% | %.2f %% | %.2f %% |", s->name, s->name, 100 * offline_part(d),
            100 * offline_after(d), 100 * stopped_part(d));
    write_minutes(file, d->final_s[NATION_PLATFORM]);
    write_minutes(file, d->final_s[NATION_HISTORY]);
    if (d->final_s[NATION_PLATFORM] < 0)
        fprintf(file, " - |");
    else
        fprintf(file, " %.0f / %.0f s |", d->hospital_p99_s, d->clinic_p99_s);
    fprintf(file, " %.0f %% | %.0f ms |\n", 100 * refused_part(d), d->counter_p99_ms);
}

/* Of those that were computed in this run. */
static bool write_table(const char *folder) {
    char path[4096];
    snprintf(path, sizeof path, "%s/days.md", folder);
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        return false;
    }
    fprintf(file, "| scenario | received offline, whole day | offline after recovery | stopped by a terminal's limit |"
                  " all final after recovery | visits registered after it | hospital / clinic p99 | refused of batch"
                  " tries | wait at the counter, p99 |\n|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < SCENARIOS; i++)
        if (days[i].row_count > 0)
            write_day(file, &scenarios[i], &days[i]);
    return fclose(file) == 0;
}

static bool compute(const char *folder, size_t i) {
    const bool good = nation_run(&scenarios[i], costs, &days[i]) && write_csv(folder, &scenarios[i], &days[i]);
    if (good)
        print_day(&scenarios[i], &days[i]);
    return good;
}

/* Waits for one of the processes that compute a day. */
static bool await_one(unsigned *running) {
    int status = 0;
    *running -= wait(&status) > 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* As many at once as there are processors; what one says does not depend on the others. */
static bool compute_all(const char *folder, int count, char **names) {
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned running = 0;
    bool good = true;
    for (size_t i = 0; good && i < SCENARIOS; i++) {
        if (!is_wanted(scenarios[i].name, count, names))
            continue;
        if (running > 0 && (long)running >= processors)
            good = await_one(&running);
        const pid_t child = fork();
        if (child == 0)
            _exit(compute(folder, i) ? 0 : 1);
        good = good && child > 0;
        running += child > 0;
    }
    while (running > 0)
        good = await_one(&running) && good;
    return good;
}

int main(int argc, char **argv) {
    bool good = true;
    if (argc < 2) {
        fprintf(stderr, "usage: nation FOLDER [SCENARIO...]\n");
        return 2;
    }
    days = mmap(NULL, SCENARIOS * sizeof *days, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (days == MAP_FAILED || !compute_all(argv[1], argc - 2, argv + 2))
        return 1;
    return write_table(argv[1]) && write_figures(argv[1], &good) && good ? 0 : 1;
}
