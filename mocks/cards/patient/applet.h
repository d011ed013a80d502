/* One powered card: its image, what is selected and what has been proved. Handlers (commands.c) act on it; applet.c
 * decides which one runs. */
#pragma once

#include "card.h"
#include "image.h"
#include "iso7816/apdu.h"

struct card {
    card_image image;
    /* volatile: ends with a reset */
    bool application_selected;
    const elementary_file *current; /* NULL: none */
    apdu_chain chain;
    buffer waiting; /* rest of an answer, for GET RESPONSE */
};

/* Appends the answer's data and returns the status word; data is dropped unless that is 9000. */
typedef status_word command_handler(card *c, const apdu_command *command, buffer *answer);

command_handler command_select;
command_handler command_read_binary;
command_handler command_verify;
command_handler command_change_reference_data;
command_handler command_get_challenge;
command_handler command_compute_signature;
command_handler command_import_certificate;
command_handler command_manage_security_environment;
command_handler command_verify_certificate;
command_handler command_external_authenticate;
command_handler command_no_such_form;

/* PIN states and the institution's state go; files and counters stay. */
void card_clear_security(card *c);
