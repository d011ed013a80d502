/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A nation's Monday under a virtual clock: 230,000 institutions, the terminal's own pacing, the platform's own slots,
 * shares and rules of refusal, through outages of every kind. docs/nation/README.md explains what is modelled.
 *
 *   nation FOLDER [SCENARIO...]
 *
 * Writes FOLDER/SCENARIO.csv (ten-minute steps) and FOLDER/nation.json (the figures with their goals); prints a table.
 * Ends with 1 when a goal was missed. The same program gives the same numbers each time. */
#include "bench/nation_terminals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR 3600000LL
#define MINUTE 60000LL

/* docs/benchmarks.md: a core of this project's machine; the refusal of a long batch has its body to read. */
static const nation_costs costs = {.handshake = 2.5,
                                   .resumed = 1.9,
                                   .ping = 0.05,
                                   .reception = 1.6,
                                   .refusal = 0.4,
                                   .signature = 0.65,
                                   .evidence = 0.5};

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
};
/* clang-format on */
#define SCENARIOS (sizeof scenarios / sizeof *scenarios)

static nation_day days[SCENARIOS];

static bool write_csv(const char *folder, const nation_scenario *s, const nation_day *d) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.csv", folder, s->name);
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        return false;
    }
    fprintf(file, "time,online_per_s,offline_per_s,waiting,refused_503_per_s,refused_429_per_s,handshakes_per_s,"
                  "evidences_per_s,processor,processor_live,counter_p50_ms,counter_p99_ms\n");
    for (unsigned i = 0; i < d->row_count; i++) {
        const nation_row *r = &d->rows[i];
        const int64_t minutes = r->at_ms / MINUTE;
        fprintf(file, "%02d:%02d,%.1f,%.1f,%llu,%.1f,%.1f,%.1f,%.1f,%.3f,%.3f,%.0f,%.0f\n", (int)(minutes / 60 % 24),
                (int)(minutes % 60), (double)r->online / 600, (double)r->offline / 600, (unsigned long long)r->waiting,
                (double)r->full / 600, (double)r->limited / 600, (double)r->handshakes / 600,
                (double)r->evidences / 600, r->used, r->live, r->counter_p50_ms, r->counter_p99_ms);
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
static double final_min(const nation_day *d) {
    return d->final_s < 0 ? 1e6 : d->final_s / 60;
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
    {"herd", "08:00 herd: refused of tries", "part", refused_part, 0.5, 'l'},
    {"herd", "08:00 herd: received offline", "part", offline_after, 0.01, 'l'},
    {"four-cores", "four cores: evidences of what they could do, worst ten minutes", "part", worst, 0.5, 'h'},
    {"four-cores", "four cores: received offline after recovery", "part", offline_after, 0.01, 'l'},
    {"whole-handshakes", "four cores, whole handshakes: evidences of what they could do, worst ten minutes", "part",
     worst, 0.5, 'h'},
    {"down-1h", "down one hour: hospital p99 against clinic p99", "ratio", unfairness, 1.5, 'l'},
    {"flapping", "flapping platform: all final after it", "min", final_min, 20, 'l'},
    {"partition", "15 % cut off: all final after it", "min", final_min, 20, 'l'},
    {"storm", "one institution storms: received offline", "part", offline_part, 0, 'l'},
    {"wrong-clocks", "wrong clocks: all final after recovery", "min", final_min, 20, 'l'},
    {"old-half", "half on the version before: all final after recovery", "min", final_min, 25, 'l'},
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
    printf("%-15s %5.1f s  offline %.4f  after %.4f  final %7.0f s  hospital/clinic p99 %5.0f/%5.0f s  refused %.2f"
           "  worst %.2f  p99 %.0f ms\n",
           s->name, d->seconds, offline_part(d), offline_after(d), d->final_s, d->hospital_p99_s, d->clinic_p99_s,
           refused_part(d), d->worst_part, d->counter_p99_ms);
    fflush(stdout);
}

int main(int argc, char **argv) {
    bool good = true;
    if (argc < 2) {
        fprintf(stderr, "usage: nation FOLDER [SCENARIO...]\n");
        return 2;
    }
    for (size_t i = 0; i < SCENARIOS; i++) {
        if (!is_wanted(scenarios[i].name, argc - 2, argv + 2))
            continue;
        if (!nation_run(&scenarios[i], &costs, &days[i]) || !write_csv(argv[1], &scenarios[i], &days[i]))
            return 1;
        print_day(&scenarios[i], &days[i]);
    }
    return write_figures(argv[1], &good) && good ? 0 : 1;
}
