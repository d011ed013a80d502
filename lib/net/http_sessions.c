/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_sessions.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

/* libcurl over GnuTLS takes a server's tickets; that of Debian 12 (7.88) turns them off. */
#define TAKES_TICKETS 0x080E00 /* 8.14, Debian 13 */

struct http_sessions {
    CURLSH *share;
    pthread_mutex_t locks[CURL_LOCK_DATA_LAST], lock; /* libcurl's; over what follows */
    unsigned holders;
    bool spoilt;
};

static void take_lock(CURL *transfer, curl_lock_data data, curl_lock_access access, void *context) {
    http_sessions *sessions = context;
    (void)transfer, (void)access;
    pthread_mutex_lock(&sessions->locks[data]);
}

static void give_lock(CURL *transfer, curl_lock_data data, void *context) {
    http_sessions *sessions = context;
    (void)transfer;
    pthread_mutex_unlock(&sessions->locks[data]);
}

static http_sessions *make(void) {
    const bool useful = curl_version_info(CURLVERSION_NOW)->version_num >= TAKES_TICKETS;
    http_sessions *made = useful ? calloc(1, sizeof *made) : NULL;
    if (!made)
        return NULL;
    *made = (http_sessions){.share = curl_share_init(), .holders = 1};
    pthread_mutex_init(&made->lock, NULL);
    for (size_t i = 0; i < CURL_LOCK_DATA_LAST; i++)
        pthread_mutex_init(&made->locks[i], NULL);
    if (!made->share || curl_share_setopt(made->share, CURLSHOPT_LOCKFUNC, take_lock) ||
        curl_share_setopt(made->share, CURLSHOPT_UNLOCKFUNC, give_lock) ||
        curl_share_setopt(made->share, CURLSHOPT_USERDATA, made) ||
        curl_share_setopt(made->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION))
        http_sessions_forget(&made);
    return made;
}

http_sessions *http_sessions_current(http_sessions **sessions) {
    bool spoilt = false;
    if (*sessions) {
        pthread_mutex_lock(&(*sessions)->lock);
        spoilt = (*sessions)->spoilt;
        pthread_mutex_unlock(&(*sessions)->lock);
    }
    if (spoilt)
        http_sessions_forget(sessions);
    if (!*sessions)
        *sessions = make();
    return *sessions;
}

void http_sessions_forget(http_sessions **sessions) {
    http_sessions *mine = *sessions;
    *sessions = NULL;
    if (!mine)
        return;
    pthread_mutex_lock(&mine->lock);
    const unsigned left = --mine->holders;
    pthread_mutex_unlock(&mine->lock);
    if (left > 0)
        return;
    if (mine->share)
        curl_share_cleanup(mine->share);
    for (size_t i = 0; i < CURL_LOCK_DATA_LAST; i++)
        pthread_mutex_destroy(&mine->locks[i]);
    pthread_mutex_destroy(&mine->lock);
    free(mine);
}

http_sessions *http_sessions_hold(http_sessions *sessions) {
    if (!sessions)
        return NULL;
    pthread_mutex_lock(&sessions->lock);
    sessions->holders++;
    pthread_mutex_unlock(&sessions->lock);
    return sessions;
}

bool http_sessions_join(http_sessions *sessions, void *transfer) {
    return !curl_easy_setopt(transfer, CURLOPT_SHARE, sessions->share) &&
           !curl_easy_setopt(transfer, CURLOPT_SSL_SESSIONID_CACHE, 1L);
}

bool http_sessions_leave(void *transfer) {
    return !curl_easy_setopt(transfer, CURLOPT_SHARE, NULL) &&
           !curl_easy_setopt(transfer, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

void http_sessions_spoil(http_sessions *sessions) {
    if (!sessions)
        return;
    pthread_mutex_lock(&sessions->lock);
    sessions->spoilt = true;
    pthread_mutex_unlock(&sessions->lock);
}
