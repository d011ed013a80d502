# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Which files are ours, for tests that read the whole tree.

# our_files [EXTENDED-REGULAR-EXPRESSION]: paths below $top_srcdir, one a line. What git tracks; in an unpacked tarball
# everything but what autotools and builds make.
our_files() (
  cd "$top_srcdir" || exit 1
  if [ -e .git ]; then git -c safe.directory='*' ls-files; else everything; fi | grep -E -e "${1:-.}" |
    while read -r file; do [ -f "$file" ] && echo "$file"; done | LC_ALL=C sort
)

made_by_autotools='configure|aclocal\.m4|config\.h\.in|Makefile\.in|m4/(libtool|lt.*)\.m4|build-aux/(ar-lib|compile|depcomp'
made_by_autotools+='|config\.guess|config\.sub|install-sh|ltmain\.sh|missing|tap-driver\.sh|test-driver)'
everything() {
  find . -mindepth 1 \( -path './build*' ! -path './build-aux*' -o -name '_*' -o -name autom4te.cache -o -name npm \
    -o -name demo-out -o -name '.*' ! -name .ci ! -name .clang-format ! -name .gitignore \) -prune -o -type f -print |
    sed 's|^\./||' | grep -vE -e "^($made_by_autotools)\$" -e '~$' -e '\.(o|lo|la|pyc)$'
}
