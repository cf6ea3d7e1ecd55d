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

const TOOLS = { 'iptables-save': [], nft: ['list', 'ruleset'], tc: ['qdisc', 'show'] } as const

/** What a tool says; null where it is not there, or failed: half of a state would be compared with half of one. */
export const said = (command: string, args: readonly string[]): string | null => {
  const { stdout, status } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? stdout : null
}

/** What Docker itself writes for a network and its published ports, as long as that network is there. */
const DOCKERS = /br-[0-9a-f]{12}|-s (\S+)\/32 -d \1\/32|ip saddr (\S+) ip daddr \2 |dev veth/

/** The lines that nobody but Docker may change, and then only as it does; without counters, dates and its networks' own. */
export const withoutDockers = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#') && !DOCKERS.test(line))
    .map((line) => line.replace(/\[\d+:\d+\]|counter packets \d+ bytes \d+/g, '').trimEnd())

/** Two states are the same when these texts are, whatever order Docker has its rules in. A tool that is not there, or fails, sees nothing. */
export const hostState = (): string =>
  [
    ...Object.entries(TOOLS).flatMap(([command, args]) => withoutDockers(said(command, args) ?? '')),
    ...SYSCTLS.map((name) => `${name} ${read(`/proc/sys/${name}`)}`),
  ]
    .sort()
    .join('\n')

/** Who can see the host's state here: programs that say it, and the settings, which are files. */
export const toolsThatLook = (): readonly string[] => [
  ...Object.entries(TOOLS).map(
    ([command, args]) => `${[command, ...args].join(' ')}${said(command, args) === null ? ' (sees nothing here)' : ''}`,
  ),
  `${SYSCTLS.length} settings`,
]

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return 'absent'
  }
}
