// Upgrades: from one version to the next and back without a lost call; to one that never comes up, or that its control plane refuses, no further than the first gateway.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { specsFor } from '../setup/image-list.ts'
import { imagesReady } from '../setup/images.ts'
import { docker } from './by-hand.ts'
import { type Drilled, drilled, leftBehind, verdictOf } from './run-drill.ts'
import { expectAllPassed } from './unproven.ts'

const ROLES = {
  'control-plane': process.env.FIREDRILL_CONTROL_PLANE_IMAGE || 'firedrill/control-plane:local',
  'data-plane': process.env.FIREDRILL_GATEWAY_IMAGE || 'firedrill/gateway:local',
} as const
const REPOSITORY = 'firedrill-upgrade'

/** The same program under another name, with other presets: what makes two versions of it. */
const imageWith = async (role: keyof typeof ROLES, tag: string, preset: string): Promise<string> => {
  const name = `${REPOSITORY}/${role}:${tag}`
  const container = (await docker('create', ROLES[role])).trim()
  await docker('commit', '--change', `ENV ${preset}`, container, name)
  await docker('rm', container)
  return name
}

let images: Readonly<Record<'control' | 'deaf' | 'older' | 'newer' | 'hanging' | 'ahead', string>>

beforeAll(async () => {
  const consent = { install: process.env.FIREDRILL_NO_INSTALL !== '1', ask: 'never' } as const
  await imagesReady(consent, () => {}, specsFor({}))
  images = {
    control: await imageWith('control-plane', 'newer', 'RELEASE=newer'),
    deaf: await imageWith('control-plane', 'deaf', 'LISTEN_HOST=127.0.0.1'),
    older: await imageWith('data-plane', 'older', 'GATEWAY_VERSION=3.10.4'),
    newer: await imageWith('data-plane', 'newer', 'GATEWAY_VERSION=3.10.5'),
    hanging: await imageWith('data-plane', 'hanging', 'CONFIG_LOAD_DELAY_MS=3600000'),
    ahead: await imageWith('data-plane', 'ahead', 'GATEWAY_VERSION=4.0.0'),
  }
}, 300_000)

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

afterAll(async () => {
  if (images) await docker('rmi', ...Object.values(images))
})

const upgrade = (names: readonly string[], gateway: string, control = images.control) =>
  drilled([...names, '--rerun-inconclusive', '2'], {
    FIREDRILL_UPGRADE_FROM: `data-plane=${images.older}`,
    FIREDRILL_UPGRADE_TO: `control-plane=${control},data-plane=${gateway}`,
  })

test('an upgrade to a version that never comes up is rolled back, and callers notice nothing', async (context) => {
  const names = ['upgrade-rollback']
  await expectAllPassed(await upgrade(names, images.hanging), names, context)
})

describe('node by node', () => {
  test('the control plane and every gateway go to the next version and back, and callers notice nothing', async (context) => {
    const names = ['rolling-upgrade', 'upgrade-rollback']
    await expectAllPassed(await upgrade(names, images.newer), names, context)
  })

  /** How far a version came, and who was named for it. */
  const found = async (run: Drilled) => {
    const { outcome, findings, faults } = await verdictOf(run, 'rolling-upgrade')
    const readmission = findings.find(({ objective }) => objective === 'readmission')
    const lost = findings.find(({ objective }) => objective === 'lostCalls')
    const upgraded = faults.filter(({ kind }) => kind === 'upgrade').flatMap(({ targets }) => targets)
    return { outcome, culprit: readmission?.culprit, lost: lost?.measured, upgraded }
  }

  test.each(['hanging', 'ahead'] as const)(
    'a version that is %s is found at the first gateway, and goes no further',
    async (version) => {
      expect(await found(await upgrade(['rolling-upgrade'], images[version]))).toEqual({
        outcome: 'fail',
        culprit: 'data-plane-1',
        lost: 0,
        upgraded: ['control-plane-1', 'control-plane-2', 'data-plane-1'],
      })
    },
  )

  test('a control plane that nobody reaches is found at its first node, and goes no further', async () => {
    expect(await found(await upgrade(['rolling-upgrade'], images.newer, images.deaf))).toEqual({
      outcome: 'fail',
      culprit: 'control-plane-1',
      lost: 0,
      upgraded: ['control-plane-1'],
    })
  })
})
