/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/extract_control.h"

#include "main/relay_service.h"

#include "fhir/json.h"

#include <string.h>

static extraction *patients_of(const relay_service *service) {
    return service->pass != NULL ? pass_server_patients(service->pass) : NULL;
}

static result answer_object(json_t *object, buffer *answer) {
    buffer_append_text(answer, "ok\n");
    return fhir_dump_and_free(object, answer);
}

/* argument: the cursor of the page before. */
result extract_control_list(void *context, bytes argument, buffer *answer) {
    char cursor[EXTRACTION_CURSOR_SIZE] = "";
    extraction *x = patients_of(context);
    json_t *list = json_array();
    if (argument.length < sizeof cursor)
        memcpy(cursor, argument.data, argument.length);
    const char *problem = x == NULL ? "off" : extraction_list(x, cursor, list) != RESULT_OK ? "store" : NULL;
    if (problem == NULL)
        return answer_object(json_pack("{s:O,s:s}", "patients", list, "more", cursor), answer);
    json_decref(list);
    return buffer_append_format(answer, "%s\n", problem);
}

result extract_control_query(void *context, bytes argument, buffer *answer) {
    const relay_service *service = context;
    extraction *x = patients_of(service);
    pass_server_counts counts;
    (void)argument;
    if (x == NULL)
        return buffer_append_text(answer, "off\n");
    extraction_want(x);
    pass_server_tell(service->pass, &counts);
    const char *platform = counts.services[KEPT_PLATFORM].up         ? "up"
                           : !connection_gate_is_open(service->gate) ? "gate"
                                                                     : "silent";
    return answer_object(json_pack("{s:s}", "platform", platform), answer);
}
