/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A disk for SQLite that loses what was not synchronised when the power is cut: before a given write, truncation or
 * synchronisation. Of the writes since the last synchronisation of a file none, the last, or every second one is there
 * afterwards (sqlite.org, "Atomic Commit In SQLite", 2). One thread at a time; what fails ends the test. */
#pragma once

#include <stdbool.h>

typedef enum losing_disk_survivors {
    LOSING_DISK_NONE,
    LOSING_DISK_LAST,
    LOSING_DISK_EVERY_SECOND,
    LOSING_DISK_SURVIVORS
} losing_disk_survivors;

/* From here on SQLite's files are on it; the power is cut before this step, from 1 on. */
void losing_disk_begin(unsigned cut_at);
bool losing_disk_is_dead(void);
/* How many steps there were. */
unsigned losing_disk_steps(void);
/* What is found when the power is back, by SQLite's own means again. Nothing may be open any more. */
void losing_disk_come_back(losing_disk_survivors which);
/* Takes its files away. */
void losing_disk_empty(void);
