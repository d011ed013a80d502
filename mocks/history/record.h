/* The judgement of one visit record: form, doctor's signature, evidence. */
#pragma once

#include "history.h"

#include "fhir/visit.h"

#define RECORD_REASON_SIZE HISTORY_REASON_SIZE

/* A judged record. */
typedef struct record {
    visit_record visit;     /* wiped by record_wipe */
    buffer encounter_text;  /* the bytes that the doctor signed */
    int status;             /* 0 while nothing is wrong, else 400, 422 */
    const char *code;       /* of the OperationOutcome; static */
    char reason[RECORD_REASON_SIZE];
} record;

/* Reads the body. False: status, code and reason say why not. */
bool record_read(const http_request *request, record *out);
/* The doctor's signature and the evidence, and that they belong together and to the sender. */
bool record_verify(const history *h, int64_t now, record *r);
void record_wipe(record *r);
