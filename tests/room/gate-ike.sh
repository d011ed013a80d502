#!/bin/bash
# The relay's profile for strongSwan, as the examples have it: IKEv2 between two network namespaces, the key of this side in
# a Secure Element behind our module, bytes through the tunnel. Not part of `./check`: it needs strongswan-charon and
# strongswan-swanctl. ESP runs in user space (kernel-libipsec, of libcharon-extra-plugins), because not every kernel has it.
# Speaks TAP. In a build folder, as root:  top_srcdir=.. top_builddir=. bash ../tests/room/gate-ike.sh
#
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
set -u
[ -n "${of_its_own:-}" ] || exec env of_its_own=yes unshare --net --mount bash "$0" "$@"
. "$top_srcdir/tests/strangers/lib.sh"
charon=/usr/lib/ipsec/charon
[ -x "$charon" ] && type swanctl > /dev/null || tap_bail_out "install strongswan-charon and strongswan-swanctl"
mount -t sysfs sysfs /sys && mount -t tmpfs tmpfs /var/run && ip link set lo up || tap_bail_out "no namespace of its own"
strangers_begin
strangers_only se

# --- the other side's network -------------------------------------------------------------------------------------------
unshare --net --mount sleep 300 &
beyond=$!
in_beyond() { nsenter --net="/proc/$beyond/ns/net" --mount="/proc/$beyond/ns/mnt" "$@"; }
is_apart() { [ "$(readlink "/proc/$beyond/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
readers_wait 10 is_apart || tap_bail_out "no second namespace"
in_beyond mount -t tmpfs tmpfs /var/run # each charon has its own process file there
here=192.0.2.2 there=192.0.2.1 inner=10.99.0.1 own=10.99.1.2
ip link add name outer type veth peer name peer netns "$beyond" && ip addr add "$here/24" dev outer && ip link set outer up &&
  ip addr add "$own/32" dev lo && in_beyond ip addr add "$there/24" dev peer && in_beyond ip link set peer up &&
  in_beyond ip link set lo up && in_beyond ip addr add "$inner/32" dev lo || tap_bail_out "no link"

# --- both sides' configuration ------------------------------------------------------------------------------------------
plugins="random nonce aes sha1 sha2 hmac kdf gcm x509 revocation constraints pubkey pkcs1 pkcs8 pem openssl pkcs11"
plugins+=" kernel-libipsec kernel-netlink socket-default vici updown"
configure() { # SIDE: the section of plugins on standard input
  mkdir -p "$work/$1/swanctl"/{x509,x509ca,private}
  cp "$pki/anchors/tls-ca.pem" "$work/$1/swanctl/x509ca/ix-ca.pem"
  { printf 'charon {\n  load = %s\n  plugins {\n    vici {\n      socket = unix://%s/vici\n    }\n' "$plugins" "$work/$1"
    cat
    printf '  }\n}\n'; } > "$work/$1/strongswan.conf"
}
# As the example has it, below charon-systemd.
sed -e "s|@module@|$module|" "$top_srcdir/setup/examples/gate-strongswan.conf.in" | sed -n '/openssl {/,/^  }$/p' | sed '$d' | configure near
printf '    openssl {\n      engine_id = none\n    }\n' | configure far
# The other side is a server of mock-ca's, and so is named localhost; there are no addresses to be given.
sed -e "s|remote_addrs = <vpn.example.jp>|remote_addrs = $there|; s|id = <vpn.example.jp>|id = localhost|; s|<ix-ca.pem>|ix-ca.pem|" \
  -e "s|vips = 0.0.0.0|local_addrs = $here|; s|<PIN of the SE>|$(< "$work/se-pin")|" \
  -e "s|remote_ts = <10.99.0.0/24>|local_ts = $own/32\n        remote_ts = 10.99.0.0/24|" \
  "$top_srcdir/setup/examples/gate-swanctl.conf" > "$work/near/swanctl/swanctl.conf"
is "nothing of the example is left to fill in" "$(grep -v '^#' "$work/near/swanctl/swanctl.conf" | grep -c '[<>]')" 0
cp "$pki/pf/tls.pem" "$work/far/swanctl/x509/"
cp "$pki/pf/tls.key" "$work/far/swanctl/private/"
cat > "$work/far/swanctl/swanctl.conf" << CONFIGURATION
connections {
  ix {
    version = 2
    local_addrs = $there
    proposals = aes256gcm16-prfsha384-ecp384
    local {
      auth = pubkey
      certs = tls.pem
      id = localhost
    }
    remote {
      auth = pubkey
      cacerts = ix-ca.pem
    }
    children {
      ix {
        local_ts = 10.99.0.0/24
        remote_ts = $own/32
        esp_proposals = aes256gcm16-ecp384
      }
    }
  }
}
CONFIGURATION

# --- the tunnel -----------------------------------------------------------------------------------------------------------
STRONGSWAN_CONF=$work/far/strongswan.conf in_beyond "$charon" > "$work/far/log" 2>&1 &
far=$!
STRONGSWAN_CONF=$work/near/strongswan.conf "$charon" > "$work/near/log" 2>&1 &
near=$!
readers_at_exit+=('stop_process "$near"' 'stop_process "$far"' 'stop_process "$beyond"')
control() { # SIDE ARGUMENT...
  STRONGSWAN_CONF=$work/$1/strongswan.conf SWANCTL_DIR=$work/$1/swanctl timeout 30 swanctl "${@:2}" --uri "unix://$work/$1/vici" 2> "$work/$1/err"
}
answers() { control "$1" --stats > "$work/$1/stats"; }
readers_wait 20 answers near && readers_wait 20 answers far || { diag < "$work/near/log"; tap_bail_out "no charon"; }
check "the other side takes its configuration" control far --load-all
check "this side takes the example's, with the SE's certificate and key" control near --load-all
like "the key is the SE's" "$tap_output" 'loaded key token-ix from token'
check "the tunnel comes up" control near --initiate --child uketsuke-ix --timeout 20
like "this side has proven itself by a signature of the SE" "$tap_output" '\(myself\) with RSA_EMSA_PKCS1_SHA2_256 successful'
in_beyond timeout 30 python3 -c "import socket
with socket.create_server(('$inner', 9000)) as server:
    peer, address = server.accept()
    peer.sendall(b'through the tunnel from ' + address[0].encode())" &
is_heard() { heard=$(timeout 5 bash -c "exec 3<> /dev/tcp/$inner/9000 && cat <&3" 2> "$work/err") && [ -n "$heard" ]; }
readers_wait 15 is_heard
is "bytes cross it" "${heard:-}" "through the tunnel from $own"
like "encrypted" "$(control near --list-sas)" 'INSTALLED, TUNNEL-in-UDP, ESP:AES_GCM_16-256'
tap_done
