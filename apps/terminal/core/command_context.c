/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/command_context.h"

#include "base/clock.h"
#include "base/file.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

outcome context_make_output_folder(command_context *c) {
    const char *path = c->options.output;
    if (path == NULL)
        return report_failure(&c->report, OUTCOME_USAGE, "usage", _("Name the folder to write to with --output."));
    const result code = file_make_folders(path, 0700);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&c->report, OUTCOME_USAGE, "file", _("%s cannot be made (%s)."), path,
                          report_file_cause(code));
}

outcome context_check_days(command_context *c) {
    const char *const days[] = {c->options.from, c->options.to};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (days[i] != NULL && clock_check_date(days[i]) != RESULT_OK)
            return report_failure(&c->report, OUTCOME_USAGE, "usage",
                                  _("\"%s\" is no day. Write it like this: 2026-11-24"), days[i]);
    return OUTCOME_OK;
}

bool options_want_day(const options *o, int64_t at) {
    char day[CLOCK_DATE_SIZE];
    clock_date_in_japan(at, day);
    return (o->from == NULL || strcmp(day, o->from) >= 0) && (o->to == NULL || strcmp(day, o->to) <= 0);
}

static bool is_empty(const char *path) {
    DIR *folder = opendir(path);
    const struct dirent *entry = NULL;
    while (folder != NULL && (entry = readdir(folder)) != NULL &&
           (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0))
        continue;
    if (folder != NULL)
        closedir(folder);
    return folder != NULL && entry == NULL;
}

outcome context_make_export_folder(command_context *c, const char *path) {
    struct stat seen;
    if (lstat(path, &seen) == 0 && !(S_ISDIR(seen.st_mode) && is_empty(path)))
        return report_failure(&c->report, OUTCOME_USAGE, "exists",
                              _("%s is there already. Nothing is written over: name a new folder."), path);
    const result code = file_make_folders(path, 0700);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&c->report, OUTCOME_USAGE, "file", _("%s cannot be made (%s)."), path,
                          report_file_cause(code));
}
