# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Sourced: a demonstration as a list of steps. Each step is one line for people, and one row of summary.json:
# name, outcome, milliseconds, APDUs and bytes at the card (all readers together, from softcard's counters).
rows=()
failed_step=""

now_ms() { echo $(($(date +%s%N) / 1000000)); }

# step NAME ENGLISH JAPANESE FUNCTION: runs the function; its standard output is the step's short result text.
step() {
  local name=$1 words said outcome=ok begun ended counted
  words=$(choose "$2" "$3")
  [ -z "$failed_step" ] || return 1
  [ -n "$softcard_pid" ] && softcard_do stats --reset > /dev/null
  begun=$(now_ms)
  "$4" > "$logs/$name.out" 2> "$logs/$name.err" || outcome=failed
  ended=$(now_ms)
  # A short answer is shown whole, of a longer one its last line. shown_lines: what is short.
  said=$(cat "$logs/$name.out")
  [ "$(printf '%s\n' "$said" | wc -l)" -le "${shown_lines:-3}" ] || said=$(tail -n 1 "$logs/$name.out")
  counted='{"apdus":0,"bytes":0}'
  [ -n "$softcard_pid" ] && counted=$(softcard_do stats |
    jq -c '[.readers[]] | {apdus: (map(.apdus) | add), bytes: (map(.command_bytes + .response_bytes) | add)}')
  rows+=("$(jq -nc --arg name "$name" --arg outcome $outcome --arg result "$said" --argjson ms $((ended - begun)) \
    --argjson counted "$counted" '{name: $name, outcome: $outcome, ms: $ms} + $counted + {result: $result}')")
  if [ $outcome = ok ]; then
    printf '  %2d. %s\n' ${#rows[@]} "$words"
    printf '%s\n' "$said" | sed 's/^/      /'
  else
    failed_step=$name
    printf '  %2d. %s: %s\n' ${#rows[@]} "$words" "$(choose FAILED 失敗)"
    tail -n 15 "$logs/$name.err" "$logs/$name.out" | sed 's/^/      /'
    return 1
  fi
}

# pad WIDTH TEXT: a negative width fills on the right. Counts columns: a kanji takes two.
pad() {
  local fill=$((${1#-} - $(printf '%s' "$2" | LC_ALL=C.UTF-8 wc -L)))
  if [ "$1" -lt 0 ]; then printf '%s%*s ' "$2" "$fill" ''; else printf '%*s%s ' "$fill" '' "$2"; fi
}

summary() { # FILE
  printf '%s\n' "${rows[@]}" | jq -s --arg started "$started_at" \
    '{started: $started, ok: (length > 0 and all(.[]; .outcome == "ok")), steps: .}' > "$1"
  echo
  echo "  $(pad -28 "$(choose step 手順)")$(pad -8 "$(choose outcome 結果)")$(pad 8 ms)$(pad 8 APDU)$(pad 10 bytes)"
  jq -r '.steps[] | [.name, .outcome, .ms, .apdus, .bytes] | @tsv' "$1" |
    while IFS=$'\t' read -r name outcome ms apdus bytes; do
      printf '  %-28s %-8s %8s %8s %10s\n' "$name" "$outcome" "$ms" "$apdus" "$bytes"
    done
}
