#!/bin/bash
# Slows the network namespace it stands in, for as long as somebody beats at its standard input. Its words are those of hold.sh.
#
#   it reads                                        it answers
#   inject slow-netem delay=<ms> [jitter=<ms>]      in effect | refused: <why>
#   inject slow-link delay=<ms> [jitter=<ms>]       in effect | refused: <why>
#   beat                                            nothing: the lease starts anew, if the link is still alive
#   count                                           counted <came> <went> <kept> <passed> | absent
#   look                                            present | absent
#   heal                                            healed <came> <went> <kept> <passed> | absent | refused: <why>, and leaves
#
# Every round trip takes the delay longer, and up to the jitter more, whoever began it, on new connections and established ones:
# by netem what goes out waits in the kernel, by the link what comes in waits in a program (link.c). Packets keep their order.
# Its input closing, 3 s without a line, or a signal: it lifts what it laid itself, and leaves. A link that nobody holds any
# more lapses by the kernel's own lease; netem has none, and waits for a new helper's heal.
set -u
readonly lease_s=3 rules=/usr/local/lib/firedrill
# shellcheck source=link-lift.sh
. "$rules/link-lift.sh"
holds=no
link=

say() { printf '%s\n' "$*"; }

# netem draws from its delay plus or minus its jitter. A rate, however high, is what makes it keep the order of packets.
by_netem() {
  local delay_ms=$1 jitter_ms=$2 device
  local middle_us=$(( (2 * delay_ms + jitter_ms) * 500 )) around_us=$(( jitter_ms * 500 ))
  for device in $(slowed_devices); do
    why=$(tc qdisc add dev "$device" root handle fd: netem limit 100000 delay ${middle_us}us ${around_us}us rate 10gbit 2>&1) || return 1
  done
}

# The program first: a rule without it would lose packets.
by_link() {
  local delay_ms=$1 jitter_ms=$2 from table sources
  exec {from}< <(exec "$rules/link" firedrill0 "$delay_ms" "$jitter_ms" 2>&1)
  link=$!
  read -r -t 2 -u "$from" why || why='it said nothing'
  exec {from}<&-
  if [[ $why != ready ]]; then
    why="the link did not start: $why"
    return 1
  fi
  sources=$(slowed_devices | paste -sd,)
  table=$(<"$rules/link.nft")
  why=$(nft -f - 2>&1 <<<"${table//SOURCES/$sources}")
}

inject() {
  local rule=$1 delay=0 jitter=0 each why=
  shift
  for each in "$@"; do
    if [[ ! $each =~ ^(delay|jitter)=([0-9]+)$ ]]; then
      say "refused: $each is no parameter of a link"
      return
    fi
    printf -v "${BASH_REMATCH[1]}" %s "${BASH_REMATCH[2]}"
  done
  if link_is_there; then
    say 'refused: File exists'
  elif [[ ! $rule =~ ^slow-(netem|link)$ ]]; then
    say "refused: no link is named $rule"
  elif holds=yes; "by_${rule#slow-}" "$delay" "$jitter"; then
    say 'in effect'
  else
    lift
    say "refused: ${why//$'\n'/ }"
  fi
}

# Packets pass first, then those that wait in the program are delivered, and its device goes with it.
lift() {
  lift_table
  if [[ -n $link ]]; then
    kill "$link" 2>/dev/null
    wait "$link" 2>/dev/null
    link=
  fi
  lift_link && holds=no
}

# A link that is dead loses every packet that the table hands it.
beat() {
  if [[ -z $link ]]; then return; fi
  if kill -0 "$link" 2>/dev/null; then nft -f "$rules/link-beat.nft" 2>/dev/null; else lift; fi
}

# What came in and was handed to the link, what went out through netem, what was none of its business, and what got past it.
tally() {
  local listed name counts=() device
  if [[ -z $link ]]; then
    listed=$(for device in $(slowed_devices); do if has_netem "$device"; then tc -s qdisc show dev "$device" root; fi; done)
    [[ $listed =~ bytes\ ([0-9]+)\ pkt ]] && echo "0 ${BASH_REMATCH[1]} 0 0"
    return
  fi
  listed=$(nft list counters table netdev firedrill 2>/dev/null) || return 1
  for name in came kept passed; do
    [[ $listed =~ counter\ $name\ \{[[:space:]]+packets\ ([0-9]+) ]] || return 1
    counts+=("${BASH_REMATCH[1]}")
  done
  echo "${counts[0]} 0 ${counts[1]} ${counts[2]}"
}

# It goes first and the word second: nobody may be listening any more.
heal() {
  local counts
  counts=$(tally) || counts=
  if ! link_is_there; then
    holds=no
    say absent
  elif lift; then
    say "healed $counts"
  else
    say 'refused: the link would not go'
  fi
}

trap '[[ $holds = no ]] || lift' EXIT
trap 'exit 0' TERM INT HUP
trap '' PIPE

say ready
while read -r -t "$lease_s" word first rest; do
  case $word in
    # The parameters are words, on purpose.
    # shellcheck disable=SC2086
    inject) inject "$first" $rest ;;
    beat) beat ;;
    count) if counts=$(tally); then say "counted $counts"; else say absent; fi ;;
    look) if link_is_there; then say present; else say absent; fi ;;
    heal) heal; exit 0 ;;
    *) say "refused: $word is no word of a link" ;;
  esac
done
