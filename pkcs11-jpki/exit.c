/* Programs that end without C_Finalize (Java does) would leave the card open for whoever comes next: at exit the rights
 * of every card still in use are taken back. Handlers of exit run while all libraries are still whole. */
#include "myna.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t list = PTHREAD_MUTEX_INITIALIZER;
static myna *first;
static pid_t process; /* that uses the cards; the child of a fork leaves them alone */

static void close_all(void) {
    if (process != getpid() || pthread_mutex_trylock(&list) != 0)
        return;
    for (myna *m = first; m != NULL; m = m->next)
        myna_close_rights(m->card);
    pthread_mutex_unlock(&list);
}

void myna_close_at_exit(sc_card_t *card) {
    static bool registered;
    myna *m = myna_of(card);
    pthread_mutex_lock(&list);
    if (!registered)
        registered = atexit(close_all) == 0;
    if (process != getpid())
        first = NULL;
    process = getpid();
    m->card = card;
    m->next = first;
    first = m;
    pthread_mutex_unlock(&list);
}

void myna_closed(const myna *m) {
    pthread_mutex_lock(&list);
    for (myna **at = &first; *at != NULL; at = &(*at)->next) {
        if (*at != m)
            continue;
        *at = m->next;
        break;
    }
    pthread_mutex_unlock(&list);
}
