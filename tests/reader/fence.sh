# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# The fence that a systemd unit draws around its process, read from the unit and drawn by tests/reader/fence. Sourced
# (bash), after tests/lib/pcscd.sh.
#
#   fence_of FOLDER UNIT...    # the units' directives as options in ${fence_options[@]}; later units add to earlier ones
#                              # as drop-ins do. FOLDER keeps the list of calls. Fails at a directive it does not know.

# Directive, value and what draws it; "-": nothing that a reader driver could notice. systemd.exec(5).
fence_table() {
  cat << 'TABLE'
ProtectSystem=strict --read-only
ProtectHome=yes --no-home
PrivateTmp=yes --private-tmp
PrivateUsers=identity --private-users
UMask=0077 --umask 0077
CapabilityBoundingSet= --no-capabilities
NoNewPrivileges=yes --no-new-privileges
RestrictSUIDSGID=yes --no-suid
MemoryDenyWriteExecute=yes --no-write-execute
ProtectProc=invisible -
ProtectHostname=yes -
ProtectClock=yes -
ProtectKernelTunables=yes -
ProtectKernelModules=yes -
ProtectKernelLogs=yes -
ProtectControlGroups=yes -
RestrictNamespaces=yes -
LockPersonality=yes -
RestrictRealtime=yes -
SystemCallArchitectures=native -
TABLE
}

# The directives of [Service] in these units that fence, a line each.
fence_directives() {
  sed -n '/^\[Service\]/,/^\[[^S]/p' "$@" |
    grep -E '^(Protect|Private|Restrict|Lock|Memory|NoNew|Capability|Ambient|SystemCall|UMask|User|Group|DynamicUser|Read|Inacc|Exec(Paths)?=)' |
    grep -v '^Exec'
}

# calls_of SET...: the names of systemd's sets and of the sets in them, with what systemd adds to every list.
calls_of() {
  local name
  # shellcheck disable=SC2046 # lists of names
  for name in "$@"; do
    case $name in
      @*) calls_of $(systemd-analyze syscall-filter "$name" | sed -n 's/^ *\([@a-z_0-9-]*\)$/\1/p' | grep -vx -- "$name") ;;
      *) echo "$name" ;;
    esac
  done
}

# write_calls FILE VALUE...: SystemCallFilter's lines, the first of which allows; "~" takes away again.
write_calls() {
  local file=$1 value
  shift
  calls_of @default | sort -u > "$file.allowed"
  for value in "$@"; do
    case $value in
      \~*) calls_of ${value#\~} | sort -u | comm -13 - "$file.allowed" > "$file.next" ;;
      *) calls_of $value | sort -u - "$file.allowed" > "$file.next" ;;
    esac
    mv "$file.next" "$file.allowed"
  done
  sed 's/^/allow /' "$file.allowed" > "$file"
  calls_of @known | sort -u | comm -23 - "$file.allowed" | sed 's/^/kill /' >> "$file"
}

fence_options=()
fence_of() {
  local folder=$1 line options filters=()
  shift
  fence_options=()
  while read -r line; do
    case $line in
      SystemCallFilter=*) filters+=("${line#*=}") ;;
      *)
        options=$(fence_table | awk -v row="$line" '$1 == row { $1 = ""; print }')
        [ -n "$options" ] || { echo "no word in fence_table for $line" >&2; return 1; }
        # shellcheck disable=SC2206 # options are words
        [ "$options" = " -" ] || fence_options+=($options)
        ;;
    esac
  done < <(fence_directives "$@")
  [ ${#filters[@]} = 0 ] && return
  write_calls "$folder/calls" "${filters[@]}" && fence_options+=(--calls "$folder/calls")
}
