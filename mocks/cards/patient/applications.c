#include "applications.h"

const application_kind *const application_kinds[] = {
    &jpki_application,
    &input_support_application,
    &card_face_application,
    &common_application,
    &resident_application,
    &issuer_domain_application,
};
const size_t application_kind_count = sizeof application_kinds / sizeof *application_kinds;
