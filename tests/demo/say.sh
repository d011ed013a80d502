# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Sourced: words for people, in Japanese or English by LC_ALL, LC_MESSAGES or LANG.
case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
  ja*) language=ja ;;
  *) language=en ;;
esac

# choose ENGLISH JAPANESE: prints the one that the reader understands.
choose() {
  if [ $language = ja ]; then printf '%s' "$2"; else printf '%s' "$1"; fi
}

say() {
  choose "$1" "$2"
  echo
}
