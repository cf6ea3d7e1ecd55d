import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inputFiles, inputsHash, tarOf } from './image-inputs.ts'

let context: string

beforeEach(async () => {
  context = await mkdtemp(join(tmpdir(), 'firedrill-inputs-'))
  await put('main.ts', 'one')
  await put('deep/er.ts', 'two')
  await put('deep/er.test.ts', 'a test')
  await put('node_modules/x/index.js', 'installed')
  await put('Dockerfile', 'FROM somewhere')
})

afterEach(() => rm(context, { recursive: true, force: true }))

const put = async (path: string, content: string): Promise<void> => {
  await mkdir(join(context, path, '..'), { recursive: true })
  await writeFile(join(context, path), content)
}

const hash = async (
  inputs: readonly string[] = ['.'],
  parts: Record<string, string> = { base: 'sha256:1', dockerfile: 'FROM it' },
) => inputsHash(parts, { context, files: await inputFiles(context, inputs) })

describe('which files go in', () => {
  test('a folder goes in whole, without tests, node_modules and the Dockerfile', async () => {
    expect(await inputFiles(context, ['.'])).toEqual(['deep/er.ts', 'main.ts'])
  })

  test('a file that two inputs name goes in once', async () => {
    expect(await inputFiles(context, ['main.ts', '.', 'deep'])).toEqual(['deep/er.ts', 'main.ts'])
  })
})

describe('the hash of the inputs', () => {
  test('changes when the content of a file changes', async () => {
    const before = await hash()
    await put('deep/er.ts', 'three')
    expect(await hash()).not.toBe(before)
  })

  test('changes when a file is renamed or added', async () => {
    const before = await hash()
    await put('another.ts', 'one')
    const added = await hash()
    await rm(join(context, 'another.ts'))
    await put('renamed.ts', 'one')
    await rm(join(context, 'main.ts'))
    expect(new Set([before, added, await hash()]).size).toBe(3)
  })

  test('changes with the Dockerfile and with the base', async () => {
    const hashes = [
      await hash(),
      await hash(['.'], { base: 'sha256:2', dockerfile: 'FROM it' }),
      await hash(['.'], { base: 'sha256:1', dockerfile: 'FROM it AS other' }),
    ]
    expect(new Set(hashes).size).toBe(3)
  })

  test('stays when nothing that is built changes: a test, an installed package, a time, the order of the parts', async () => {
    const before = await hash()
    await put('deep/er.test.ts', 'another test')
    await put('node_modules/x/index.js', 'newer')
    await utimes(join(context, 'main.ts'), 1, 1)
    expect(await hash(['.'], { dockerfile: 'FROM it', base: 'sha256:1' })).toBe(before)
  })
})

describe('the stream to the engine', () => {
  test('holds files of several folders, readable by everybody', async () => {
    await chmod(join(context, 'main.ts'), 0o600)
    await put('elsewhere/Dockerfile', 'FROM here')
    const tar = await text(
      tarOf([
        { from: context, entries: ['main.ts'] },
        { from: join(context, 'elsewhere'), entries: ['Dockerfile'] },
      ]),
    )
    expect(tar).toMatch(/main\.ts\0+0000644/)
    expect(tar).toContain('FROM here')
  })

  test('loses nothing when it is read only after tar has ended', async () => {
    const stream = tarOf([{ from: context, entries: ['main.ts'] }])
    await pause(300)
    expect(await text(stream)).toContain('one')
  })

  test('fails when a file is missing', async () => {
    await expect(text(tarOf([{ from: context, entries: ['none.ts'] }]))).rejects.toThrow(/tar ended with [1-9]/)
  })
})
