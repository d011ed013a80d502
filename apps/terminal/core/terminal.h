/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a running command has at hand. Parts are opened when first needed: a check of evidence needs no card. */
#pragma once

#include "core/terminal_configuration.h"
#include "core/report.h"

#include "base/buffer.h"
#include "crypt/trust.h"
#include "delivery/store_access.h"
#include "p11/token.h"

#include <sys/stat.h>

/* How the labels of the tokens begin (docs/interfaces/pkcs11.md). */
#define TERMINAL_PATIENT_TOKENS "JPKI ("
#define TERMINAL_OPERATOR_TOKENS "Operator ("

typedef enum service { SERVICE_PLATFORM, SERVICE_HISTORY, TERMINAL_SERVICES } service;

#define TERMINAL_TRUSTS 6 /* as many as there are anchors */

typedef struct options {
    const char *configuration_path;
    bool json;
    int pin_fd, sign_pin_fd;     /* -1: ask at the terminal */
    bool before_pin;             /* in the resident process: only what can be refused before a PIN is typed */
    bytes pin, sign_pin;         /* in the resident process: what its client asked for; empty when it gave none */
    const char *evidence_id;     /* --evidence */
    const char *output;          /* --output */
    const char *from, *to;       /* --from, --to: days */
    const char *anchors;         /* --anchors */
    const char *platform_cvc;    /* --platform-cvc */
    const char *content;         /* --content */
    bool patient_card, attached; /* --card patient, --attached */
    char *const *arguments;      /* what follows the command and its options */
    int argument_count;
} options;

typedef struct terminal {
    options options;
    configuration configuration;
    report report;
    int lock; /* descriptor of the lock file + 1; 0: not held */
    token_module *module;
    token_module *se_module;           /* the SE's: the same, or one of its own (its process belongs to another user) */
    token *se;                         /* logged in */
    store_access store;                /* the local store */
    limits limits;                     /* in force, once the store is open */
    struct se_seen {                   /* how the SE stood when it was last looked at (se/se_supervision.h) */
        int64_t counter_jump;          /* signatures that nobody here has noted, found when it was opened */
        int64_t channel_jump;          /* channels that somebody else has opened, found when it was opened */
        uint32_t signatures, foreign;  /* what is known of its counters, whether or not it could be written down */
        uint32_t asked;                /* signatures that this program had asked of the SE by then */
        bool unwritten;                /* it could not */
        uint32_t resets, disturbances; /* since it was put in */
        int64_t disturbed;             /* how often since it was opened */
        /* When that was last noted in the audit log, and logins that followed from it; 0: not yet. */
        int64_t reset_told_ms, channel_told_ms, login_told_ms;
        uint32_t connection; /* another number whenever it was put in */
        int64_t at_ms;       /* when it was looked at */
    } se_seen;
    struct kept_trust {
        char anchor[32];
        char folder[PATH_MAX];
        trust *authorities; /* NULL: none; follows the files (crypt/trust.h) */
    } trusts[TERMINAL_TRUSTS];
    bool http_ready;
    struct kept_client {
        struct http_client *client; /* NULL: none */
        int64_t opened_ms;          /* monotonic */
    } kept[TERMINAL_SERVICES]; /* connections between two commands, of the resident process (services/service_call.h) */
    int64_t sending_at;        /* the resident process: not before this time is anything sent by itself; 0: any time */
    char operator_id[TERMINAL_WORD_SIZE]; /* whose session the command runs under; "" for nobody: for the audit log */
    struct presence *presence;            /* the resident process's (presence.h); NULL when a command runs by itself */
    struct session *session;              /* the same, of session.c */
} terminal;

/* How long a command waits for another one that uses the cards. */
#define TERMINAL_TIMEOUT_MS 20000
/* Whether another process of this terminal uses the cards. */
bool terminal_is_taken(const terminal *t);
/* Loads the PKCS#11 module. From here on until terminal_close no other uketsuke command of this state folder touches
 * cards, SE or the chain of evidence: two at once would take each other's logins away, and two pieces of evidence could
 * name the same predecessor. The lock is the kernel's (flock), so it ends with the process. */
outcome terminal_open_module(terminal *t);
/* The module that reaches the SE: by the configuration another one than the cards', with the SE in a process of
 * another user. */
outcome terminal_open_se_module(terminal *t);
/* Why the local store could not do it, in words. */
const char *terminal_store_problem(result code);
/* The file of the local store, without its keys (se/local_store.h). */
outcome terminal_open_store_file(terminal *t);

/* The folder that --output names, made if it is not there. */
outcome terminal_make_output_folder(terminal *t);

/* Authorities of this name with their CRL from the anchors folder; read again when the files have changed. The caller
 * frees and adds nothing. */
outcome terminal_trust(terminal *t, const char *anchor, trust **out);

/* Forgets the keys of the store and closes the SE: nothing personal can be read any more. */
void terminal_forget_keys(terminal *t);
void terminal_close(terminal *t);

/* Why a card or a reader is missing, when the machine's service for readers is the cause: that failure; else
 * OUTCOME_OK. reader: as the configuration names it. To be asked before anybody is told to put in a card. */
outcome terminal_check_readers(terminal *t, const char *reader);
/* The same question without words. */
bool terminal_sees_readers(const char *reader);
/* Why there is no token of a patient's card on the patient reader: no card, no reader, an operator's card,
 * something else. */
outcome terminal_no_patient_card(terminal *t, result code);
/* Whether the card in this reader has a token whose label begins like this. */
bool terminal_reader_holds(terminal *t, const char *reader, const char *label);

/* The failure sentence of a token call: by result, with what was being tried. */
outcome terminal_token_failure(terminal *t, result code, const char *what, const token *tok);
