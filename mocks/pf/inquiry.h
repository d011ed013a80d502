/* One CoverageEligibilityRequest, from its evidence to a ruling. */
#pragma once

#include "answer.h"

#define INQUIRY_REASON_SIZE 300

typedef struct inquiry_ruling {
    int status;      /* 201 new, 200 known already, 409, 422; 503 when the store fails */
    buffer resource; /* JSON: the answer, or empty */
    const char *code; /* of the OperationOutcome when there is no answer; static */
    char reason[INQUIRY_REASON_SIZE];
} inquiry_ruling;

/* Judges the request, keeps evidence and answer, and only then returns. Free ruling->resource with buffer_wipe. */
void inquiry_rule(platform *p, const http_peer *peer, const eligibility_request *request, statement_mode mode,
                  inquiry_ruling *out);
/* The same for what could not be read as a request. */
void inquiry_misread(platform *p, const http_peer *peer, const fhir_problem *problem, inquiry_ruling *out);
