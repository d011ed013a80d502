/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A libcurl that believes every server, as one does that misunderstands its options: to be preloaded. What is set about
 * trust anchors and revocation lists is lost, and the checks of certificate and name are off. With CREDULOUS_UNASKED in
 * the environment the caller's own check before a request is lost, too. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#undef curl_easy_setopt

typedef CURLcode set_option(CURL *handle, CURLoption option, ...);

static bool is_lost(CURLoption option) {
    switch (option) {
    case CURLOPT_CAPATH:
    case CURLOPT_CAINFO:
    case CURLOPT_CAINFO_BLOB:
    case CURLOPT_CRLFILE: return true;
    case CURLOPT_PREREQFUNCTION: return getenv("CREDULOUS_UNASKED") != NULL;
    default: return false;
    }
}

__attribute__((visibility("default"))) CURLcode curl_easy_setopt(CURL *handle, CURLoption option, ...) {
    set_option *genuine = (set_option *)(uintptr_t)dlsym(RTLD_NEXT, "curl_easy_setopt");
    va_list rest;
    CURLcode code = CURLE_OK;
    if (is_lost(option))
        return CURLE_OK;
    if (option == CURLOPT_SSL_VERIFYPEER || option == CURLOPT_SSL_VERIFYHOST)
        return genuine(handle, option, 0L);
    va_start(rest, option);
    if (option < CURLOPTTYPE_OBJECTPOINT)
        code = genuine(handle, option, va_arg(rest, long));
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        code = genuine(handle, option, va_arg(rest, curl_off_t));
    else
        code = genuine(handle, option, va_arg(rest, void *));
    va_end(rest);
    return code;
}
