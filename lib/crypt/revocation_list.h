/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Certificate revocation lists (RFC 5280 5). A national CA's list names hundreds of thousands of certificates: it is
 * read once, its serial numbers are sorted, and a query is a binary search. For trust.c only. */
#pragma once

#include "base/buffer.h"
#include "crypt/certificate_internal.h"

typedef struct revocation_list revocation_list;

/* The first list in a PEM text, and the rest. RESULT_NOT_FOUND: there is none. RESULT_INVALID: not a list of version 2
 * (or 1) in DER. */
result revocation_list_read(bytes pem, revocation_list **out, bytes *rest);
void revocation_list_free(revocation_list **list);

/* Whether this CA signed it; computed once for each list. Several threads may call it. */
bool revocation_list_is_of(revocation_list *list, gnutls_x509_crt_t issuer);
/* serial: the content of the certificate's INTEGER. *since: from when on it counts as revoked, for any reason:
 * revocationDate, or the invalidityDate (5.3.2) when the CA states an earlier one. */
bool revocation_list_names(const revocation_list *list, bytes serial, int64_t *since);
/* False: it is the list of a part only (delta, issuing point, other CAs' certificates), or it or one of its entries has
 * an unknown critical extension (5.2, 5.3): then a certificate that it does not name may still be revoked. */
bool revocation_list_is_understood(const revocation_list *list);

/* How many certificates it names. */
size_t revocation_list_count(const revocation_list *list);
/* thisUpdate, nextUpdate (-1: none), seconds since 1970; the issuer as RFC 4514 text. */
int64_t revocation_list_from(const revocation_list *list);
int64_t revocation_list_until(const revocation_list *list);
void revocation_list_issuer(const revocation_list *list, char name[CRYPT_NAME_MAX]);
