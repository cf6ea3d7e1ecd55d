#!/bin/bash
# Holds one packet rule in the network namespace it stands in, for as long as somebody beats at its standard input.
#
#   it reads           it answers
#   inject <rule> [<name>=<value> ...]      in effect | refused: <why>
#   beat               nothing: the lease starts anew
#   count              counted <came> <went> <kept> <passed> | absent
#   reach <address> <port>                  reached | refused | silent
#   sever <port>                            severed <connections to that port elsewhere> | refused: <why>
#   look               present | absent
#   heal               healed <came> <went> <kept> <passed> | absent | refused: <why>
#
# Its input closing, 3 s without a line, or a signal: it lifts the rule that it laid itself, and leaves.
set -u
readonly lease_s=3 rules=/usr/local/lib/firedrill
# shellcheck source=link-lift.sh
. "$rules/link-lift.sh"
# shellcheck source=queue.sh
. "$rules/queue.sh"
# shellcheck source=sever.sh
. "$rules/sever.sh"
holds=no
queued=

say() { printf '%s\n' "$*"; }

# Packets hit coming in, hit going out, let through on purpose, and let through; and what the queue says, where there has to be
# one. Fails where either is not there.
tally() {
  local listed name counts=()
  listed=$(nft list counters table inet firedrill 2>/dev/null) || return 1
  for name in came went kept passed; do
    [[ $listed =~ counter\ $name\ \{[[:space:]]+packets\ ([0-9]+) ]] || return 1
    counts+=("${BASH_REMATCH[1]}")
  done
  if [[ -n $queued ]]; then counts+=("$(queue_tally)") || return 1; fi
  echo "${counts[*]}"
}

# Another queue in the place of ours counts from nothing: the rule that we laid is over then, and what is there is taken away.
same_queue() {
  local now
  [[ -n $queued ]] || return 0
  if now=$(queue_tally) && now=${now#* } && (( ${now% *} >= queued )); then queued=${now% *}; else lift; fi
}

# Adding what is there changes nothing, so deleting never fails for want of it; another's change may get in between: again.
lift() {
  local tries=0
  until nft 'add table inet firedrill; delete table inet firedrill' 2>/dev/null; do
    (( ++tries < 100 )) || return 1
  done
  lift_link || return 1
  lift_queue || return 1
  holds=no
}

# The connections that are open in this namespace, as nft writes a set: here . port . there . port, ...
open_now() {
  local line fields found=() file
  for file in /proc/self/net/tcp /proc/self/net/tcp6; do
    while read -r line; do
      read -ra fields <<<"$line"
      # State 01 is an open connection; an IPv4 address in the table for version 6 is its last eight digits.
      [[ ${fields[3]} = 01 ]] || continue
      found+=("$(ipv4 "${fields[1]}") . $(ipv4 "${fields[2]}")")
    done < <(tail -n +2 "$file")
  done
  # A set must not be empty; nobody can have this connection.
  (( ${#found[@]} )) || found=('127.0.0.1 . 1 . 127.0.0.1 . 1')
  local IFS=,
  printf '{ %s }' "${found[*]}"
}

# 0100007F:1F90 (the kernel's: bytes backwards) is 127.0.0.1 . 8080
ipv4() {
  local address=${1%:*} port=${1#*:}
  address=${address: -8}
  printf '%d.%d.%d.%d . %d' "0x${address:6:2}" "0x${address:4:2}" "0x${address:2:2}" "0x${address:0:2}" "0x$port"
}

inject() {
  local rule=$1 why each rate=0 burst=0 waiting=0 defines=()
  shift
  for each in "$@"; do
    if [[ ! $each =~ ^[a-z]+=[0-9./,{}]+$ ]]; then
      say "refused: $each is no parameter of a rule"
      return
    fi
    defines+=(-D "$each")
    if [[ $each =~ ^(rate|burst|waiting)=([0-9]+)$ ]]; then printf -v "${BASH_REMATCH[1]}" %s "${BASH_REMATCH[2]}"; fi
  done
  if [[ $rule = isolate-established ]]; then defines+=(-D "open=$(open_now)"); fi
  if [[ ! $rule =~ ^[a-z-]+$ || ! -r $rules/$rule.nft ]]; then
    say "refused: no rule is named $rule"
  elif ! why=$(nft "${defines[@]}" -f "$rules/$rule.nft" 2>&1); then
    say "refused: ${why//$'\n'/ }"
  elif holds=yes; [[ $rule = bandwidth ]] && ! why=$(lay_queue "$rate" "$burst" "$waiting"); then
    lift
    say "refused: ${why//$'\n'/ }"
  else
    if [[ $rule = bandwidth ]]; then queued=0; fi
    say 'in effect'
  fi
}

# One new connection from inside this namespace. timeout answers 124, a refusal is bash's own 1.
reach() {
  if [[ ! $1 =~ ^[0-9.]+$ || ! $2 =~ ^[0-9]+$ ]]; then
    say 'silent'
    return
  fi
  timeout 0.3 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null
  case $? in
    0) say reached ;;
    124) say silent ;;
    *) say refused ;;
  esac
}

# Whether a rule of ours is there, a slow link, or a queue, whoever laid it.
is_there() { nft list table inet firedrill >/dev/null 2>&1 || link_is_there || queue_is_there; }

# The rule goes first and the word second: nobody may be listening any more. A table without our counters goes too.
heal() {
  local counts
  same_queue
  counts=$(tally) || counts=
  if ! is_there; then
    holds=no
    say absent
  elif lift; then
    queued=
    say "healed $counts"
  else
    say 'refused: the table would not go'
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
    reach) reach "$first" "$rest" ;;
    # Once it has lifted its own it gives no lease to what another may have laid since.
    beat) if [[ $holds = yes ]]; then same_queue; nft -f "$rules/beat.nft" 2>/dev/null; fi ;;
    count) same_queue; if counts=$(tally); then say "counted $counts"; else say absent; fi ;;
    sever) sever "$first" ;;
    look) if is_there; then say present; else say absent; fi ;;
    heal) heal ;;
  esac
done
