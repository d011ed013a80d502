// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// How each state of the table is reached, row by row, in three hospitals. states.mjs says what a row's first word does:
//
//   do WORDS                      what happens in the hospital (browser.test, troubles.sh)
//   restart WORDS                 the same where the desk is started again, and a login
//   login WHO                     a login that succeeds
//   card IMAGE STATE PHRASE       one card on the patient's reader, what staff and the patient see, and it is taken away
//   lay IMAGE STATE PHRASE        the same without taking it away; take-away
//   answer STATE, alarm STATE     what staff sees in the answer's place, in the alarm
//   comes STATE                   the same without a picture: it is only waited for
//   patient PHRASE                what the patient sees
//   page NAME SELECTOR            what has no word of the table: the page's own
//   refused STATE [PIN]           a login that fails
//   refuses STATE ACTION PIN      an administrator's action that fails; decide ACTION PIN SAID [VALUE]: one that succeeds.
//                                 PIN "chip": the chip's own
//   visit STATE [WHO [PIN]]       a visit record that is not written
//   row STATE WORDS               a row of the work list
//
// Everything else is a step of steps.mjs.
export const CHAPTERS = {
  cards: [
    ["patient", "preparing"],
    ["page", "login", "#login-help"],
    ["do", "platform-down"],
    ["login", "reception"],
    ["patient", "put-card"],
    ["page", "ready", "#what"],
    ["card", "patient-1", "never-online", "come"],
    ["do", "platform-up"],

    ["do", "more-cards"],
    ["card", "patient-1", "confirmed", "take-card"],
    ["slip-in-vain"],
    ["card", "patient-expired", "patient-certificate-expired", "come"],
    ["card", "patient-revoked", "patient-certificate-revoked", "come"],
    ["card", "patient-foreign", "patient-certificate-foreign", "come"],
    ["card", "patient-not-yet-valid", "patient-certificate-not-yet-valid", "come"],
    ["card", "operator-doctor", "operator-card-on-patient-reader", "come"],
    ["card", "blank", "foreign-card", "other-card"],
    ["card", "phone", "patient-phone", "other-card"],

    // while it is read
    ["do", "fault patient delay=400"],
    ["lay", "patient-1", "step", "reading"],
    ["do", "fault patient clear"],
    ["comes", "confirmed"],
    ["take-away"],

    // it leaves too early
    ["do", "fault patient remove-before=12"],
    ["lay", "patient-1", "card-removed", "again"],
    ["do", "empty patient"],

    // what the platform answers
    ["do", "persons ended"],
    ["card", "patient-1", "not-covered", "come"],
    ["do", "persons later"],
    ["card", "patient-1", "not-covered-yet", "come"],
    ["do", "persons none"],
    ["card", "patient-1", "no-coverage-known", "come"],
    ["do", "persons several"],
    ["card", "patient-1", "several-coverages", "come"],
    ["do", "persons true"],
    ["card", "patient-1", "confirmed", "take-card"],

    // without the platform
    ["do", "platform-freeze"],
    ["do", "fault patient delay=250"],
    ["lay", "patient-1", "platform-silent", ""],
    ["do", "fault patient clear"],
    ["answer", "provisional-a"],
    ["take-away"],
    ["do", "platform-thaw"],
    ["do", "platform-down"],
    ["card", "patient-2", "provisional-c", "ask"],
    ["restart", "desk-limits offline-count=1"],
    ["card", "patient-2", "maximum-offline-count", "come"],
    ["do", "platform-up"],
    ["restart", "desk-limits"],

    // the same card again, a card that stays
    ["card-stays", "patient-2"],
    ["restart", "desk-same-card 10"],
    ["card", "patient-2", "received-already", "ask"],
    ["restart", "desk-identification required"],
    ["lay", "patient-2", "not-identified", ""],
    ["by-face"],
    ["comes", "received-already"],
    ["again"],
    ["comes", "confirmed"],
    ["take-away"],
    ["restart", "desk-identification optional"],
    ["restart", "desk-same-card 0"],
    ["receive"],
    ["answer", "no-patient-card"],
    ["nobody-stays"],
  ],

  staff: [
    ["do", "operator-cards"],
    ["refused", "no-operator-card"],
    ["do", "more-cards"],
    ["do", "card operator operator-expired"],
    ["refused", "operator-certificate-expired"],
    ["do", "card operator operator-early"],
    ["refused", "operator-certificate-not-yet-valid"],
    ["do", "card operator operator-foreign"],
    ["refused", "operator-certificate-foreign"],
    ["do", "card operator operator-mail"],
    ["refused", "operator-certificate"],
    ["do", "card operator operator-porter"],
    ["refused", "operator-without-role"],
    ["do", "card operator operator-homeless"],
    ["refused", "operator-card-without-institution"],
    ["do", "card operator operator-other"],
    ["refused", "operator-card-other-institution"],
    ["do", "card operator operator-empty"],
    ["refused", "operator-card-without-certificate"],
    ["do", "card operator patient-2"],
    ["refused", "patient-card-in-operator-reader"],
    ["do", "card operator blank"],
    ["refused", "not-an-operator-card"],
    ["do", "card operator operator-good"],
    ["refused", "pin-form", "12x4"],
    ["refused", "pin-wrong", "9999"],
    ["refused", "pin-blocked", "9999"],

    // a session begins and ends
    ["login", "reception"],
    ["card", "patient-1", "confirmed", "take-card"],
    ["do", "empty operator"],
    ["answer", "operator-card-removed"],
    ["patient", "preparing"],
    ["login", "doctor"],
    ["receive"],
    ["answer", "role"],
    ["log-out"],
    ["answer", "operator-out"],

    // the doctor's visit records
    ["login", "doctor"],
    ["open-visit"],
    ["visit", "other-patient", "例示太郎"],
    ["visit", "sign-pin-form", "見本花子", "12"],
    ["visit", "sign-pin-wrong", "見本花子", "XYZ999"],
    ["write-visit"],
    ["visit", "already-registered"],
    ["all-have-visits"],

    // lists, and what turns out later
    ["login", "reception"],
    ["search-in-vain"],
    ["card", "patient-2", "confirmed", "take-card"],
    ["do", "persons changed"],
    ["do", "platform-down"],
    ["card", "patient-1", "provisional-a", "take-card"],
    ["platform-unreachable"],
    ["do", "platform-up"],
    ["row", "changed", "受付時に示した資格から変更がありました。"],
    ["mark-done"],
    ["do", "persons several"],
    ["do", "platform-down"],
    ["card", "patient-2", "provisional-a", "take-card"],
    ["do", "platform-up"],
    ["row", "needs-call", "有効な資格が複数あります。"],
    ["mark-done"],
    ["do", "persons none"],
    ["do", "platform-down"],
    ["card", "patient-1", "provisional-a", "take-card"],
    ["do", "platform-up"],
    ["row", "lost", "受診日に有効な資格がありませんでした。"],
    ["mark-done"],

    // no record without coverage
    ["login", "doctor"],
    ["open-visit"],
    ["visit", "not-eligible"],
    ["login", "reception"],
    ["four-items"],

    // a card that was reported lost
    ["do", "revoke-receptionist"],
    ["log-out"],
    ["refused", "operator-certificate-revoked"],
  ],

  machine: [
    ["do", "more-cards"],
    ["login", "reception"],
    ["card", "patient-1", "confirmed", "take-card"],

    // services
    ["do", "platform-false"],
    ["card", "patient-1", "platform-untrusted", "come"],
    ["do", "platform-true"],
    ["restart", "list-gone"],
    ["card", "patient-1", "revocation-list", "come"],
    ["restart", "list-back"],
    ["restart", "desk-forged-chain"],
    ["card", "patient-1", "institution-certificate-refused", "come"],
    ["restart", "desk-true"],

    // the disk is full
    ["do", "disk 1"],
    ["card", "patient-1", "store", "come"],
    ["do", "disk 0"],
    ["card", "patient-1", "confirmed", "take-card"],

    // administration
    ["office"],
    ["look-at-all"],
    ["do", "card operator operator-administrator-1"],
    ["decide", "limits propose", "1234", "1人目", "offline-hours=48"],
    ["do", "card operator operator-administrator-2"],
    ["decide", "limits confirm", "1234", "完了"],
    ["log-in-here"],
    ["look", "limits show", "48"],
    ["office"],

    // the Secure Element, used by others
    ["login", "reception"],
    ["do", "se-wrong-pin"],
    ["alarm", "se-pin-tried"],
    ["patient", "preparing"],
    ["unlocked-at-the-shell"],
    ["do", "se-copyist"],
    ["alarm", "se-channel-jumped"],
    ["unlocked-at-the-shell"],
    ["do", "se-signs"],
    ["alarm", "se-counter-jumped"],
    ["unlocked-at-the-shell"],
    ["do", "se-lock"],
    ["alarm", "se-locked"],
    ["do", "se-unlock"],
    ["do", "unlock"],
    ["login", "reception"],

    // taken out
    ["do", "empty se"],
    ["alarm", "se-removed"],
    ["office"],
    ["refuses", "se-missing", "unlock", "chip"],
    ["do", "card se blank"],
    ["refuses", "se-foreign", "unlock", "chip"],
    ["do", "card se se-1"],
    ["refuses", "se-pin-wrong", "unlock", "000000"],
    ["do", "card operator operator-administrator-1"],
    ["decide", "unlock card", "1234", "完了"],
    ["office"],
    ["answer", "unlocked"],

    // paired anew
    ["login", "reception"],
    ["do", "se-pair-elsewhere"],
    ["alarm", "se-unbound"],
    ["do", "card se se-1"],
    ["do", "se-pair-here"],
    ["office"],
    ["refuses", "se-paired-anew", "unlock", "chip"],
    ["do", "card operator operator-administrator-1"],
    ["decide", "se replace", "1234", "1人目"],
    ["do", "card operator operator-administrator-2"],
    ["decide", "se replace", "1234", "完了"],
    ["decide", "unlock", "chip", "完了"],
    ["office"],
    ["login", "reception"],

    // the clock
    ["do", "platform-down"],
    ["do", "empty operator"],
    ["logged-out"],
    ["do", "card operator operator-reception"],
    ["do", "clock -172800"],
    ["refused", "clock-behind"],
    ["do", "clock 94608000"],
    ["refused", "clock-ahead"],
    ["do", "clock 345600"],
    ["login", "reception"],
    ["card", "patient-1", "maximum-offline-period", "come"],
    ["do", "empty operator"],
    ["do", "clock 0"],
    ["do", "platform-up"], // whose signed time confirms the clock
    ["login", "reception"],

    // pcscd
    ["do", "pcscd-down"],
    ["alarm", "se-away"],
    ["refused", "pcscd-absent"],
    ["do", "pcscd-up"],

    // the end of a chip, and of the core
    ["login", "reception"],
    ["do", "platform-revokes"],
    ["card", "patient-1", "platform-refused", "come"],
    ["do", "se-terminate"],
    ["alarm", "se-terminated"],
    ["core-stops"],
    ["page", "stopped", "#alarm"],
  ],
};
