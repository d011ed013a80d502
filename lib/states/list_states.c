/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Today's list and the work list; what is typed about a patient; the choice of the patient of a visit. */
#include "states/state_rows.h"

#define LIST PHRASE_UNCHANGED, STATE_ATTENTION, TONE_NONE, STATE_COUNTER

/* clang-format off */
static const state_row rows[] = {
    {"search", LIST,
     {"探す言葉を理解できません。", "What to look for cannot be understood."},
     {"氏名、カナ、生年月日、番号のうち、同じ種類は1つだけ入力してください。",
      "Type a name, kana, a birth date or a number; of each kind one."}},
    {"several-receptions", LIST,
     {"この番号の受付が複数あります。", "Several receptions have this number."},
     {"一覧から選び、識別子の全体を入力してください。", "Choose it from the list and type the whole id."}},
    {"neighbours-folder", LIST,
     {"他のプログラム用のフォルダーを使えません。", "The folder for other programs cannot be used."},
     NEXT_ADMINISTRATOR},
    {"neighbours-file", LIST,
     {"他のプログラム用のファイルを読み書きできません。", "A file for other programs cannot be read or written."},
     NEXT_ADMINISTRATOR},
    {"hospital-number", LIST,
     {"診察券番号は英数字とハイフンで20文字以内です。",
      "The hospital number has at most 20 letters, digits and hyphens."},
     {"診察券を見て、もう一度入力してください。", "Look at the hospital's own card and type it again."}},
    {"personal-number", LIST,
     {"個人番号(マイナンバー)の可能性があるため、保存しません。",
      "This could be a 個人番号 (マイナンバー), which is not kept here."},
     {"診察券に書かれている番号を入力してください。", "Type the number on the hospital's own card."}},
    {"department", LIST,
     {"この診療科はありません[(診療科: {departments})]。", "There is no such department here[ (there are: {departments})]."},
     {"一覧にある診療科を指定してください。", "Name one of those."}},
    {"check-digit", LIST,
     {"番号の検証番号が一致しません。入力誤りです。", "The check digit does not fit: a digit is mistyped."},
     {"書面と照合し、もう一度入力してください。", "Compare with the paper and type it again."}},
    {"paper-expired", LIST,
     {"書面の有効期限が終わっています[({validTo}まで)]。", "The paper is not valid any more[: it was up to {validTo}]."},
     {"別の資格の証明を求めてください。", "Ask for another proof of insurance."}},
    {"no-work", LIST,
     {"この受付は対応が必要な受付の一覧にありません。", "This reception is not on the list of those that need attention."},
     {"受付番号を確かめてください。", "Check the number of the reception."}},
    {"done-already", PHRASE_UNCHANGED, STATE_CALM, TONE_NONE, STATE_COUNTER,
     {"すでに対応済みです[({doneName})]。", "This has been done already[, by {doneName}]."},
     NEXT_NOTHING},
    {"choose-patient", LIST,
     {"患者が選ばれていません。署名していません。", "No patient was chosen. Nothing was signed."},
     {"一覧から患者を選んでください。", "Choose the patient from the list."}},
    {"confirm-patient", LIST,
     {"患者が確認されていません。署名していません。", "Nobody has confirmed the patient. Nothing was signed."},
     {"氏名、カナ、診察券番号のいずれかで患者を確認してください。",
      "Confirm the patient by name, kana or hospital number."}},
    {"other-patient", LIST,
     {"この受付の患者と一致しません。署名していません。",
      "That is not the patient of this reception. Nothing was signed."},
     {"一覧から選び直してください。", "Choose again from the list."}},
    {"already-signed", PHRASE_UNCHANGED, STATE_CALM, TONE_NONE, STATE_COUNTER,
     {"この受付の受診記録は署名済みで、この端末に保存されています。",
      "The visit of this reception is signed already, and kept here."},
     {"送信が必要な場合は、資格の確定後に端末が自動で送信します。",
      "If it is to be sent, the terminal does so by itself after the eligibility is confirmed."}},
};
/* clang-format on */

const state_rows list_states = STATE_ROWS(rows);
