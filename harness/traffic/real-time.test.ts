import { expect, test } from 'vitest'
import { cgroupParent } from '../topology/cgroup.ts'
import { docker } from '../topology/docker.ts'
import { holdContainer } from './held-container.ts'
import { inRealTime, REAL_TIME_CAPABILITY } from './real-time.ts'

const IMAGE = process.env.FIREDRILL_CALLERS_IMAGE ?? 'firedrill/callers:local'

/** The scheduling policies of all threads of a container's program. */
const policies = async (id: string): Promise<readonly string[]> => {
  const exec = await docker()
    .getContainer(id)
    .exec({ Cmd: ['chrt', '--all-tasks', '--pid', '1'], AttachStdout: true, Tty: true })
  let said = ''
  for await (const chunk of await exec.start({ Tty: true })) said += String(chunk)
  return [...said.matchAll(/scheduling policy: (\S+)/g)].map(([, policy = '']) => policy)
}

test('every thread of the callers is in real time where the kernel gives it, and none where it was said that it does not', async () => {
  const name = `real-time-test-${process.pid}`
  const labels = { 'firedrill.run': name, 'firedrill.part': 'callers' }
  const parent = await cgroupParent()
  const capability = REAL_TIME_CAPABILITY
  const held = await holdContainer({ image: IMAGE, name, network: 'none', labels, cgroupParent: parent, capability })
  try {
    expect(new Set(await policies(held.id))).toEqual(new Set(['SCHED_OTHER']))
    const isInRealTime = await inRealTime(held.id)
    const after = await policies(held.id)
    expect(after.length).toBeGreaterThan(3)
    expect(new Set(after)).toEqual(new Set([isInRealTime ? 'SCHED_RR' : 'SCHED_OTHER']))
  } finally {
    await held.remove()
  }
}, 60_000)

test('a container that is gone is not in real time, and nobody is told otherwise', async () => {
  expect(await inRealTime('real-time-test-of-nobody')).toBe(false)
})
