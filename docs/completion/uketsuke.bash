# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash

# bash completion for uketsuke, uketsuke-relay, uketsuke-p11-connect, uketsuke-screen, uketsuke-se-tool, uketsuke-pf, uketsuke-history,
# softcard, mock-ca and uketsuke-lab. Commands and options come from the program's own --help, where they stand once.
# Installed under each program's name, as bash-completion looks for it.

_uketsuke_help() { # PROGRAM [WORD ...]: its help, in English
  LC_ALL=C "$@" --help 2> /dev/null
}

# The commands in a help's text, one a line: one word, or two.
_uketsuke_commands() {
  sed -nE '/^Options:/q
    s/^  (uketsuke-(pf|history) )?([a-z][a-z-]*( [a-z][a-z-]*)?)( +[[A-Z-].*|  .*| *)$/\3/p'
}

# The options in a help's text, one a line: "--config FILE", "--json".
_uketsuke_options() {
  grep -oE -- '--[a-z][a-z-]*( [A-Z][A-Z|=-]*)?' | sort -u
}

# What completes the word at the cursor. PROGRAM and the words before the cursor's as arguments.
_uketsuke_candidates() {
  local program=$1 options commands word argument
  local -a chosen=()
  shift
  options=$(_uketsuke_help "$program" | _uketsuke_options)
  commands=$(_uketsuke_help "$program" | _uketsuke_commands)
  argument=
  for word; do
    if [ -n "$argument" ]; then
      argument=
    elif [[ $word == --* ]]; then
      argument=$(sed -n "s/^$word //p" <<< "$options")
    else
      chosen+=("$word")
      # the options of a command may stand in its own help only
      [ ${#chosen[@]} -gt 2 ] ||
        options=$({ echo "$options"; _uketsuke_help "$program" "${chosen[@]}" | _uketsuke_options; } | sort -u)
    fi
  done
  case $argument in
    '') ;;
    *FILE* | *FOLDER* | *PATH* | *KEY*) echo "<file>"; return ;;
    *) return ;;
  esac
  if [ ${#chosen[@]} = 0 ]; then
    sed 's/ .*//' <<< "$commands" | sort -u
    printf '%s\n' --help --version
  elif [ ${#chosen[@]} = 1 ]; then
    sed -n "s/^${chosen[0]} //p" <<< "$commands"
    echo "<file>"
  else
    echo "<file>"
  fi
  [ ${#chosen[@]} = 0 ] || sed 's/ .*//' <<< "$options" | sort -u
}

_uketsuke() {
  local candidates current=${COMP_WORDS[COMP_CWORD]}
  candidates=$(_uketsuke_candidates "${COMP_WORDS[@]:0:COMP_CWORD}")
  mapfile -t COMPREPLY < <(compgen -W "$(grep -vx '<file>' <<< "$candidates")" -- "$current")
  if [[ $current != -* ]] && grep -qx '<file>' <<< "$candidates"; then
    compopt -o filenames 2> /dev/null
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
  fi
}

complete -F _uketsuke uketsuke uketsuke-relay uketsuke-p11-connect uketsuke-screen uketsuke-se-tool uketsuke-pf uketsuke-history softcard \
  mock-ca uketsuke-lab
