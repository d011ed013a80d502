/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rows by their field. Each field is a file; state_table.c puts them together. */
#pragma once

#include "states/state_row.h"

#include <stddef.h>

typedef struct state_rows {
    const state_row *rows;
    size_t count;
} state_rows;

#define STATE_ROWS(array) {array, sizeof array / sizeof *array}

extern const state_rows answer_states;   /* what the platform said, now and later */
extern const state_rows card_states;     /* the patient's card */
extern const state_rows operator_states; /* cards and sessions of staff */
extern const state_rows se_states;       /* the Secure Element, the lock, clock and store of the terminal */
extern const state_rows service_states;  /* platform, history service, working offline */
extern const state_rows machine_states;  /* readers, daemon, configuration */
extern const state_rows office_states;   /* commands of administrators */
extern const state_rows list_states;     /* lists, what is typed about patients, the patient of a visit */
extern const state_rows auditor_states;  /* evidence and signatures that are verified */

/* What many rows say is next. */
#define NEXT_NOTHING {"", ""}
#define NEXT_ADMINISTRATOR {"管理者に連絡してください。", "Tell the administrator."}
#define NEXT_AGAIN {"もう一度やり直してください。", "Begin again."}
#define NEXT_TYPE_AGAIN {"もう一度入力してください。", "Type it again."}
#define NEXT_PIN_FIRST                                                                                                 \
    {"続けるとロックされるおそれがあります。先に正しい番号を確かめてください。",                                       \
     "A further wrong try may block it. Make sure of it first."}
#define NEXT_AGAIN_OR_ADMINISTRATOR                                                                                    \
    {"もう一度やり直してください。繰り返す場合は管理者に連絡してください。",                                           \
     "Begin again. If it happens again, tell the administrator."}
#define NEXT_CONFIRMATION                                                                                              \
    {"資格確認書、またはカードと資格情報のお知らせの提示をお願いしてください。",                                       \
     "Ask for the insurance certificate (資格確認書), or the card with the information sheet (資格情報のお知らせ)."}
#define NEXT_STATEMENT                                                                                                 \
    {"資格情報のお知らせの提示、なければ被保険者資格申立書の記入をお願いしてください。",                               \
     "Ask for the information sheet (資格情報のお知らせ), or have a written statement (被保険者資格申立書) made."}
