/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The key that a service's answers and receipts are signed with, and a service's trust: trust anchors and the
 * platform's card-verifiable certificate. All of it named in the configuration. */
#pragma once

#include "crypt/cms.h"
#include "crypt/trust.h"
#include "iso7816/cvc.h"
#include "service/service_configuration.h"

#define SERVICE_SIGNATURE_MAX 16384 /* bytes of a detached CMS; its base64 is a third longer */

typedef struct service_signer {
    cms_key *key;
    certificate *certificate;
} service_signer;

/* [section] key_name and certificate_name are files. The log says what is missing. */
result service_signer_open(const configuration *c, const char *section, const char *key_name,
                           const char *certificate_name, service_signer *out);
void service_signer_close(service_signer *signer);

/* Appends the base64 of a detached CMS over the content. */
result service_sign(const service_signer *signer, bytes content, int64_t at, buffer *base64);

typedef struct service_anchor {
    const char *name; /* name.pem and name.crl in [trust] anchors */
    trust **into;
} service_anchor;

/* [trust] crl-grace-days and without-crl, the latter for one anchor (crypt/revocation_policy.h). */
revocation_policy service_revocation_policy(const configuration *c, const char *anchor, bool *complete);

/* All are followed: new files are read by trust_look_after_all (daemon.h calls it). After a failure, what has been
 * opened is the caller's to free. */
result service_anchors_open(const configuration *c, const service_anchor *anchors, size_t count);

/* The holder's certificate, the last of the chain in the file that [section] key names. */
result service_chain_open(const configuration *c, const char *section, const char *key, cvc *holder);
result service_chain_from_file(const char *path, cvc *holder);
/* A private key that is a file. */
result service_key_open(const configuration *c, const char *section, const char *key, cms_key **out);
