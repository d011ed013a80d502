#include "commands.h"

#include "audit.h"

#include <stdlib.h>
#include <string.h>

const command commands[] = {
    {"login", login_command, true, true, ASKS_PIN, PROMPT_PIN, "", N_("log in with the operator card and its PIN")},
    {"logout", logout_command, true, true, ASKS_NOTHING, NULL, "", N_("end the session")},
    {"reception", reception_command, true, true, ASKS_NOTHING, NULL, "",
     N_("check the patient on the patient reader, online or offline")},
    {"reconcile", reconcile_command, true, true, ASKS_NOTHING, NULL, "",
     N_("have offline receptions confirmed by the platform")},
    {"visit", visit_command, true, true, ASKS_SIGN_PIN, PROMPT_SIGN_PIN, "[--evidence ID]",
     N_("sign and register the visit record (doctor)")},
    {"status", status_command, true, true, ASKS_NOTHING, NULL, "", N_("readers, SE, session, what waits")},
    {"unlock", unlock_command, true, true, ASKS_PIN, PROMPT_SE_PIN, "",
     N_("resume work after the SE was taken out and put back")},
    {"audit", audit_command, true, true, ASKS_NOTHING, NULL, "", N_("show the audit log and check its chain")},
    {"evidence verify", evidence_verify_command, false, false, ASKS_NOTHING, NULL, "FILE", N_("check evidence")},
    {"evidence show", evidence_show_command, false, false, ASKS_NOTHING, NULL, "FILE", N_("print evidence to be read")},
    {"evidence export", evidence_export_command, true, true, ASKS_NOTHING, NULL, "[--evidence ID]",
     N_("write evidence to a folder for an auditor")},
    {"serve", serve_command, true, false, ASKS_NOTHING, NULL, "",
     N_("stay resident: watch the cards, do what the other commands ask for")},
    {NULL, NULL, false, false, ASKS_NOTHING, NULL, NULL, NULL},
};

const command *command_named(const char *name) {
    for (const command *c = commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

outcome command_configure(terminal *t, const command *chosen) {
    /* Evidence is verified without a configuration; if one is there, its anchors are the default. */
    if (!chosen->needs_configuration && t->options.configuration_path == NULL && getenv("UKETSUKE_CONFIG") == NULL)
        return OUTCOME_OK;
    return configuration_read(t->options.configuration_path, &t->configuration, &t->report);
}

outcome command_run(terminal *t, const command *chosen) {
    outcome done = chosen->run(t);
    if (chosen->resident)
        audit_note_command(t, chosen->name, done);
    return done;
}
