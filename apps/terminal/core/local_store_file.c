/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/local_store_file.h"

#include "base/file.h"
#include "base/secret.h"
#include "delivery/ledger.h"

#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The state folder belongs to the daemon's user alone: staff reach that process (lib/desk/desk_wire.h) and nothing
 * else. */
outcome state_folder_check(const char *path, report *r) {
    struct stat folder;
    if (stat(path, &folder) != 0)
        return OUTCOME_OK; /* reported when the store is opened */
    const struct passwd *owner = folder.st_uid != geteuid() ? getpwuid(folder.st_uid) : NULL;
    if (folder.st_uid != geteuid())
        return report_failure(
            r, OUTCOME_REFUSED, "state-foreign",
            _("The state folder %s belongs to the user %s, and no daemon of that user answers. Start it (systemctl "
              "start uketsuke); administrators work as that user: sudo -u %s uketsuke"),
            path, owner != NULL ? owner->pw_name : "-", owner != NULL ? owner->pw_name : "-");
    if ((folder.st_mode & 077) != 0)
        return report_failure(r, OUTCOME_USAGE, "state-open",
                              _("The state folder %s is open to other users. Run: chmod 700 %s"), path, path);
    return OUTCOME_OK;
}

const char *store_problem(result code) {
    if (code == RESULT_EXPIRED)
        return _("too old");
    return code == RESULT_UNAVAILABLE ? _("the disk is full; free space and begin again") : report_cause(code);
}

static const char *next_step(result code) {
    if (code == RESULT_EXPIRED)
        return _(
            "An earlier version of uketsuke has written it (store version 4 or earlier), which did not bind stores to "
            "the Secure Element. Install that version again, send and export the queued records, then move the file "
            "away: an empty store begins.");
    if (code == RESULT_UNSUPPORTED)
        return _("A newer version of uketsuke has written it: install that version again.");
    if (code == RESULT_INVALID)
        return _(
            "It is damaged. Keep the file, and restore a copy of it, or move it away: then an empty one begins, and "
            "queued records are lost.");
    return _("Are its permissions and those of its folder right?");
}

outcome store_open_file(store_access *store, report *r) {
    if (store->file != NULL)
        return OUTCOME_OK;
    char *path = file_join(store->folder, "terminal.sqlite");
    result code = path == NULL ? RESULT_NO_MEMORY : file_make_folders(store->folder, 0700);
    outcome done = code == RESULT_OK ? state_folder_check(store->folder, r) : OUTCOME_OK;
    if (done != OUTCOME_OK) {
        free(path);
        return done;
    }
    if (code == RESULT_OK)
        code = terminal_store_open(path, &store->file);
    if (code == RESULT_UNAVAILABLE)
        done = report_failure(r, OUTCOME_INTERNAL, "store",
                              _("The disk is full: the local store %s cannot be opened. Free space and begin again."),
                              path);
    else if (code != RESULT_OK)
        done = report_failure(r, OUTCOME_INTERNAL, "store", _("The local store %s cannot be opened: %s. %s"),
                              path != NULL ? path : "-", store_problem(code), next_step(code));
    free(path);
    return done;
}

void store_forget_keys(store_access *store) {
    secret_wipe(store->record_key, sizeof store->record_key);
    secret_wipe(store->index_key, sizeof store->index_key);
    secret_wipe(store->ledger_key, sizeof store->ledger_key);
    ledger_forget(store);
    store->unlocked = false;
}

void store_close(store_access *store) {
    store_forget_keys(store);
    terminal_store_close(&store->file);
}
