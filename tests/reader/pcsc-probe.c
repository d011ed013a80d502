/* A PC/SC client for tests. `list` names the readers, one a line. */
#include <stdio.h>
#include <string.h>
#include <winscard.h>

static int list(SCARDCONTEXT context) {
    char names[4096];
    DWORD length = sizeof names;
    LONG code = SCardListReaders(context, NULL, names, &length);
    if (code == SCARD_E_NO_READERS_AVAILABLE)
        return 0;
    if (code != SCARD_S_SUCCESS)
        return 1;
    for (const char *name = names; *name != 0; name += strlen(name) + 1)
        puts(name);
    return 0;
}

int main(int argc, char **argv) {
    SCARDCONTEXT context;
    if (argc != 2 || strcmp(argv[1], "list") != 0) {
        fputs("usage: pcsc-probe list\n", stderr);
        return 2;
    }
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (code != SCARD_S_SUCCESS) {
        fprintf(stderr, "pcsc-probe: %s\n", pcsc_stringify_error(code));
        return 1;
    }
    int status = list(context);
    SCardReleaseContext(context);
    return status;
}
