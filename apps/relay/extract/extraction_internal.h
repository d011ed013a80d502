/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parts of extraction.c that have files of their own. */
#pragma once

#include "extract/extract_store.h"
#include "extract/extract_timer.h"
#include "extract/extraction.h"

#include <pthread.h>
#include <stdatomic.h>

struct extraction {
    extraction_options options;
    extract_store *store;
    pthread_t thread;
    bool running;
    _Atomic bool ending, wanted;
    extract_timer timer;  /* of the thread */
    int64_t purge_due_ms; /* likewise */
    _Atomic uint64_t asked, changed, failed;
    _Atomic int64_t asked_at;
};

/* Asks about every patient who is due. False: the run was broken off. */
bool extraction_ask_all(extraction *x);

/* The platform's word in an answer. */
void extraction_word_of(const eligibility_response *answer, insured_word *out);
