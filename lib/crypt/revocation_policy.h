/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state of a revocation list at a time, and its effect: one table for every certificate that is checked, of
 * patients, operators, institutions, services and of both ends of TLS.
 *
 * The time in question is the time of use: when a card signed, when a connection is made. A list is valid up to its
 * nextUpdate and, by the grace period, for some days beyond it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Set by the operator of the terminal or the service ([trust] in the configuration). All zero: the strictest. */
typedef struct revocation_policy {
    unsigned grace_days; /* how long a list past its nextUpdate is still accepted */
    bool without_lists;  /* a CA without any list is accepted: its operator has decided that there is none */
} revocation_policy;

#define REVOCATION_GRACE_DAYS 3 /* default: as long as a terminal may be without network */
#define REVOCATION_GRACE_DAYS_MAX 30
#define REVOCATION_WARNING_DAYS 7 /* before nextUpdate */

/* The better one first: of several lists of a CA the best one counts. */
typedef enum revocation_state {
    REVOCATION_CURRENT = 0,
    REVOCATION_ENDING,         /* nextUpdate is near */
    REVOCATION_GRACE,          /* past nextUpdate, within the grace */
    REVOCATION_STALE,          /* past the grace. A list without nextUpdate ends with its thisUpdate */
    REVOCATION_EARLY,          /* thisUpdate lies in the future */
    REVOCATION_NOT_UNDERSTOOD, /* part of a list only, or an unknown critical extension (RFC 5280 5.2, 5.3) */
    REVOCATION_OTHER_ISSUER,   /* there are lists, but none that this CA has signed */
    REVOCATION_MISSING,        /* there is no list at all */
} revocation_state;

typedef struct revocation_rule {
    bool permits; /* a certificate that the list does not name is not revoked; false: unknown, so nothing is accepted */
    bool warns;
    const char *text; /* of the list: "is past its nextUpdate" */
} revocation_rule;

/* The times of a list. Seconds since 1970; until -1: it has no nextUpdate. */
typedef struct revocation_facts {
    bool understood;
    int64_t from, until;
} revocation_facts;

/* at: the time in question (a future time counts as now); now: by the clock. Never REVOCATION_OTHER_ISSUER or
 * _MISSING. */
revocation_state revocation_check(const revocation_facts *list, const revocation_policy *policy, int64_t at,
                                  int64_t now);
revocation_rule revocation_rule_of(revocation_state state, const revocation_policy *policy);
