#include "core/record.h"

#define TEXT_MOST 512

limits limits_decided(terminal *t) {
    buffer text = BUFFER_INIT(TEXT_MOST);
    limits l = limits_default();
    if (record_setting(t, SETTING_LIMITS, &text) == RESULT_OK && limits_read(buffer_text(&text), &l) != RESULT_OK)
        l = limits_default();
    buffer_wipe(&text);
    return l;
}

void limits_apply(terminal *t) {
    const limits decided = limits_decided(t);
    t->limits = limits_strictest(&decided, &t->configuration.limits);
}
