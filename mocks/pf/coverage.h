/* Which coverage holds on a day. Validity codes as the online eligibility check in Japan has them. */
#pragma once

#include "store/platform_store.h"

typedef enum validity {
    VALIDITY_VALID = 1,           /* 有効 */
    VALIDITY_INVALID = 2,         /* 無効 */
    VALIDITY_INVALID_NEW = 3,     /* 無効（新しい資格あり）: none on that day, but one that begins later */
    VALIDITY_NONE = 4,            /* 該当資格なし: unknown, or never insured */
    VALIDITY_SEVERAL = 5,         /* 複数該当 */
} validity;

typedef struct coverage_ruling {
    validity validity;
    const platform_coverage *coverages[PLATFORM_COVERAGES_MOST]; /* those to show: in force that day; for 3 the next */
    size_t count;
} coverage_ruling;

/* person may be NULL: unknown. day: YYYY-MM-DD; both the first and the last day of a coverage count. */
void coverage_rule(const platform_person *person, const char *day, coverage_ruling *out);
const char *validity_text(validity v);
