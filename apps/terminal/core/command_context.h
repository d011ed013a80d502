/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A command's options, its configuration, and its report. */
#pragma once

#include "core/affiliates.h"
#include "core/report.h"
#include "core/terminal_configuration.h"

#include "base/buffer.h"

typedef struct options {
    const char *configuration_path;
    bool json;
    bool verbose;                /* --verbose */
    int pin_fd, sign_pin_fd;     /* -1: ask at the terminal */
    bool by_card;                /* in the daemon: started by a card, not by a person */
    bool before_pin;             /* in the daemon: only what can be refused before a PIN is typed */
    bytes pin, sign_pin;         /* in the daemon: what its client asked for; empty when it gave none */
    const char *evidence_id;     /* --evidence */
    const char *output;          /* --output */
    const char *medium;          /* --medium */
    const char *since;           /* --since: number of an event */
    const char *from, *to;       /* --from, --to: days */
    const char *anchors;         /* --anchors */
    const char *platform_cvc;    /* --platform-cvc */
    const char *content;         /* --content */
    const char *hospital_number; /* --hospital-number and so on: what the desk notes of a reception */
    const char *department, *name, *kana, *birth_date, *sex;
    const char *insurer_number, *symbol, *number, *branch; /* of a paper */
    /* --patient: the patient's name or number, as the doctor confirms it */
    const char *patient;
    bool again, all;             /* --again, --all */
    const char *paper;           /* --paper: of the CA's office */
    bool patient_card, attached; /* --card patient, --attached */
    const char *identified;      /* --identified */
    char *const *arguments;      /* what follows the command and its options */
    int argument_count;
} options;

typedef struct command_context {
    options options;
    configuration configuration;
    limits limits;              /* in force, once the local store is open */
    affiliates affiliates;      /* likewise: of which other institutions operator cards are accepted */
    const char *decision_fault; /* name of an invalid decision (core/decisions.h); NULL: all are valid */
    bool decision_unverified;   /* it cannot be verified now */
    report report;
    struct events *events;      /* of core/events.c, of the daemon; else NULL */
    struct trust_cache *trusts; /* of core/trust_anchors.c; NULL before the first one is asked for */
} command_context;

/* --from and --to, when they are given, are days. */
outcome context_check_days(command_context *c);
/* Whether a time lies in those days in Japan, both inclusive. */
bool options_want_day(const options *o, int64_t at);
/* Makes a folder for an export, which may hold what is needed as proof: it must be new, or empty. */
outcome context_make_export_folder(command_context *c, const char *path);
/* The folder that --output names, made if it is not there. */
outcome context_make_output_folder(command_context *c);
