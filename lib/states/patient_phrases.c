/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the patient's screen says. It assigns no blame, names no reason and fits one line. */
#include "states/state_table.h"

/* clang-format off */
static const patient_words phrases[PATIENT_PHRASES] = {
    [PHRASE_UNCHANGED] = {"unchanged", "", "", ""},
    [PHRASE_PUT_CARD] = {"put-card", "マイナンバーカードを置いてください", "マイナンバーカードを ここに おいてください",
                         "Please put your My Number card here"},
    [PHRASE_PREPARING] = {"preparing", "準備中です。お待ちください", "じゅんび中《ちゅう》です。おまちください",
                          "Please wait a moment"},
    [PHRASE_READING] = {"reading", "読み取り中です。カードはそのままで", "よんでいます。カードを うごかさないで",
                        "Reading. Leave the card where it is"},
    [PHRASE_TAKE_CARD] = {"take-card", "終わりました。カードをお取りください", "おわりました。カードを おとりください",
                          "Done. Please take your card"},
    [PHRASE_CARD_LEFT] = {"card-left", "カードをお忘れなく", "カードを おわすれなく", "Please do not forget your card"},
    [PHRASE_COME] = {"come", "受付へどうぞ", "受付《うけつけ》へ どうぞ", "Please come to the counter"},
    [PHRASE_ASK] = {"ask", "受付でお尋ねします", "受付《うけつけ》で おたずねします",
                    "We will ask you at the counter"},
    [PHRASE_AGAIN] = {"again", "もう一度カードを置いてください", "もういちど カードを おいてください",
                      "Please put the card down again"},
    [PHRASE_NO_CASE] = {"no-case", "ケースから出してもう一度どうぞ", "ケースから だして もういちど どうぞ",
                        "Out of its case, please, and again"},
    [PHRASE_OTHER_CARD] = {"other-card", "マイナンバーカードを置いてください", "マイナンバーカードを おいてください",
                           "Please use your My Number card"},
    [PHRASE_PIN_WRONG] = {"pin-wrong", "暗証番号が違います", "あんしょうばんごうが ちがいます",
                          "That was not the right PIN"},
};
/* clang-format on */

const patient_words *state_phrase(patient_phrase phrase) {
    return &phrases[(unsigned)phrase < PATIENT_PHRASES ? phrase : PHRASE_UNCHANGED];
}
