/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/clock_check.h"

#include "delivery/ledger.h"
#include "delivery/sealed_record.h"

#include "base/clock.h"

#define SETTING_LAST_SEEN "last-seen" /* RFC 3339 */
#define NOTE_EVERY_S 60

/* The newest time at which this terminal worked; 0 before it ever did. */
static int64_t last_seen(store_access *store) {
    return record_time(store, SETTING_LAST_SEEN);
}

/* Whether there is such a time, but it cannot be read. */
static bool is_lost(store_access *store) {
    return last_seen(store) == 0 && ledger_setting(store, SETTING_LAST_SEEN) != 0;
}

result clock_confirm_time(store_access *store, int64_t at) {
    return record_set_time(store, SETTING_LAST_SEEN, at);
}

typedef enum plausibility { PLAUSIBLE, LOST, BEHIND, AHEAD } plausibility;

static plausibility plausibility_of(store_access *store, int64_t now, int64_t seen) {
    if (is_lost(store))
        return LOST;
    if (seen != 0 && now < seen - CLOCK_BACK_TOLERANCE_S)
        return BEHIND;
    if (seen != 0 && now > seen + CLOCK_AHEAD_MAX_S)
        return AHEAD;
    return PLAUSIBLE;
}

bool clock_is_plausible(store_access *store) {
    return plausibility_of(store, clock_wall_s(), last_seen(store)) == PLAUSIBLE;
}

outcome clock_check(store_access *store, report *r) {
    char now_text[CLOCK_PEOPLE_SIZE], seen_text[CLOCK_PEOPLE_SIZE];
    const int64_t now = clock_wall_s(), seen = last_seen(store);
    clock_text_in_japan(now, now_text);
    clock_text_in_japan(seen, seen_text);
    switch (plausibility_of(store, now, seen)) {
    case LOST:
        return report_failure(
            r, OUTCOME_INTERNAL, "store",
            _("The time of this terminal's last work cannot be read, so its clock cannot be checked. Two "
              "administrators confirm the clock: uketsuke clock confirm"));
    case BEHIND:
        return report_failure(
            r, OUTCOME_REFUSED, "clock-behind",
            _("The terminal's clock says %s, but it has worked at %s already. Have the clock set right. If it is"
              " right, two administrators confirm it: uketsuke clock confirm"),
            now_text, seen_text);
    case AHEAD:
        return report_failure(
            r, OUTCOME_REFUSED, "clock-ahead",
            _("The terminal's clock says %s, long after it last worked (%s). Have the clock set right. If it is"
              " right, two administrators confirm it: uketsuke clock confirm"),
            now_text, seen_text);
    case PLAUSIBLE: break;
    }
    return OUTCOME_OK;
}

void clock_note(store_access *store) {
    const int64_t now = clock_wall_s();
    if (now > last_seen(store) + NOTE_EVERY_S)
        clock_confirm_time(store, now);
}
