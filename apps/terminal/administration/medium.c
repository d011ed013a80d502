/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "administration/medium.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWNER_FILE "terminal.json"
#define FILE_MAX 16384
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

static outcome cannot_open(command_context *ctx, const char *name, int error) {
    if (error == ELOOP || error == ENOTDIR)
        return report_failure(
            &ctx->report, OUTCOME_REFUSED, "medium-link",
            _("%s on the medium is a link or no folder. Nothing was read or written there. Remove it, "
              "or take another medium."),
            name);
    return report_failure(&ctx->report, OUTCOME_USAGE, "file", _("%s cannot be opened or made (%s)."), name,
                          report_system_cause(error));
}

/* Opens a subfolder, never through a link. */
static outcome open_below(command_context *ctx, int above, const char *name, bool make, int *out) {
    if (make && mkdirat(above, name, 0755) != 0 && errno != EEXIST)
        return cannot_open(ctx, name, errno);
    *out = openat(above, name, FOLDER_FLAGS | O_NOFOLLOW);
    return *out >= 0 || (!make && errno == ENOENT) ? OUTCOME_OK : cannot_open(ctx, name, errno);
}

/* The terminal's ID names a folder. */
static bool is_plain_name(const char *name) {
    return *name != 0 && *name != '.' && strchr(name, '/') == NULL;
}

outcome medium_open(command_context *ctx, medium *out) {
    const char *name = ctx->configuration.terminal_id;
    *out = (medium){-1};
    if (!is_plain_name(name))
        return report_failure(&ctx->report, OUTCOME_USAGE, "configuration",
                              _("[terminal] id = %s: it cannot name a folder on a medium."), name);
    const int all = open(ctx->options.medium, FOLDER_FLAGS);
    if (all < 0)
        return report_failure(&ctx->report, OUTCOME_USAGE, "file", _("%s cannot be opened (%s). Insert the medium."),
                              ctx->options.medium, report_system_cause(errno));
    outcome done = open_below(ctx, all, name, true, &out->folder);
    close(all);
    if (done == OUTCOME_OK)
        done = medium_check_owner(ctx, out, NULL, &(bool){false});
    return done;
}

void medium_close(medium *m) {
    if (m->folder >= 0)
        close(m->folder);
    m->folder = -1;
}

outcome medium_folder_open(command_context *ctx, const medium *m, const char *name, bool make, medium_folder *out) {
    *out = (medium_folder){.folder = -1};
    const outcome done = open_below(ctx, m->folder, name, make, &out->folder);
    snprintf(out->path, sizeof out->path, "/proc/self/fd/%d", out->folder);
    return done;
}

void medium_folder_close(medium_folder *f) {
    if (f->folder >= 0)
        close(f->folder);
    f->folder = -1;
}

bool medium_folder_has(const medium_folder *f, const char *name) {
    struct stat seen;
    return f->folder >= 0 && fstatat(f->folder, name, &seen, AT_SYMLINK_NOFOLLOW) == 0;
}

/* --- whose it is -------------------------------------------------------------------------------------------------- */

static bool says(const json_t *owner, const char *name, const char *value) {
    const char *said = json_string_value(json_object_get(owner, name));
    return said != NULL && strcmp(said, value) == 0;
}

static bool is_ours(const command_context *ctx, const json_t *owner, const char *serial) {
    return says(owner, "terminalId", ctx->configuration.terminal_id) &&
           says(owner, "institutionCode", ctx->configuration.institution_code) &&
           (serial == NULL || says(owner, "seSerial", serial));
}

outcome medium_check_owner(command_context *ctx, const medium *m, const char *serial, bool *known) {
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(FILE_MAX);
    const result code = file_read_entry(m->folder, OWNER_FILE, O_NOFOLLOW, &text);
    *known = false;
    if (code == RESULT_NOT_FOUND)
        return OUTCOME_OK;
    json_t *owner = code == RESULT_OK ? json_loadb((const char *)text.data, text.length, JSON_REJECT_DUPLICATES, NULL)
                                      : NULL;
    *known = is_ours(ctx, owner, serial);
    json_decref(owner);
    if (*known)
        return OUTCOME_OK;
    return report_failure(
        &ctx->report, OUTCOME_REFUSED, "medium-other",
        _("What the medium has for %s is another institution's, or another Secure Element's. Nothing was "
          "changed. Take this terminal's medium, or remove the folder %s/%s."),
        ctx->configuration.terminal_id, ctx->options.medium, ctx->configuration.terminal_id);
}

outcome medium_note_owner(command_context *ctx, const medium *m, const char *serial) {
    char path[MEDIUM_PATH_SIZE];
    snprintf(path, sizeof path, "/proc/self/fd/%d/" OWNER_FILE, m->folder);
    json_t *owner = json_pack("{s:s,s:s,s:s}", "institutionCode", ctx->configuration.institution_code, "seSerial",
                              serial, "terminalId", ctx->configuration.terminal_id);
    char *text = json_dumps(owner, JSON_INDENT(2) | JSON_SORT_KEYS);
    const result code = text != NULL ? file_replace(path, bytes_of(text, strlen(text)), 0644) : RESULT_NO_MEMORY;
    free(text);
    json_decref(owner);
    return code == RESULT_OK
               ? OUTCOME_OK
               : report_failure(&ctx->report, OUTCOME_INTERNAL, "file", _("%s could not be written to %s (%s)."),
                                OWNER_FILE, ctx->options.medium, report_file_cause(code));
}

/* --- secrets ------------------------------------------------------------------------------------------------------ */

result medium_take_secret(const medium *m, const char *path, const char *name) {
    CLEANED_BY(buffer_wipe) buffer ours = BUFFER_SECRET(FILE_MAX);
    CLEANED_BY(buffer_wipe) buffer there = BUFFER_SECRET(FILE_MAX);
    char copy[MEDIUM_PATH_SIZE + NAME_MAX];
    snprintf(copy, sizeof copy, "/proc/self/fd/%d/%s", m->folder, name);
    result code = file_read_secret(path, &ours);
    if (code != RESULT_OK)
        return code;
    code = file_read_entry(m->folder, name, O_NOFOLLOW, &there);
    if (code == RESULT_NOT_FOUND) {
        code = file_replace(copy, buffer_bytes(&ours), 0600);
        if (code == RESULT_OK)
            code = file_read_entry(m->folder, name, O_NOFOLLOW, &there);
    }
    if (code == RESULT_OK && !bytes_equal(buffer_bytes(&ours), buffer_bytes(&there)))
        code = RESULT_EXISTS;
    return code == RESULT_OK ? file_erase(path) : code;
}
