/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The terminal's configuration file (INI). Paths may be relative to the folder of the file. */
#pragma once

#include "core/offline_limits.h"
#include "core/report.h"

#include "crypt/revocation_policy.h"

#include <limits.h>

#define CONFIGURATION_TEXT_SIZE 128
#define CONFIGURATION_KEEP_DAYS 400 /* persons, unless the file says otherwise; at least 31: grade A needs 30 */
#define CONFIGURATION_KEEP_DAYS_MIN 31
#define CONFIGURATION_EXPIRED_CARD_DAYS_MAX 93 /* three months */
#define CONFIGURATION_DEFAULT_PATH SYSTEM_CONFIGURATION_FOLDER "/uketsuke.conf"

typedef struct configuration {
    char terminal_id[CONFIGURATION_TEXT_SIZE];      /* [terminal] id */
    char institution_code[CONFIGURATION_TEXT_SIZE]; /* [terminal] institution-code: 10 digits */
    char state[PATH_MAX];                           /* [terminal] state: folder of the local store */
    char module[PATH_MAX];                          /* [pkcs11] module; absent: the installed pkcs11-jpki.so */
    char reader_patient[CONFIGURATION_TEXT_SIZE];   /* [readers] patient, operator, se: how reader names begin */
    char reader_operator[CONFIGURATION_TEXT_SIZE];
    char reader_se[CONFIGURATION_TEXT_SIZE];
    char se_module[PATH_MAX]; /* [se] module: another one than the cards'; "" for the same */
    /* [se] server: where p11-kit's server listens, "unix:path=..."; "" for none */
    char se_server[PATH_MAX];
    long se_answer_seconds;                   /* [se] answer-seconds; 0: the usual (watchdog.h) */
    char se_pin_file[PATH_MAX];               /* [se] pin-file: mode 0600; "" for none: the SE asks for no PIN, or a
                                                   person types it */
    char se_store_secret[PATH_MAX];           /* [se] store-secret: mode 0600; "" for none (se/data_key.h) */
    long se_away_minutes;                     /* [se] away-minutes: how long an SE in another process may be away
                                                   before the store's keys are forgotten */
    char tls_certificate[PATH_MAX];           /* [tls] certificate, key: files (PEM) or PKCS #11 URIs; "" for the */
    char tls_key[PATH_MAX];                   /* SE's key */
    char tls_module[PATH_MAX];                /* [tls] module: reaches what URIs name */
    char desk_socket[PATH_MAX];               /* [desk] socket; "" for one in the state folder */
    char desk_group[CONFIGURATION_TEXT_SIZE]; /* [desk] group: whose members reach it; "" for nobody else */
    char desk_start[CONFIGURATION_TEXT_SIZE]; /* [desk] start: what begins a reception: "card", or "command" */
    char desk_screen_user[CONFIGURATION_TEXT_SIZE];    /* [desk] screen-user: of the patient's screen; "" for none */
    char departments[PATH_MAX];                        /* [desk] departments: names with commas between; "": any */
    long same_card_minutes;                            /* [desk] same-card-minutes; 0: every reception is received */
    char platform_url[CONFIGURATION_TEXT_SIZE];        /* [platform] url */
    char platform_cvc[PATH_MAX];                       /* [platform] cvc-chain */
    char history_url[CONFIGURATION_TEXT_SIZE];         /* [history] url */
    char anchors[PATH_MAX];                            /* [trust] anchors: folder (docs/interfaces/pki.md) */
    long crl_grace_days;                               /* [trust] crl-grace-days */
    char without_crl[CONFIGURATION_TEXT_SIZE];         /* [trust] without-crl: names of anchors, separated by spaces */
    char neighbours[PATH_MAX];                         /* [neighbours] folder, shared with other programs; "": none */
    char neighbours_encoding[CONFIGURATION_TEXT_SIZE]; /* [neighbours] encoding: "utf-8" (default) or "shift_jis" */
    bool identification_required;                      /* [reception] identification: required; or optional */
    long person_keep_days;                             /* [person] keep-days */
    long expired_card_days;                            /* [reception] expired-card-days */
    /* [limits]: 0 where the file says nothing; only stricter values count (offline_limits.h) */
    limits limits;
} configuration;

/* The policy for an anchor's revocation lists (crypt/revocation_policy.h); without a configuration, as when evidence is
 * checked elsewhere, the usual one. */
revocation_policy configuration_revocation_policy(const configuration *c, const char *anchor);

/* Whether the setting is the URI of a PKCS #11 object (RFC 7512) and no path. */
bool configuration_is_uri(const char *value);

/* The path to read: path; if that is NULL, $UKETSUKE_CONFIG, else CONFIGURATION_DEFAULT_PATH. */
const char *configuration_place(const char *path);
/* path: as returned by configuration_place. Reports what is wrong. */
outcome configuration_read(const char *path, configuration *out, report *r);
