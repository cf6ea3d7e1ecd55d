// Whether the deployment's addresses are free: its subnet against routes and Docker's networks, its ports against listeners.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { isFreePort, machineRoutes, overlap, publishedPorts } from './addresses.ts'
import { type Check, good, type Look, missing, note } from './check.ts'
import { engineApi } from './docker.ts'
import type { EngineAnswer } from './engine.ts'
import { refuseUnforwarded } from './far-engine.ts'
import { demandPort } from './port.ts'
import { runOf } from './run-name.ts'
import { subnetFrom } from './subnet.ts'

const composeFile = fileURLToPath(new URL('../../compose/high-availability.yaml', import.meta.url))

/** What to look at; the engine is asked once. */
export const networkChecks = (answer: EngineAnswer | undefined): readonly Look[] => {
  const asked = answer?.outcome === 'answers' ? dockerNetworks() : Promise.resolve([])
  const ourRun = async (): Promise<string | undefined> => (await asked).find(({ run }) => run !== undefined)?.run
  return [
    { topic: 'subnet', look: async () => [await subnetCheck(await asked)] },
    { topic: 'ports', look: async () => [await portsCheck(answer, await ourRun())] },
  ]
}

const subnetCheck = async (networks: readonly Network[]): Promise<Check> => {
  const wanted = `${subnetFrom(process.env)}.0/24`
  const held = networks.find(({ ranges }) => ranges.some((range) => overlap(range, wanted)))
  if (held?.run !== undefined)
    return note(
      'subnet',
      `${wanted} is held by our own ${held.run}`,
      '`npm run down` or `npm run clean` frees it, or says whose it is.',
    )
  const known = new Set(networks.flatMap(({ ranges }) => ranges))
  const route = (await machineRoutes()).find((each) => !known.has(each) && overlap(each, wanted))
  const by = held ? `Docker's network ${held.name}` : route && `this machine's route ${route}`
  return by
    ? missing(
        'subnet',
        `${wanted} clashes with ${by}`,
        'Set FIREDRILL_SUBNET to three octets that are free, as in FIREDRILL_SUBNET=10.99.0.',
      )
    : good('subnet', `${wanted} is free`)
}

const portsCheck = async (answer: EngineAnswer | undefined, ourRun: string | undefined): Promise<Check> => {
  const ports = publishedPorts(await readFile(composeFile, 'utf8').catch(() => ''), process.env)
  for (const { variable, port } of ports) demandPort(variable, port, process.env)
  const wanted = ports.map(({ port }) => port)
  if (answer && (await refuseUnforwarded(wanted, answer.endpoint)))
    return good('ports', `${wanted.join(', ')} on 127.0.0.1 are forwarded to the engine's machine, it seems`)
  const tried = await Promise.all(
    ports.map(async ({ variable, port }) => ({ variable, port, isFree: await isFreePort(port) })),
  )
  const taken = tried.filter(({ isFree }) => !isFree)
  const numbers = (of: readonly { port: number }[]) => of.map(({ port }) => port).join(', ')
  if (taken.length === 0) return good('ports', `${numbers(ports)} on 127.0.0.1 are free`)
  if (ourRun !== undefined)
    return note('ports', `${numbers(taken)} on 127.0.0.1 are held, by our own ${ourRun} it seems`)
  const variables = taken.map(({ variable }) => variable).join(', ')
  return missing(
    'ports',
    `${numbers(taken)} on 127.0.0.1 are taken by another program`,
    `Stop it, or set ${variables}.`,
  )
}

interface Network {
  readonly name: string
  readonly ranges: readonly string[]
  /** The run it belongs to, when it is ours. */
  readonly run: string | undefined
}

const dockerNetworks = async (): Promise<readonly Network[]> =>
  (await engineApi().listNetworks()).map(({ Name, IPAM, Labels }) => ({
    name: Name,
    ranges: (IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet?.includes('.') ? [Subnet] : [])),
    run: runOf(Labels),
  }))
