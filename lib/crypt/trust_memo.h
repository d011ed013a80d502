/* What was found out about a certificate once and stays true: whether one of the CAs signed it, and whether that CA
 * revoked it. An institution's certificate comes with each of its evidences, a patient's with each visit; each of them
 * would cost the verification of the CA's signature again. Constant size; the newest stay. For trust.c only. */
#pragma once

#include "crypt/digest.h"
#include "crypt/trust.h"

typedef struct trust_memo trust_memo;

/* NULL when memory is out. */
trust_memo *trust_memo_new(void);
void trust_memo_free(trust_memo **memo);
/* After anything was added to the trust. */
void trust_memo_clear(trust_memo *memo);

/* key: SHA-256 of the certificate's DER. */
bool trust_memo_find(trust_memo *memo, const uint8_t key[CRYPT_SHA256_LENGTH], trust_verdict *verdict);
void trust_memo_keep(trust_memo *memo, const uint8_t key[CRYPT_SHA256_LENGTH], trust_verdict verdict);
