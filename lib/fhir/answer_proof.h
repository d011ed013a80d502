/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The platform's proof about one piece of evidence, for a recipient that needs only the link id: the signed form of its
 * answer (fhir/signed_answer.h) with the proof that the platform signed it. A single answer's is signed directly; an
 * entry of a batch has its path to the root of a hash tree, and the root is signed (crypt/hash_tree.h).
 * docs/interfaces/http.md. */
#pragma once

#include "crypt/hash_tree.h"
#include "fhir/json.h"

#define ANSWER_PATH_SIZE (16 + HASH_TREE_PATH_MAX * 65)
#define ANSWER_PROOF_MAX 131072 /* bytes of a proof */
#define ANSWER_PROOF_SIGNATURE_MAX 16384

/* "2/5 HEX HEX": index and number of entries, then the sibling hashes upwards, capital hexadecimal. */
void answer_path_write(const hash_tree_path *path, char text[ANSWER_PATH_SIZE]);
/* RESULT_INVALID for anything that answer_path_write does not write. */
result answer_path_read(const char *text, hash_tree_path *out);

/* What is signed of a batch. Appends. */
result answer_proof_root(size_t entries, const uint8_t root[CRYPT_SHA256_LENGTH], buffer *content);
/* hash_tree_climb from an entry's canonical bytes. */
result answer_proof_climb(bytes entry, const hash_tree_path *path, uint8_t root[CRYPT_SHA256_LENGTH]);

/* answer: the signed form; entry: as in the tree. signature: DER of the detached CMS. Append. */
result answer_proof_write_alone(bytes answer, bytes signature, buffer *text);
result answer_proof_write_entry(bytes entry, const char *path, bytes signature, buffer *text);

/* A proof, read. */
typedef struct answer_proof {
    buffer answer;    /* the signed form, canonical */
    buffer content;   /* what the signature must be over */
    buffer signature; /* DER */
} answer_proof;

/* Returns the signed bytes and the signature; verifies nothing. RESULT_INVALID, and why in problem: also for an entry
 * that was no answer (status neither 200 nor 201), and for a proof that holds more than it needs. answer_proof_wipe also
 * after failure. */
result answer_proof_read(bytes text, answer_proof *out, fhir_problem *problem);
void answer_proof_wipe(answer_proof *proof);
/* Whether the history service accepts it: the signed form alone (fhir/signed_answer.h). Verifies nothing. */
bool answer_proof_is_bare(bytes text);
