/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The office as the second signature of a decision at a terminal with one administrator: a paper, signed with a key that the
 * operators' CA has certified for this purpose (docs/interfaces/local-store.md, "Decisions"). Key and certificate are
 * made when they are first needed: office/office.key, office/office.pem. */
#pragma once

#include "office.h"

typedef struct paper_order {
    const char *kind;   /* limits, anchors, institutions, clock, se */
    const char *digest; /* the proposal's number, as the terminal shows it: 64 hexadecimal digits */
    const char *institution_code, *terminal;
} paper_order;

/* Writes papers/NAME.p7m (CMS, DER, the content inside). RESULT_INVALID: kind or digest do not have their form.
 * RESULT_EXISTS. */
result decision_paper_make(office *o, const paper_order *order, const char *name);
