# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# A display that nobody sees: wlroots' headless one, painted by the processor. cage does not run as root, so it is another
# user's, as on a machine. Sourced (bash).
#
#   display_begin FOLDER                  # a new one, that user's home, too
#   on_display [NAME=VALUE...] PROGRAM... # cage, or a program that looks at its display
display_user=nobody
display_folder=

display_begin() {
  display_folder=$1
  mkdir -m 0700 "$1" && chown "$display_user" "$1"
}

on_display() {
  setpriv --reuid="$display_user" --regid=nogroup --clear-groups env HOME="$display_folder" XDG_RUNTIME_DIR="$display_folder" \
    XDG_SESSION_TYPE=wayland WAYLAND_DISPLAY=wayland-0 WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman "$@"
}
