// What a fault must never change of the machine itself: packet rules, queues and network settings of the host.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Settings of the host's network that a careless injector would turn. */
const SYSCTLS = [
  'net/ipv4/ip_forward',
  'net/ipv4/conf/all/rp_filter',
  'net/ipv4/conf/default/rp_filter',
  'net/ipv4/tcp_tw_reuse',
  'net/ipv4/ip_local_port_range',
]

const said = (command: string, args: readonly string[]): string => {
  const { stdout, error } = spawnSync(command, args, { encoding: 'utf8' })
  // A tool that is not there sees nothing before and nothing after.
  return error ? '' : stdout
}

/** What Docker itself writes for a network and its published ports, as long as that network is there. */
const DOCKERS = /br-[0-9a-f]{12}|-s (\S+)\/32 -d \1\/32|ip saddr (\S+) ip daddr \2 /

/** Two states are the same when these texts are: without counters, dates, and what Docker writes for its networks. */
export const hostState = (): string =>
  [
    ...linesOf('iptables-save', []),
    ...linesOf('nft', ['list', 'ruleset']),
    ...linesOf('tc', ['qdisc', 'show']),
    ...SYSCTLS.map((name) => `${name} ${read(`/proc/sys/${name}`)}`),
  ].join('\n')

const linesOf = (command: string, args: readonly string[]): readonly string[] =>
  said(command, args)
    .split('\n')
    .filter((line) => !line.startsWith('#') && !DOCKERS.test(line) && !/dev veth/.test(line))
    .map((line) => line.replace(/\[\d+:\d+\]|counter packets \d+ bytes \d+/g, ''))

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return 'absent'
  }
}
