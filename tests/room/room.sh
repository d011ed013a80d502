# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

# A fresh Debian in a folder, for tests/clean-room, and booted for booted-room: with systemd as PID 1 of namespaces of its
# own, no network but loopback, no devices but the harmless ones, /proc/sys read-only. Sourced (bash).

room='' room_pid='' room_group=''

# The folder $room; $room_archives, what apt has downloaded for this release so far. The base system is made once.
room_make() { # SUITE
  local suite=$1 cache=${CLEAN_ROOM_CACHE:-/var/tmp/uketsuke-clean-room}
  local base=$cache/$suite.tar
  room_archives=$cache/archives-$suite
  mkdir -p "$room_archives/partial"
  if [ ! -s "$base" ]; then
    command -v mmdebstrap > /dev/null ||
      { apt-get update -qq; apt-get install -y -qq --no-install-recommends mmdebstrap > /dev/null; }
    echo "${0##*/}: making the base system of $suite (once)" >&2
    mmdebstrap --quiet --variant=important --include=ca-certificates,git "$suite" "$cache/new-$suite.tar"
    mv "$cache/new-$suite.tar" "$base"
  fi
  room=$(mktemp -d /var/tmp/uketsuke-room.XXXXXX)
  tar -C "$room" -xf "$base"
  # Name resolution and apt's proxy settings are the machine's; nothing else of it is visible inside. What a package has
  # brought (50appstream) would be a question when the room gets that package.
  cp -L /etc/resolv.conf "$room/etc/resolv.conf"
  find /etc/apt/apt.conf.d -type f ! -name 'docker-*' | while read -r settings; do
    dpkg-query -S "$settings" > /dev/null 2>&1 || cp "$settings" "$room/etc/apt/apt.conf.d/"
  done
}

room_remove() {
  [ -n "$room" ] || return 0
  if [ -n "${KEEP:-}" ]; then echo "${0##*/}: kept in $room" >&2; else rm -rf --one-file-system "$room"; fi
}

# While the room still has the network: everything that the packages need, into apt's own cache, and what a desk's machine
# has besides (polkit's daemon).
room_fetch() { # FOLDER
  mkdir -p "$room/root/packages"
  cp "$1"/*.deb "$room/root/packages/"
  ROOM=$room ARCHIVES=$room_archives unshare --mount --pid --fork --uts --kill-child bash -eu -c '
    mount --make-rprivate /
    mount -t proc proc "$ROOM/proc"
    mount --rbind /dev "$ROOM/dev"
    mount --bind "$ARCHIVES" "$ROOM/var/cache/apt/archives"
    exec chroot "$ROOM" /usr/bin/env -i HOME=/root DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -eu -c "
      apt-get update -qq
      apt-get install -y -qq --no-install-recommends -o APT::Sandbox::User=root polkitd dbus > /dev/null
      cd /root/packages
      apt-get install -y -qq --no-install-recommends --download-only -o APT::Sandbox::User=root \
        \$(ls ./*.deb | grep -v -e -dbgsym_) > /dev/null
    "' < /dev/null || return 1
  cp "$room_archives"/*.deb "$room/var/cache/apt/archives/"
}

room_boot() {
  grep -q localhost "$room/etc/hosts" 2> /dev/null || echo "127.0.0.1 localhost uketsuke-room" >> "$room/etc/hosts"
  room_group=/sys/fs/cgroup/uketsuke-room-$$
  [ -e /sys/fs/cgroup/cgroup.procs ] || room_group=/sys/fs/cgroup/unified/uketsuke-room-$$
  mkdir "$room_group" || return 1
  ROOM=$room GROUP=$room_group bash -c 'echo $$ > "$GROUP/cgroup.procs" && exec unshare --mount --pid --fork --uts --ipc \
    --net --cgroup --kill-child bash -eu -c "$1"' bash '
    mount --make-rprivate /
    mount --bind "$ROOM" "$ROOM"
    mount -t proc proc "$ROOM/proc"
    mount --bind -o ro "$ROOM/proc/sys" "$ROOM/proc/sys"
    mount -t sysfs -o ro sysfs "$ROOM/sys"
    mount -t cgroup2 cgroup2 "$ROOM/sys/fs/cgroup"
    mount -t tmpfs -o mode=755 tmpfs "$ROOM/dev"
    for node in null zero full random urandom tty; do touch "$ROOM/dev/$node"; mount --bind "/dev/$node" "$ROOM/dev/$node"; done
    mkdir "$ROOM/dev/pts" "$ROOM/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$ROOM/dev/pts"
    ln -s pts/ptmx "$ROOM/dev/ptmx"
    ln -s /proc/self/fd "$ROOM/dev/fd"
    mount -t tmpfs -o mode=1777 tmpfs "$ROOM/dev/shm"
    mount -t tmpfs -o mode=755 tmpfs "$ROOM/run"
    mount -t tmpfs -o mode=1777 tmpfs "$ROOM/tmp"
    hostname uketsuke-room
    # (pivot_root: a process in a chroot may make no user namespace, and units ask for one: PrivateUsers.)
    cd "$ROOM"
    mkdir -p .machine
    pivot_root . .machine
    exec /bin/sh -c "umount -l /.machine && rmdir /.machine && cd / &&
      exec /usr/bin/env -i container=uketsuke PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system"
  ' < /dev/null > "$room/boot.log" 2>&1 &
  room_parent=$!
  local tries=600
  while [ "$tries" -gt 0 ]; do
    tries=$((tries - 1))
    sleep 0.2
    kill -0 "$room_parent" 2> /dev/null || break
    room_pid=$(sed -n 1p "$room_group"/init.scope/cgroup.procs 2> /dev/null) || room_pid=
    [ -n "$room_pid" ] || continue
    case $(room_run systemctl is-system-running 2> /dev/null) in running | degraded) return 0 ;; esac
  done
  cat "$room/boot.log" >&2
  return 1
}

# A command in the room, as root of it.
room_run() {
  nsenter --target "$room_pid" --mount --pid --uts --ipc --net --cgroup --root --wd env -i HOME=/root USER=root LOGNAME=root TERM=dumb LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

room_end() {
  local status=$? tries=100
  trap '' INT TERM
  # PID 1 of the room takes all of it along.
  [ -z "$room_pid" ] || kill -KILL "$room_pid" 2> /dev/null || true
  if [ -n "$room_group" ]; then
    while [ "$tries" -gt 0 ] && ! find "$room_group" -depth -type d -exec rmdir {} + 2> /dev/null; do
      tries=$((tries - 1))
      sleep 0.1
    done
  fi
  room_remove
  exit "$status"
}
