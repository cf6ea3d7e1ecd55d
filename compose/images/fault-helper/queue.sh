# The queue of a limited bandwidth: how it is laid on every device of the namespace, read, and taken away, whoever laid it. It asks
# for link-lift.sh beside it.
#
#   what goes out ──► htb fd: ──┬─ marked fd:1 by bandwidth.nft ──► tbf fe: ──► the device, at the rate
#                               └─ anything else, also once the rule's lease has lapsed ──► the device
#
# tbf alone would outlive whoever laid it. It cuts what the node hands out in one piece (GSO) into packets; htb would send 64 kB at once.

has_queue() { tc qdisc show dev "$1" root 2>/dev/null | grep -q '^qdisc htb fd: '; }

queue_is_there() {
  local device
  for device in $(slowed_devices); do if has_queue "$device"; then return 0; fi; done
  return 1
}

# Another's queue stays: `add` refuses to replace it. The rate in kbit/s; how many bytes may go at once, and how many may wait.
lay_queue() {
  local kbit=$1 burst=$2 waiting=$3 device
  for device in $(slowed_devices); do
    tc qdisc add dev "$device" root handle fd: htb default 0 direct_qlen 1000 2>&1 &&
      tc class add dev "$device" parent fd: classid fd:1 htb rate 10gbit quantum 65536 2>&1 &&
      tc qdisc add dev "$device" parent fd:1 handle fe: tbf rate "${kbit}kbit" burst "$burst" limit "$waiting" 2>&1 || return 1
  done
}

# Of all devices: how many bytes a second each lets out, how many have left, and how often one had to wait. Fails where one has none.
queue_tally() {
  local device listed rate=0 bytes=0 waits=0
  for device in $(slowed_devices); do
    listed=$(tc -s -j qdisc show dev "$device" 2>/dev/null)
    [[ $listed =~ \"handle\":\"fe:\"[^}]*\"rate\":([0-9]+)[^}]*\},\"bytes\":([0-9]+),[^}]*\"overlimits\":([0-9]+) ]] || return 1
    rate=${BASH_REMATCH[1]}
    (( bytes += BASH_REMATCH[2], waits += BASH_REMATCH[3] ))
  done
  echo "$rate $bytes $waits"
}

# What still waits in it is lost with it, as on a line that breaks: the other side is sent it again.
lift_queue() {
  local device
  for device in $(slowed_devices); do
    if has_queue "$device"; then tc qdisc delete dev "$device" root; fi
  done
  ! queue_is_there
}
