// What the fault helper answers when it is to end connections, by what the kernel shows before and after. `ss` is played.
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const SEVER = join(import.meta.dirname, '../../../compose/images/fault-helper/sever.sh')

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-sever-'))
  // The first listing is `before`, any later one `after`; -K ends what the kernel lets it end, and says nothing else.
  await writeFile(
    join(folder, 'ss'),
    `#!/bin/bash\n[[ $1 = -K* ]] && exit\ncat "$FOLDER/before" 2>/dev/null && rm "$FOLDER/before" || cat "$FOLDER/after"\n`,
  )
  await chmod(join(folder, 'ss'), 0o755)
})
afterAll(() => rm(folder, { recursive: true }))

const line = (port: number): string => `ESTAB 0 0 10.213.81.2:${port} 10.213.81.3:7943\n`

const severed = async (before: string, after: string, port = '7943'): Promise<string> => {
  await Promise.all([writeFile(join(folder, 'before'), before), writeFile(join(folder, 'after'), after)])
  const script = `say() { printf '%s\\n' "$*"; }; . ${SEVER}; sever ${port}`
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, FOLDER: folder }
  return (await promisify(execFile)('bash', ['-c', script], { env })).stdout.trim()
}

test.each([
  ['nothing was open', '', '', 'severed 0'],
  ['all that was open is gone', line(1) + line(2), '', 'severed 2'],
  ['another was made meanwhile', line(1), line(2), 'severed 1'],
  [
    'one stays, and others are gone',
    line(1) + line(2),
    line(2) + line(3),
    expect.stringContaining('refused: the kernel ends'),
  ],
  ['all stay', line(1), line(1), expect.stringContaining('refused: the kernel ends')],
])('%s', async (_, before, after, said) => {
  expect(await severed(before, after)).toEqual(said)
})

test('what is no port is refused', async () => {
  expect(await severed('', '', 'x')).toBe('refused: x is no port')
})
