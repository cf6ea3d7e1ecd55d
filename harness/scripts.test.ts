import { describe, expect, test, vi } from 'vitest'
import { bareTopology } from './bare-topology.fixture.ts'
import type { Cast } from './cast.ts'
import type { Script } from './scenario.ts'
import { ScenarioError } from './time/errors.ts'
import { gatewayOf, listed, type Targets } from './topology/group.ts'
import type { Objectives } from './verdict/objectives.ts'

const told = vi.hoisted(() => new Map<string, Script>())

vi.mock('#harness', () => ({
  runbook: () => ({ type: 'runbook' }),
  scenario: (title: string, _: unknown, script: Script) => told.set(title, script),
  expect: ({ claim }: Cast['history']) => ({ toMeet: claim }),
}))

const SOUND = { isBack: true, isSteadyAgain: true }

/** Plays a script on a cast that breaks nothing: what it did, what it demanded, and what ended it before its end. */
const played = async (
  name: string,
  { isBack, isSteadyAgain }: { readonly isBack: boolean; readonly isSteadyAgain: boolean } = SOUND,
) => {
  told.clear()
  vi.resetModules()
  await import(`../scenarios/${name}.scenario.ts`)
  const [script] = told.values()
  if (!script) throw new Error(`${name} is no scenario.`)
  const acts: string[] = []
  const demands: Objectives[] = []
  const act = async (what: string) => {
    acts.push(what)
    return { heal: async () => void acts.push(`${what} healed`), reaches: async () => {} }
  }
  const onNode = (what: string) => (targets: Targets) =>
    act([what, ...listed(targets).map((each) => each.name)].join(' '))
  const cast = {
    gateway: gatewayOf(bareTopology, 1),
    callers: {
      carryOn: async () => {},
      reachSteadyState: async () => {
        const isFirst = !acts.includes('steady')
        acts.push('steady')
        if (isFirst || isSteadyAgain) return
        throw new ScenarioError('No steady state.', { code: 'ERR_NO_STEADY_STATE' })
      },
    },
    operator: { changeRoute: () => act('change') },
    dashboard: { signIn: async () => {}, refresh: () => act('refresh') },
    rotation: {
      drain: onNode('drain'),
      admits: async (targets: Targets) => {
        await onNode('admits')(targets)
        return isBack
      },
    },
    faults: {
      upgrade: onNode('upgrade'),
      toUpgrade: listed,
      restart: onNode('restart'),
      reload: onNode('reload'),
      soak: async () => [{ holds: '3s', nodes: bareTopology.nodes.slice(2, 3), begin: () => act('turn') }],
    },
    history: {
      claim: (demand: Objectives) => {
        acts.push('claim')
        demands.push(demand)
      },
    },
  } as unknown as Cast
  const error = await script(cast).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return { acts, demand: demands.at(-1), error }
}

test('an upgrade is held to whatever a restart is held to', async () => {
  const [restarted, upgraded] = [await played('rolling-restart'), await played('rolling-upgrade')]
  expect([restarted.error, upgraded.error]).toEqual([null, null])
  expect(upgraded.demand).toMatchObject({ ...restarted.demand })
})

describe('an upgrade', () => {
  const stepOf = (node: string, ...changed: readonly string[]) => [
    `drain ${node}`,
    ...changed,
    `drain ${node} healed`,
    `admits ${node}`,
  ]

  test('goes back as it went: looked at after each node, and a change is made in the end', async () => {
    const { acts } = await played('rolling-upgrade')
    const back = ['data-plane-2', 'data-plane-1'].flatMap((node) => [
      ...stepOf(node, `upgrade ${node} healed`),
      'refresh',
    ])
    expect(acts.join('; ')).toContain(back.join('; '))
    expect(acts.slice(-3)).toEqual(['refresh', 'change', 'claim'])
  })
})

describe('a soak', () => {
  const turn = ['steady', 'turn', 'turn healed', 'admits data-plane-1']

  test('waits for whom a turn broke before it waits for everything', async () => {
    const { acts, error } = await played('soak')
    expect(error).toBeNull()
    expect(acts).toEqual([...turn, 'steady', 'change', 'claim'])
  })

  test('whose node never comes back ends, and is held to its claim all the same', async () => {
    const { acts, demand, error } = await played('soak', { isBack: false, isSteadyAgain: false })
    expect(error).toMatchObject({ code: 'ERR_NO_STEADY_STATE' })
    expect(acts).toEqual([...turn, 'claim', 'steady'])
    expect(demand).toMatchObject({ fullOutage: '0ms', readmission: '30s' })
  })

  test('whose node comes back late goes on', async () => {
    const { acts, error } = await played('soak', { isBack: false, isSteadyAgain: true })
    expect(error).toBeNull()
    expect(acts).toEqual([...turn, 'claim', 'steady', 'change', 'claim'])
  })
})
