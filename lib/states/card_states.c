/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The patient's card. */
#include "states/state_rows.h"

/* clang-format off */
static const state_row rows[] = {
    {"no-patient-card", PHRASE_PUT_CARD, STATE_ATTENTION, TONE_NONE, STATE_COUNTER,
     {"患者リーダーにカードがありません。", "There is no card on the patient reader."},
     {"マイナンバーカードを置くようお願いしてください。", "Ask the patient to put the My Number card on it."}},
    {"card-removed", PHRASE_AGAIN, STATE_ATTENTION, TONE_AGAIN, STATE_COUNTER,
     {"読み取り中にカードが離れました。何も記録していません。",
      "The card left while it was read. Nothing was recorded."},
     {"もう一度カードを置いてもらってください。", "Have the card put down again."}},
    {"card-error", PHRASE_NO_CASE, STATE_ATTENTION, TONE_AGAIN, STATE_COUNTER,
     {"カードを読み取れません。", "The card cannot be read."},
     {"ケースから出して、もう一度置いてもらってください。続く場合は別のカードで試し、カードとリーダーのどちらが原因か"
      "確かめてください。",
      "Have it taken out of its case and put down again. If it goes on, try another card, to tell whether the card or "
      "the reader is the cause."}},
    {"foreign-card", PHRASE_OTHER_CARD, STATE_PATIENT, TONE_AGAIN, STATE_COUNTER,
     {"マイナンバーカードではないか、読み取れません。", "This is not a My Number card, or it cannot be read."},
     {"カードの種類を確かめ、ケースから出して1枚だけ置いてもらってください。",
      "Check the kind of card. Have it taken out of its case and put down alone."}},
    {"patient-phone", PHRASE_OTHER_CARD, STATE_PATIENT, TONE_AGAIN, STATE_COUNTER,
     {"スマートフォン、または暗証番号なしでは読み取れないカードです。この端末では受け付けできません。",
      "This is a smartphone, or a card that cannot be read without its PIN. This terminal cannot receive it."},
     {"マイナンバーカードそのもの、または資格確認書の提示をお願いしてください。",
      "Ask for the My Number card itself, or for the insurance certificate (資格確認書)."}},
    {"patient-certificate-expired", PHRASE_COME, STATE_PATIENT, TONE_COME, STATE_COUNTER,
     {"カードの電子証明書の有効期限が切れています。", "The card's electronic certificate has expired."},
     {"更新の窓口は市区町村です。今日は資格確認書、または資格情報のお知らせの提示をお願いしてください。",
      "The municipal office renews it. Today ask for the insurance certificate (資格確認書) or the information sheet "
      "(資格情報のお知らせ)."}},
    {"patient-certificate-not-yet-valid", PHRASE_COME, STATE_PATIENT, TONE_COME, STATE_COUNTER,
     {"カードの電子証明書はまだ有効期間前です。", "The card's electronic certificate is not valid yet."},
     {"端末の時計を確かめてください。正しければ資格確認書の提示をお願いしてください。",
      "Check the terminal's clock. If it is right, ask for the insurance certificate (資格確認書)."}},
    {"patient-certificate-revoked", PHRASE_COME, STATE_PATIENT, TONE_COME, STATE_COUNTER,
     {"カードの電子証明書は失効しています(紛失の届出または再発行)。",
      "The card's electronic certificate has been revoked: the card was reported lost or replaced."},
     {"資格確認書の提示をお願いしてください。", "Ask for the insurance certificate (資格確認書)."}},
    {"patient-certificate-foreign", PHRASE_COME, STATE_PATIENT, TONE_COME, STATE_COUNTER,
     {"真正なマイナンバーカードと確認できません。", "This card cannot be shown to be a genuine My Number card."},
     {"受け付けず、資格確認書の提示をお願いし、責任者に連絡してください。",
      "Do not receive it. Ask for the insurance certificate (資格確認書) and tell your supervisor."}},
    {"patient-certificate", PHRASE_COME, STATE_PATIENT, TONE_COME, STATE_COUNTER,
     {"カードの電子証明書を受け入れられません。", "The card's electronic certificate is not accepted."},
     {"資格確認書の提示をお願いしてください。", "Ask for the insurance certificate (資格確認書)."}},
    {"operator-card-on-patient-reader", PHRASE_COME, STATE_ATTENTION, TONE_COME, STATE_COUNTER,
     {"患者リーダーにオペレータカードが置かれています。", "An operator card lies on the patient reader."},
     {"取り除き、患者にマイナンバーカードを置くようお願いしてください。",
      "Take it away and ask the patient for the My Number card."}},
    {"not-logged-in", PHRASE_AGAIN, STATE_ATTENTION, TONE_AGAIN, STATE_COUNTER,
     {"カードの認証状態が失われました。", "The card has lost its state."},
     NEXT_AGAIN},
    {"object-missing", PHRASE_COME, STATE_PATIENT, TONE_COME, STATE_COUNTER,
     {"カードに必要な情報がありません。", "The card lacks information that is needed."},
     NEXT_CONFIRMATION},
    {"signature-wrong", PHRASE_AGAIN, STATE_ATTENTION, TONE_AGAIN, STATE_COUNTER,
     {"作成された署名を検証できないため、破棄しました。", "A signature that does not verify was made and thrown away."},
     {"もう一度やり直してください。繰り返す場合はこのカードの使用をやめ、管理者に連絡してください。",
      "Begin again. If it happens again, do not use this card any longer and tell the administrator."}},
    {"institution-refused", PHRASE_AGAIN, STATE_ATTENTION, TONE_AGAIN, STATE_COUNTER,
     {"患者カードが医療機関の署名を受け付けません。", "The patient's card does not accept the institution's signature."},
     NEXT_AGAIN_OR_ADMINISTRATOR},
    {"institution-certificate-refused", PHRASE_COME, STATE_DESK, TONE_COME, STATE_COUNTER,
     {"患者カードが医療機関の証明書を受け付けません。", "The patient's card does not accept the institution's certificate."},
     NEXT_ADMINISTRATOR},
    {"interrupted", PHRASE_COME, STATE_ATTENTION, TONE_COME, STATE_COUNTER,
     {"受付の途中でオペレータカードまたは認証用チップが抜かれました。何も記録していません。",
      "The operator card or the security chip was removed during the reception. Nothing was recorded."},
     {"ログインして、もう一度受け付けてください。", "Log in and begin again."}},
};
/* clang-format on */

const state_rows card_states = STATE_ROWS(rows);
