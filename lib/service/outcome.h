/* FHIR R4 OperationOutcome: how every error leaves a service. */
#pragma once

#include "net/http_server.h"

#include <jansson.h>

/* code: a code of http://hl7.org/fhir/issue-type; text: what is wrong, and what to do next. NULL when memory is out. */
json_t *outcome_new(const char *code, const char *text);

/* Fills the reply with an OperationOutcome. */
void outcome_reply(http_reply *reply, int status, const char *code, const char *text);

/* An http_refuser: the code follows from the status. */
void outcome_refuse(void *context, int status, const char *cause, http_reply *reply);

/* Appends the value as JSON: keys sorted, no white space, numbers with at most six digits. */
result json_append(buffer *out, const json_t *value);
