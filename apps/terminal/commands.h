/* The commands of `uketsuke`, one function each, and their table. */
#pragma once

#include "terminal.h"

/* Which PIN a command wants typed. The resident process has no keyboard: its client asks before it sends. */
typedef enum command_asks { ASKS_NOTHING, ASKS_PIN, ASKS_SIGN_PIN } command_asks;

typedef struct command {
    const char *name; /* one word, or two with one blank between */
    outcome (*run)(terminal *t);
    bool needs_configuration;
    bool resident;           /* done by the resident process when there is one */
    command_asks asks;
    const char *prompt;      /* marked with N_() */
    bool paths;              /* its arguments are names of files */
    bool personal;           /* what it shows disappears after a while (curtain.h) */
    bool takes_anchors;      /* --anchors is for it: elsewhere trust is not the user's to choose */
    const char *arguments;   /* for the help */
    const char *help;        /* marked with N_() */
} command;

extern const command commands[]; /* closed by a row without name */

/* The row of this name, or NULL. */
const command *command_named(const char *name);
/* Reads the configuration that the command needs. */
outcome command_configure(terminal *t, const command *chosen);
/* Runs it, and notes in the audit log that it was run. */
outcome command_run(terminal *t, const command *chosen);

#define PROMPT_PIN N_("PIN of the operator card (4 digits)")
#define PROMPT_CARD_DATA N_("The patient's 4-digit card-data PIN, or number B (照合番号B, 14 digits)")
#define PROMPT_SIGN_PIN N_("Signature PIN of the card (6 to 16 capitals and digits)")
#define PROMPT_OFFICER_PIN N_("Officer's PIN of the Secure Element (PUK, 8 to 16 characters)")
#define PROMPT_SE_PIN N_("Activation PIN of the Secure Element (6 to 12 digits)")

outcome login_command(terminal *t);
outcome logout_command(terminal *t);
outcome reception_command(terminal *t);
outcome person_command(terminal *t);
outcome reconcile_command(terminal *t);
outcome visit_command(terminal *t);
outcome status_command(terminal *t);
outcome evidence_verify_command(terminal *t);
outcome evidence_show_command(terminal *t);
outcome evidence_export_command(terminal *t);
outcome anchors_show_command(terminal *t);
outcome anchors_stage_command(terminal *t);
outcome anchors_apply_command(terminal *t);
outcome anchors_revert_command(terminal *t);
outcome clock_confirm_command(terminal *t);
outcome signature_make_command(terminal *t);
outcome signature_verify_command(terminal *t);
outcome enroll_begin_command(terminal *t);
outcome enroll_finish_command(terminal *t);
outcome unlock_command(terminal *t);
outcome audit_command(terminal *t);
outcome serve_command(terminal *t);
