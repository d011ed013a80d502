/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Applications of the card. Each is a table of its own (application_kind): AID, elementary files, commands. The card
 * knows nothing of what they do; they know nothing of one another. An image has those applications whose folder it has
 * (docs/interfaces/card-image.md).
 *
 * To write one: docs/guides/add-an-applet.md. */
#pragma once

#include "patient_files.h"
#include "iso7816/apdu.h"

#define AID_MIN 5 /* ISO/IEC 7816-4 8.2.1.2 */
#define AID_MAX 16
#define APPLICATION_FILES_MAX 32

typedef struct card card;
struct application;

/* Appends the answer's data and returns the status word; data is dropped unless that is 9000. */
typedef status_word command_handler(card *c, const apdu_command *command, buffer *answer);

typedef struct command_row {
    uint8_t cla; /* 00 or 80 */
    uint8_t ins;
    command_handler *handler;
} command_row;

typedef struct application_kind {
    const char *name;   /* in words */
    const char *folder; /* in the image; it has the application when it has this folder */
    bytes aid;
    const elementary_file *files;
    size_t file_count;
    const command_row *commands;
    size_t command_count;
    /* Everything is loaded: checks what belongs together, fills in what follows from the rest. NULL: nothing. */
    result (*complete)(struct application *a, const char **problem);
    /* Further rights that hold now, beside those of its PINs; NULL: none. */
    unsigned (*rights)(const card *c);
    /* An application is selected, or a reset: what handlers keep beside PINs ends. NULL: nothing kept elsewhere. */
    void (*clear)(card *c);
    size_t state_size; /* of application.state; 0: none */
} application_kind;

typedef struct application {
    const application_kind *kind; /* NULL: not on this card */
    file *files;                  /* kind->file_count */
    void *state;                  /* for its handlers: kind->state_size bytes, zero when the others' states end */
} application;

/* Without PINs, which need the image's lock. *problem is set on failure. */
result application_load(application *a, const application_kind *kind, const char *image_folder, const char **problem);
result application_load_pins(application *a, const char *image_folder, const char **problem);
void application_free(application *a);

/* NULL when there is no such file. */
file *application_file(const application *a, uint16_t id);
/* Short EF identifiers 1 to 30 (ISO/IEC 7816-4 7.3.2) are the identifiers 0001 to 001E. */
file *application_file_by_short_id(const application *a, uint8_t short_id);

/* All PINs are as if never verified, and the state is zero. */
void application_forget(application *a);
/* The rights that its verified PINs give. */
unsigned application_pin_rights(const application *a);

/* What a shared object that holds an applet exports under this name (docs/guides/add-an-applet.md). */
#define APPLET_SYMBOL "uketsuke_applet"
#define APPLET_INTERFACE 1 /* goes up when this header or applet.h changes in a way that applets notice */

typedef struct applet {
    unsigned interface;
    const application_kind *kind;
} applet;
