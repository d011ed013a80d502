/* The README of an exported audit log: how to verify it elsewhere with stock openssl. */
#pragma once

extern const char audit_readme[];
