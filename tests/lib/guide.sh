# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# The commands of a guide, so that a test runs what is printed. Sourced (bash).
#
#   guide_commands FILE HEADING     # one a line: the section's indented lines, without their comments

guide_commands() {
  awk -v heading="$2" '
    /^## / { inside = ($0 == "## " heading); next }
    inside && /^    [^ #]/ { sub(/^    /, ""); sub(/ +# .*$/, ""); print }' "$1"
}
