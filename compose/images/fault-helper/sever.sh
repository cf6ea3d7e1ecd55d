# The connections of a namespace to a port elsewhere, ended by the kernel with a reset to both sides.

# What is open to the port, a line each: the two addresses, in their order.
open_to() { ss -Htn state established state syn-sent "dport = :$1" | awk '{ print $(NF - 1), $NF }' | sort; }

# One that is made again meanwhile is another one, and one that ends by itself just then is none that would not go.
sever() {
  local open stayed
  if [[ ! $1 =~ ^[0-9]+$ ]]; then
    say "refused: $1 is no port"
    return
  fi
  open=$(open_to "$1")
  ss -KHtn state established state syn-sent "dport = :$1" >/dev/null 2>&1
  stayed=$(comm -12 <(printf '%s' "$open") <(open_to "$1"))
  if [[ -n $stayed ]]; then
    say 'refused: the kernel ends no connection of others (it wants INET_DIAG_DESTROY)'
  else
    say "severed $(grep -c . <<<"$open")"
  fi
}
