/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The eligibility platform (保険資格確認PF): what its calls work with. */
#pragma once

#include "check_session.h"
#include "link_key.h"

#include "net/http_server.h"
#include "service/admission.h"
#include "service/registrar.h"
#include "service/signer.h"
#include "service/upkeep.h"
#include "store/platform_store.h"

#define PLATFORM_SESSION_SECONDS 60

typedef struct platform {
    platform_store *store;
    trust *patients, *institutions;
    cms_key *institution_key; /* the platform's own key for institution authentication */
    cvc institution_cvc;      /* and its certificate for cards */
    service_signer answers;   /* signs what the platform states */
    uint8_t link_key[LINK_KEY_LENGTH], session_key[CHECK_SESSION_KEY_LENGTH];
    admission *admission;
    registrar registrar;
    upkeep_rules refused;
    int64_t expired_card_s; /* how long a patient's expired certificate is accepted */
} platform;

/* The store that [platform] names, with its number of connections. */
result platform_open_store(const configuration *c, platform_store **out);
/* Opens all that [platform] and [trust] name. platform_close also after a failure. */
result platform_open(const configuration *c, platform *out);
void platform_close(platform *p);

/* Removes expired data; context: the platform. */
void platform_upkeep(void *context);
/* After a failure of the store: checks whether it works again. */
void platform_look(void *context);

/* The calls of docs/interfaces/http.md, each with its admission class; the context is the platform. */
extern const http_route platform_routes[];
