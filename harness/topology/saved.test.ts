import { expect, test } from 'vitest'
import { demultiplex, tellable } from './saved.ts'

const framed = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}

test("both streams of a container's log come out in order, without Docker's headers", () => {
  expect(demultiplex(Buffer.concat([framed(1, 'out\n'), framed(2, 'err\n'), framed(1, 'more\n')]))).toBe(
    'out\nerr\nmore\n',
  )
})

test('a log cut in the middle of a piece keeps what came', () => {
  expect(demultiplex(framed(1, 'whole line\n').subarray(0, 13))).toBe('whole')
})

test('what is told of a container holds neither the values of its environment nor paths of this machine', () => {
  const inspected = {
    Id: 'c1',
    LogPath: '/srv/engine/c1.log',
    GraphDriver: { Data: { MergedDir: '/srv/engine/overlay' } },
    Config: {
      Env: ['POSTGRES_PASSWORD=canary-5f1c', 'TZ=UTC'],
      Labels: { 'firedrill.node': 'postgres', 'com.docker.compose.project.working_dir': '/srv/checkout' },
    },
  } as unknown as Parameters<typeof tellable>[0]
  expect(tellable(inspected)).toEqual({
    Id: 'c1',
    Config: { Env: ['POSTGRES_PASSWORD=[redacted]', 'TZ=[redacted]'], Labels: { 'firedrill.node': 'postgres' } },
  })
})
