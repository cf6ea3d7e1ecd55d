// What lifting takes away of a device's queue, by whose it is: every holder of a packet rule lifts so. `tc` and `nft` are played.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const LIFT = join(import.meta.dirname, '../../../compose/images/fault-helper/link-lift.sh')

/** Sourced, and asked to lift where one device has that queue: whether a link was there, how lifting went, and what tc was told. */
const lifted = async (queue: string): Promise<readonly string[]> => {
  const script = `. ${LIFT}
    queue='${queue}'
    slowed_devices() { echo eth0; }
    nft() { [[ $1 != list ]]; }
    tc() { if [[ $* = *show* ]]; then echo "$queue"; else echo "$*"; queue=; fi; }
    link_is_there && echo there
    lift_link && echo lifted`
  const { stdout } = await promisify(execFile)('bash', ['-c', script])
  return stdout.trim().split('\n')
}

test('a netem of ours is there, and is taken away', async () => {
  expect(await lifted('qdisc netem fd: root refcnt 2 limit 100000 delay 60ms')).toEqual([
    'there',
    'qdisc delete dev eth0 root',
    'lifted',
  ])
})

test.each(['qdisc netem 8001: root refcnt 2 limit 1000 delay 20ms', 'qdisc noqueue 0: root refcnt 2'])(
  'what is none of ours stays: %s',
  async (queue) => {
    expect(await lifted(queue)).toEqual(['lifted'])
  },
)
