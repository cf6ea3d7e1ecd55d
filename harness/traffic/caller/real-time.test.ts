import { describe, expect, test, vi } from 'vitest'
import { ordinary, watchRates } from './real-time.ts'

describe('real time', () => {
  test('is kept up to 2,000 calls/s, and left once with more', () => {
    const leave = vi.fn()
    const rates = watchRates(leave)
    rates.set('kept-alive', 1000)
    rates.set('new-connections', 1000)
    expect(leave).not.toHaveBeenCalled()
    rates.set('new-connections', 1001)
    rates.set('kept-alive', 3000)
    expect(leave).toHaveBeenCalledTimes(1)
  })

  test('is kept where a lane was closed before the next one opened', () => {
    const leave = vi.fn()
    const rates = watchRates(leave)
    rates.set('first', 2000)
    rates.closed('first')
    rates.set('second', 2000)
    expect(leave).not.toHaveBeenCalled()
  })

  test('is not handed on to a child', () => {
    expect(ordinary(true)).toEqual({ execPath: 'chrt', execArgv: ['--other', '0', process.execPath] })
    expect(ordinary(false)).toEqual({})
  })
})
