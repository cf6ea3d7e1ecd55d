// The watchdog's device, between a Patroni that fell silent and the next one.
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
/** Debian's docker-compose brings one, another Compose does not. */
const HAS_NO_PYTHON = spawnSync('python3', ['--version']).error !== undefined

/** Runs the program with a member that is nobody: it arms the device, falls silent, and says one word more as it is killed. */
const PROGRAM = `
import importlib.util, select, sys
source, path = sys.argv[1:]
spec = importlib.util.spec_from_file_location('watchdog', source)
watchdog = importlib.util.module_from_spec(spec)
spec.loader.exec_module(watchdog)
watched = watchdog.watch
starts = 0

def said(word):
    with open(path, 'w') as pipe:
        pipe.write(word)

class Member:
    def __init__(self, argv):
        pass
    def start(self):
        global starts
        starts += 1
        if starts == 1:
            said('Ctimeout=1\\n')
    def kill(self):
        said('1')

def watch(device, member, wake):
    if starts == 1:
        return watched(device, member, wake)
    waiting, _, _ = select.select([device.pipe], [], [], 0)
    print('unread' if waiting else 'empty', 'armed' if device.left() is not None else 'disarmed')
    return 0

watchdog.wait_for_store, watchdog.Member, watchdog.watch = lambda hosts: None, Member, watch
watchdog.main(path, [])
`

test.skipIf(HAS_NO_PYTHON)(
  'a word that Patroni writes as it is killed does not arm the device for the next one',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'firedrill-watchdog-'))
    const source = join(import.meta.dirname, 'watchdog.py')
    try {
      // -B: nothing is left beside the source.
      const { stdout } = await run('python3', ['-B', '-c', PROGRAM, source, join(folder, 'pipe')], {
        env: { ...process.env, PATRONI_ETCD_HOSTS: 'nobody:1' },
        timeout: 20_000,
      })
      expect(stdout.trim()).toBe('empty disarmed')
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)
