import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { type Drilled, type Drilling, endWithUs } from './run-drill.ts'

/** A drill that cleans up when it is interrupted, and otherwise ends by itself once its input does. */
const program = `
  process.stdin.on('end', () => process.exit(0)).resume()
  process.on('SIGINT', () => process.stdout.write('cleaned up', () => process.exit(2)))
  process.stdout.write('started ')
`

const drilling = async (): Promise<Drilling> => {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
  })
  const ended = once(child, 'close').then(([exitCode]): Drilled => ({ exitCode, output: said, folder: null }))
  await once(child.stdout, 'data')
  return { child, said: () => said, ended }
}

test.each(['SIGINT', 'SIGTERM'])(
  '%s ends the drill under way as Ctrl-C would, and is told once it has cleaned up',
  async (signal) => {
    const one = await drilling()
    const us = new EventEmitter()
    const end = endWithUs(one, us)
    us.emit(signal, signal)
    await expect(end).rejects.toThrow(`Ended by ${signal}`)
    expect(one.said()).toBe('started cleaned up')
    expect([us.listenerCount('SIGINT'), us.listenerCount('SIGTERM')]).toEqual([0, 0])
  },
)

test('a drill that nobody interrupts is what it ended as', async () => {
  const one = await drilling()
  const end = endWithUs(one, new EventEmitter())
  one.child.stdin?.end()
  expect(await end).toMatchObject({ exitCode: 0, output: 'started ' })
})
