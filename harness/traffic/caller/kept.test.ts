import net from 'node:net'
import { describe, expect, test } from 'vitest'
import { askKept, keep, letGo } from './kept.ts'

describe('a connection that is kept', () => {
  const listening = async (answer: (socket: net.Socket) => void) => {
    const sockets = new Set<net.Socket>()
    const listener = net.createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('data', () => answer(socket))
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as net.AddressInfo
    const { kept } = await keep('127.0.0.1', port)
    return {
      ask: async (limitMs: number) => (await askKept(kept, limitMs)).outcome,
      draw: (answers: number, limitMs: number) => askKept(kept, limitMs, answers),
      letGo: () => letGo(kept),
      /** How many connections were made. */
      made: () => sockets.size,
      [Symbol.asyncDispose]: async () => {
        for (const socket of sockets) socket.destroy()
        await new Promise((resolve) => listener.close(resolve))
      },
    }
  }

  test('is the same one each time it is asked, and an answer in pieces is one answer', async () => {
    await using place = await listening((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n')
      setTimeout(() => socket.write('ok'), 5)
    })
    expect([await place.ask(500), await place.ask(500)]).toEqual(['answered', 'answered'])
    expect(place.made()).toBe(1)
  })

  test('gives as many answers as it is asked for at once, whatever pieces they come in, and their bytes are counted', async () => {
    await using place = await listening((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nHTT')
      setTimeout(() => socket.write('P/1.1 200 OK\r\n\r\n'), 5)
    })
    expect(await place.draw(2, 500)).toMatchObject({ outcome: 'answered', bytes: 38 })
  })

  test('is silent where one answer of several stays away', async () => {
    await using place = await listening((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    expect(await place.draw(2, 100)).toMatchObject({ outcome: 'silent', bytes: 19 })
  })

  test('is silent where nothing comes back but the rest of an old answer', async () => {
    await using place = await listening((socket) => socket.write('the rest'))
    expect(await place.ask(100)).toBe('silent')
  })

  test('is reset where the other side ends it, and stays so', async () => {
    await using place = await listening((socket) => socket.resetAndDestroy())
    expect([await place.ask(500), await place.ask(500)]).toEqual(['reset', 'reset'])
  })

  test('is not made where nobody listens, and one that was let go is gone', async () => {
    await expect(keep('127.0.0.1', 1)).rejects.toThrow(/ECONNREFUSED/)
    await using place = await listening((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    place.letGo()
    expect(await place.ask(500)).toBe('reset')
  })
})
