/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What people are told, by the reason word of a failure, an answer or an event: one row for each word. Programs get
 * the word; the terminal's text, the screens and docs/states.md take everything else from here.
 *
 * To add a word: add a row to the file of its field (answer_states.c, card_states.c, ...). tests/terminal/states.test
 * says what is missing; `make -C build states-document` writes docs/states.md again. The rules, which that test checks:
 *
 *   - A text is one or two short sentences, complete with its full stop. {name} is replaced by the report's value of
 *     that name; what stands between [ and ] is left out when the report has no such value.
 *   - What staff is told names no command, no program's code, no number of a record. The Secure Element is
 *     認証用チップ (the security chip) there.
 *   - The patient is told one of the phrases of patient_phrases.c: at most 25 characters, a reading over each kanji. */
#pragma once

/* Who is affected. */
typedef enum state_severity {
    STATE_CALM,      /* nothing to do */
    STATE_ATTENTION, /* work goes on; staff must do something */
    STATE_PATIENT,   /* this patient cannot be received in this way */
    STATE_DESK,      /* no patient can be received until staff has done something */
} state_severity;

/* The tone that is played. */
typedef enum state_tone {
    TONE_NONE,
    TONE_CARD,  /* the card is seen */
    TONE_DONE,  /* take the card away */
    TONE_AGAIN, /* lay it down once more */
    TONE_COME,  /* go to the counter */
} state_tone;

/* Where the word occurs: at the counter, or in commands of administrators and auditors only. */
typedef enum state_audience { STATE_COUNTER, STATE_OFFICE } state_audience;

/* What the patient's screen says; also the names of recorded phrases. */
typedef enum patient_phrase {
    PHRASE_UNCHANGED, /* the screen stays as it is */
    PHRASE_PUT_CARD,
    PHRASE_PREPARING,
    PHRASE_READING,
    PHRASE_TAKE_CARD,
    PHRASE_CARD_LEFT,
    PHRASE_COME,
    PHRASE_ASK,
    PHRASE_AGAIN,
    PHRASE_NO_CASE,
    PHRASE_OTHER_CARD,
    PHRASE_PIN_WRONG,
    PATIENT_PHRASES
} patient_phrase;

/* easy: plain Japanese; the reading of kanji follows them in 《》. Empty texts: PHRASE_UNCHANGED. */
typedef struct patient_words {
    const char *name; /* of the phrase, for recordings */
    const char *ja, *easy, *en;
} patient_words;

typedef struct staff_words {
    const char *ja, *en;
} staff_words;

typedef struct state_row {
    const char *reason; /* the word */
    patient_phrase patient;
    state_severity severity;
    state_tone tone;
    state_audience audience;
    staff_words staff; /* what is the matter */
    staff_words next;  /* what to do; "" when there is nothing to do */
} state_row;
