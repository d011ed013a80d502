/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator.h"

#include "generator_names.h"
#include "base/clock.h"
#include "base/copy_text.h"

#include <stdio.h>
#include <string.h>

#define DAY_S 86400
#define YEAR_DAYS 365.2425
#define FIRST_SERIAL 0x10000000U /* every person has two serials in a row: of the old card and of the renewed one */

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* A number that depends on seed, household, person and question only, so that people do not depend on their order
 * (splitmix64: Steele, Lea, Flood 2014). */
static uint64_t draw(const generator *g, unsigned member, unsigned question) {
    uint64_t z = g->seed + 0x9E3779B97F4A7C15U * (g->household * 64 + member * 16 + question + 1);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

/* True in so many of a thousand cases. */
static bool happens(const generator *g, unsigned member, unsigned question, unsigned permille) {
    return draw(g, member, question) % 1000 < permille;
}

enum question {
    SIZE,
    SURNAME,
    GIVEN,
    AGE,
    BIRTHDAY,
    INSURER,
    NUMBER,
    RENEWED,
    CHANGE,
    CHANGE_DAY,
    LIMIT,
    SHARE,
    SEX,
    SEED,
    HOUSE,
    REASON
};

static void day_text(int64_t day, char text[CLOCK_DATE_SIZE]) {
    clock_date_in_japan(day * DAY_S, text);
}

static int64_t present(const generator *g) {
    char text[CLOCK_TEXT_SIZE];
    int64_t seconds = 0;
    snprintf(text, sizeof text, "%.10sT00:00:00Z", g->day);
    clock_parse(text, &seconds);
    return seconds / DAY_S;
}

/* Heads of households are grown up; the second is of the same age, the others are a generation younger. */
static unsigned age_of(const generator *g, unsigned member) {
    unsigned head = 20 + (unsigned)(draw(g, 0, AGE) % 72);
    if (member == 0)
        return head;
    if (member == 1)
        return head < 25 ? head : head - 5 + (unsigned)(draw(g, 1, AGE) % 10);
    unsigned youngest = head > 45 ? head - 45 : 0;
    return youngest + (unsigned)(draw(g, member, AGE) % 15);
}

static void name_person(const generator *g, platform_person *out) {
    bool woman = draw(g, g->member, SEX) % 2;
    const generator_name family = generator_surname(draw(g, 0, SURNAME)),
                         given = generator_given_name(draw(g, g->member, GIVEN), woman);
    snprintf(out->name, sizeof out->name, "%s　%s", family.name, given.name);
    snprintf(out->kana, sizeof out->kana, "%s　%s", family.kana, given.kana);
    COPY_TEXT(out->sex, woman ? "female" : "male");
    snprintf(out->link_seed, sizeof out->link_seed, "%016llX%016llX", (unsigned long long)draw(g, g->member, SEED),
             (unsigned long long)(g->person));
}

/* A household lives at one place. There is no postal code that begins with 000, and no such town. */
static void house_person(const generator *g, platform_person *out) {
    const uint64_t house = draw(g, 0, HOUSE);
    snprintf(out->postal_code, sizeof out->postal_code, "000-%04u", (unsigned)(house % 10000));
    snprintf(out->address, sizeof out->address, "架空県%s%s%u丁目%u番%u号", generator_town(house / 7),
             generator_quarter(house / 11), 1 + (unsigned)(house / 13 % 9), 1 + (unsigned)(house / 17 % 30),
             1 + (unsigned)(house / 19 % 20));
}

static int64_t birthday(const generator *g, unsigned age) {
    return present(g) - (int64_t)(age * YEAR_DAYS) - (int64_t)(draw(g, g->member, BIRTHDAY) % 365);
}

/* --- insurers ------------------------------------------------------------------------------------------------------ */

typedef enum kind { COMPANY, ASSOCIATION, MUNICIPAL, LATE_ELDERLY } kind;

static const struct {
    const char *law, *name; /* 法別番号; 国保 has none */
} kinds[] = {[COMPANY] = {"06", "健康保険組合"},
             [ASSOCIATION] = {"01", "健康保険協会支部"},
             [MUNICIPAL] = {"", "市国民健康保険"},
             [LATE_ELDERLY] = {"39", "後期高齢者医療広域連合"}};

/* Law (2 digits or none), prefecture 99, insurer (3 digits), check digit: weights 2 and 1 in turn from the right, digits
 * of products added, up to the next ten. */
static void insurer_number(const char *law, unsigned insurer, char *text, size_t size) {
    int sum = 0, length = snprintf(text, size, "%s99%03u", law, insurer % 1000);
    for (int i = length - 1, weight = 2; i >= 0; i--, weight = 3 - weight) {
        int product = (text[i] - '0') * weight;
        sum += product / 10 + product % 10;
    }
    snprintf(text + length, size - (size_t)length, "%d", (10 - sum % 10) % 10);
}

static kind kind_of(const generator *g, unsigned age, bool earlier) {
    if (age >= 75 && !earlier)
        return LATE_ELDERLY;
    return (kind)((draw(g, 0, INSURER) + earlier) % LATE_ELDERLY);
}

static int burden_of(const generator *g, unsigned age) {
    static const int late[] = {100, 100, 100, 200, 300};
    if (age >= 75)
        return late[draw(g, g->member, SHARE) % COUNT(late)];
    if (age >= 70)
        return draw(g, g->member, SHARE) % 6 == 0 ? 300 : 200;
    return age < 6 ? 200 : 300;
}

/* 適用区分: ア to オ below 70 years of age, from 70 on those that need a certificate. */
static const char *limit_of(const generator *g, unsigned age) {
    static const char *const young[] = {"ア", "イ", "ウ", "エ", "オ"}, *const old[] = {"現役並みⅡ", "現役並みⅠ",
                                                                                       "低所得Ⅱ", "低所得Ⅰ"};
    if (!happens(g, g->member, LIMIT, 60))
        return "";
    return age < 70 ? young[draw(g, g->member, SHARE) % COUNT(young)] : old[draw(g, g->member, SHARE) % COUNT(old)];
}

/* No coverage begins before birth, in the late elderly's insurance before 75, an elderly recipient before 70. */
static int64_t first_day(const generator *g, kind which, unsigned age) {
    const int64_t born = birthday(g, age);
    const unsigned reached = which == LATE_ELDERLY ? 75 : age >= 70 && age < 75 ? 70 : 0;
    return born + (int64_t)(reached * YEAR_DAYS + 0.5) + (reached != 0);
}

/* Why a coverage ended: of the earlier one of two, the change; of the only one, one of several. */
static const char *loss_of(const generator *g, unsigned age, bool earlier) {
    static const char *const lost[] = {"employment-ended", "moved", "public-assistance", "other"};
    if (earlier && age >= 75)
        return "late-elderly";
    if (g->member > 0)
        return "dependant-ended";
    return earlier ? "employment-ended" : lost[draw(g, 0, REASON) % COUNT(lost)];
}

static void add_coverage(const generator *g, platform_person *out, unsigned age, bool earlier, int64_t from,
                         int64_t to) {
    kind which = kind_of(g, age, earlier);
    const int64_t first = first_day(g, which, age);
    if (from < first)
        from = first;
    if (to && to < from)
        return;
    platform_coverage *c = &out->coverages[out->coverage_count++];
    unsigned insurer = (unsigned)(draw(g, 0, INSURER) / 8 + earlier);
    uint64_t number = draw(g, 0, NUMBER) >> earlier;
    insurer_number(kinds[which].law, insurer, c->insurer_number, sizeof c->insurer_number);
    snprintf(c->insurer_name, sizeof c->insurer_name, "架空%03u%s", insurer % 1000, kinds[which].name);
    if (which != LATE_ELDERLY)
        snprintf(c->symbol, sizeof c->symbol, "%u", (unsigned)(number % 100000));
    snprintf(c->number, sizeof c->number, "%u",
             (unsigned)(number / 100000 % 10000000 + (which == LATE_ELDERLY ? g->member : 0)));
    if (which != LATE_ELDERLY)
        snprintf(c->branch, sizeof c->branch, "%02u", g->member + 1);
    c->family = which < MUNICIPAL && g->member > 0;
    c->burden_permille = burden_of(g, age);
    c->elderly = age >= 70 && age < 75;
    COPY_TEXT(c->limit_category, limit_of(g, age));
    day_text(from, c->from);
    if (to)
        day_text(to, c->to);
    if (to && to < present(g))
        COPY_TEXT(c->loss_reason, loss_of(g, age, earlier));
}

/* 公費: by its law (法別番号), for one who is insured, or for one on public assistance instead of an insurance. */
static void add_public_expense(const generator *g, platform_person *out, const char *law, const char *name,
                               int64_t from) {
    platform_coverage *c = &out->coverages[out->coverage_count++];
    c->public_expense = true;
    insurer_number(law, (unsigned)(draw(g, 0, HOUSE) % 1000), c->insurer_number, sizeof c->insurer_number);
    COPY_TEXT(c->insurer_name, name);
    snprintf(c->number, sizeof c->number, "%07u", (unsigned)(draw(g, g->member, NUMBER) % 10000000));
    day_text(from, c->from);
}

static void pay_publicly(const generator *g, platform_person *out, unsigned age) {
    const platform_coverage *last = out->coverage_count > 0 ? &out->coverages[out->coverage_count - 1] : NULL;
    if (last && strcmp(last->loss_reason, "public-assistance") == 0)
        add_public_expense(g, out, "12", "生活保護（医療扶助）", present(g) - 1);
    else if (age < 6)
        add_public_expense(g, out, "81", "架空県子ども医療費助成", birthday(g, age));
    else if (happens(g, g->member, REASON, 15))
        add_public_expense(g, out, "54", "難病医療費助成", present(g) - 300);
}

/* A household changes together: the head changes job, and the dependants' coverage with it. Of a thousand: 80 changed job
 * in the last year, 20 lost their coverage, 5 will have a new one after a gap, 10 have two at once. */
static void insure(const generator *g, platform_person *out, unsigned age) {
    unsigned change = (unsigned)(draw(g, 0, CHANGE) % 1000);
    int64_t now = present(g), day = now - 1 - (int64_t)(draw(g, 0, CHANGE_DAY) % 364);
    int64_t begin = day - 400 - (int64_t)(draw(g, 0, CHANGE_DAY) % 3000);
    if (change < 80) {
        add_coverage(g, out, age, true, begin, day - 1);
        add_coverage(g, out, age, false, day, 0);
    } else if (change < 100) {
        add_coverage(g, out, age, false, begin, day);
    } else if (change < 105) {
        add_coverage(g, out, age, true, begin, day);
        add_coverage(g, out, age, false, now + 14, 0);
    } else {
        if (change < 115)
            add_coverage(g, out, age, true, begin, 0);
        add_coverage(g, out, age, false, begin, 0);
    }
}

static void add_certificate(const generator *g, platform_person *out, unsigned renewed) {
    platform_certificate *c = &out->certificates[out->certificate_count++];
    COPY_TEXT(c->issuer, g->issuer);
    snprintf(c->serial, sizeof c->serial, "%08X", FIRST_SERIAL + 2 * (unsigned)g->person + renewed);
}

void generator_next(generator *g, platform_person *out) {
    memset(out, 0, sizeof *out);
    if (g->member == g->members) {
        g->household += g->members != 0;
        g->member = 0;
        g->members = 1 + (unsigned)(draw(g, 0, SIZE) % 4);
    }
    unsigned age = age_of(g, g->member);
    name_person(g, out);
    house_person(g, out);
    day_text(birthday(g, age), out->birth_date);
    insure(g, out, age);
    pay_publicly(g, out, age);
    add_certificate(g, out, 0);
    if (happens(g, g->member, RENEWED, 150))
        add_certificate(g, out, 1);
    g->member++;
    g->person++;
}
