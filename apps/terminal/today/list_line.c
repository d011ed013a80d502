/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "today/list_line.h"

#include "core/report.h"

#include <string.h>

void list_line_put(buffer *line, const char *before, const char *text, const char *after) {
    if (*text != 0)
        buffer_append_format(line, "%s%s%s%s", line->length > 0 ? "  " : "", before, text, after);
}

const char *list_line_sex(const char *word) {
    static const char *const words[][2] = {{"male", N_("male")}, {"female", N_("female")}, {"other", N_("other")}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], word) == 0)
            return language_text(words[i][1]);
    return "";
}

void list_line_person(buffer *line, const desk_person *p, const char *hospital_number) {
    list_line_put(line, "", p->name[0] != 0 || p->kana[0] != 0 ? p->name : _("name unknown"), "");
    list_line_put(line, "(", p->kana, ")");
    list_line_put(line, "", p->birth_date, "");
    list_line_put(line, "", list_line_sex(p->sex), "");
    list_line_put(line, _("hospital number "), hospital_number, "");
}

void list_line_done(buffer *line, const desk_note *n) {
    char at[CLOCK_PEOPLE_SIZE];
    if (!desk_note_done(n, at))
        return;
    list_line_put(line, _("done by "), desk_note_worker(n), "");
    buffer_append_format(line, ", %.16s", at);
}
