# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# What make install puts somewhere, as tests/build/installed.txt lists it. Sourced (bash). Needs: top_srcdir.

# installed_by_list [PART ...]: the files of these parts, or of all, relative to the prefix, one a line.
installed_by_list() {
  local part="${*:-core terminal services relay screen emulation lab}"
  grep -v '^#' "$top_srcdir/tests/build/installed.txt" | awk -v parts=" $part " 'index(parts, " " $1 " ") { print $2 }' | LC_ALL=C sort
}

# Files below a folder, relative to it, without documents.
files_of() { (cd "$1" && find . -type f -o -type l) | sed "s|^\./||" | grep -v "^share/doc/uketsuke/docs/" | LC_ALL=C sort; }

# relative_to PREFIX < PATHS
relative_to() { sed "s|^$1/||" | grep -v "^share/doc/uketsuke/docs/" | LC_ALL=C sort; }
