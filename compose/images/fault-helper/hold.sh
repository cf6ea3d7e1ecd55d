#!/bin/bash
# Holds one packet rule in the network namespace it stands in, for as long as somebody beats at its standard input.
#
#   it reads           it answers
#   inject <rule>      in effect | refused: <why>
#   beat               nothing: the lease starts anew
#   count              counted <came> <went> <passed> | absent
#   look               present | absent
#   heal               healed <came> <went> <passed> | absent | refused: <why>, and leaves
#
# Its input closing, 3 s without a line, or a signal: it lifts the rule that it laid itself, and leaves.
set -u
readonly lease_s=3 rules=/usr/local/lib/firedrill
holds=no

say() { printf '%s\n' "$*"; }

# Packets dropped coming in, dropped going out, and let through. Fails where there is no table.
tally() {
  local listed name counts=()
  listed=$(nft list counters table inet firedrill 2>/dev/null) || return 1
  for name in came went passed; do
    [[ $listed =~ counter\ $name\ \{[[:space:]]+packets\ ([0-9]+) ]] || return 1
    counts+=("${BASH_REMATCH[1]}")
  done
  echo "${counts[*]}"
}

# Adding what is there changes nothing, so deleting never fails for want of it; another's change may get in between: again.
lift() {
  local tries=0
  until nft 'add table inet firedrill; delete table inet firedrill' 2>/dev/null; do
    (( ++tries < 100 )) || return 1
  done
  holds=no
}

inject() {
  local why
  if [[ ! $1 =~ ^[a-z-]+$ || ! -r $rules/$1.nft ]]; then
    say "refused: no rule is named $1"
  elif why=$(nft -f "$rules/$1.nft" 2>&1); then
    holds=yes
    say 'in effect'
  else
    say "refused: ${why//$'\n'/ }"
  fi
}

# The rule goes first and the word second: nobody may be listening any more. A table without our counters goes too.
heal() {
  local counts
  counts=$(tally) || counts=
  if ! nft list table inet firedrill >/dev/null 2>&1; then
    holds=no
    say absent
  elif lift; then
    say "healed $counts"
  else
    say 'refused: the table would not go'
  fi
}

trap '[[ $holds = no ]] || lift' EXIT
trap 'exit 0' TERM INT HUP
trap '' PIPE

say ready
while read -r -t "$lease_s" word rule; do
  case $word in
    inject) inject "$rule" ;;
    beat) nft -f "$rules/beat.nft" 2>/dev/null ;;
    count) if counts=$(tally); then say "counted $counts"; else say absent; fi ;;
    look) if nft list table inet firedrill >/dev/null 2>&1; then say present; else say absent; fi ;;
    heal) heal; exit 0 ;;
  esac
done
