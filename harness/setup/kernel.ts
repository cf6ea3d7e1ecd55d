// What the engine's kernel can do to packets, read off this machine without loading anything.
import { readFile } from 'node:fs/promises'
import { release } from 'node:os'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { type Check, good, note } from './check.ts'
import { onPath, run } from './command.ts'
import { type EngineAnswer, isThisMachines } from './engine.ts'

export type Presence = 'built in' | 'module' | 'absent' | 'unknown'

interface Ability {
  readonly name: string
  readonly option: string
  /** Absent where the kernel has it or has not. */
  readonly module?: string
}

const abilities: readonly Ability[] = [
  { name: 'nftables', option: 'CONFIG_NF_TABLES', module: 'nf_tables' },
  { name: 'htb', option: 'CONFIG_NET_SCH_HTB', module: 'sch_htb' },
  { name: 'tbf', option: 'CONFIG_NET_SCH_TBF', module: 'sch_tbf' },
  { name: 'TUN', option: 'CONFIG_TUN', module: 'tun' },
  { name: 'ending connections', option: 'CONFIG_INET_DIAG_DESTROY' },
  { name: 'netem', option: 'CONFIG_NET_SCH_NETEM', module: 'sch_netem' },
]

/** One line. Stopping, killing, restarting and draining need none of it, so nothing here is ever `missing`. */
export const kernelChecks = async (answer: EngineAnswer | undefined): Promise<readonly Check[]> => {
  if (process.platform !== 'linux' || (answer && !isThisMachines(answer.endpoint))) {
    return [note('kernel', "the engine's kernel is not this machine's, so it cannot be read from here")]
  }
  const kernel = await kernelFacts()
  const found = await Promise.all(
    abilities.map(async (ability) => ({ ...ability, presence: await presenceOf(ability, kernel) })),
  )
  const said = `${release()}: ${found.map(({ name, presence }) => `${name} ${inWords[presence]}`).join(', ')}`
  const presences = Object.fromEntries(found.map(({ name, presence }) => [name, presence]))
  return [good('kernel', said), slowCheck(presences)]
}

/** Which of its two ways `slow` takes: the queue of the kernel, or a link of ours that packets go through. */
export const slowCheck = (presences: Readonly<Record<string, Presence>>): Check => {
  const has = (name: string): boolean => presences[name] === 'built in' || presences[name] === 'module'
  if (has('netem')) return good('slow links', 'by netem, in the kernel')
  if (has('TUN') && has('nftables')) return good('slow links', 'by a link in user space over TUN: no netem here')
  const isUnknown = Object.values(presences).includes('unknown')
  const said = isUnknown ? 'by whichever the kernel turns out to have' : 'they cannot be made'
  return note('slow links', said, 'They need netem, or TUN and nftables.')
}

const inWords: Readonly<Record<Presence, string>> = {
  'built in': 'yes',
  module: 'yes (module)',
  absent: 'no',
  unknown: 'unknown',
}

/** What the kernel says of itself: its configuration, and the modules that lie ready for it. Empty where it does not tell. */
export interface KernelFacts {
  readonly configuration: string
  readonly modules: string
  readonly builtIn: string
}

/** Pure where the kernel tells; the module tool is asked only when it tells nothing. */
export const presenceIn = ({ option, module }: Pick<Ability, 'option' | 'module'>, kernel: KernelFacts): Presence => {
  const lies = (files: string): boolean => module !== undefined && new RegExp(`(^|/)${module}\\.ko`, 'm').test(files)
  const setting = new RegExp(`^${option}=([ym])$`, 'm').exec(kernel.configuration)?.[1]
  if (setting === 'y' || lies(kernel.builtIn)) return 'built in'
  if (lies(kernel.modules)) return 'module'
  // A module that was configured and is not installed cannot be loaded, unless nobody told where modules lie.
  if (setting === 'm') return kernel.modules === '' ? 'unknown' : 'absent'
  return kernel.configuration === '' && (kernel.modules === '' || module === undefined) ? 'unknown' : 'absent'
}

const presenceOf = async (ability: Ability, kernel: KernelFacts): Promise<Presence> => {
  const presence = presenceIn(ability, kernel)
  if (presence !== 'unknown' || ability.module === undefined || !onPath('modprobe')) return presence
  return (await run(['modprobe', '-n', ability.module], { limitMs: 1000 })).ok ? 'module' : 'unknown'
}

const kernelFacts = async (): Promise<KernelFacts> => {
  const folder = `/lib/modules/${release()}`
  const [packed, boot, modules, builtIn] = await Promise.all([
    readFile('/proc/config.gz').then(promisify(gunzip), () => undefined),
    readFile(`/boot/config-${release()}`, 'utf8').catch(() => ''),
    readFile(`${folder}/modules.dep`, 'utf8').catch(() => ''),
    readFile(`${folder}/modules.builtin`, 'utf8').catch(() => ''),
  ])
  return { configuration: packed?.toString('utf8') ?? boot, modules, builtIn }
}
