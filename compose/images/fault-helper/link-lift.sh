# What may be there of a slow link, whoever laid it, and how it is taken away. Both holders read this file.

# Every device of the namespace but loopback and the link's own.
slowed_devices() { sed -n 's/^ *\([^:]*\):.*/\1/p' /proc/net/dev | grep -vx -e lo -e firedrill0; }

# By the handle that link.sh gives it: a netem of another's is the deployment's own, and stays.
has_netem() { tc qdisc show dev "$1" root 2>/dev/null | grep -q '^qdisc netem fd: '; }

link_is_there() {
  local device
  if nft list table netdev firedrill >/dev/null 2>&1 || grep -q '^ *firedrill0:' /proc/net/dev; then return 0; fi
  for device in $(slowed_devices); do if has_netem "$device"; then return 0; fi; done
  return 1
}

# The table first: from then on packets pass. Adding what is there changes nothing, so deleting never fails for want of it.
lift_table() {
  local tries=0
  until nft 'add table netdev firedrill; delete table netdev firedrill' 2>/dev/null; do
    (( ++tries < 100 )) || return 1
  done
}

lift_link() {
  local device
  link_is_there || return 0
  lift_table || return 1
  if grep -q '^ *firedrill0:' /proc/net/dev; then ip link delete firedrill0 2>/dev/null; fi
  for device in $(slowed_devices); do
    if has_netem "$device"; then tc qdisc delete dev "$device" root; fi
  done
  ! link_is_there
}
