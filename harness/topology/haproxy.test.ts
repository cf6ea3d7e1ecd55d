import { describe, expect, test } from 'vitest'
import { checkFrom, modeFrom, processFrom, serversFrom } from './haproxy.ts'

const HEADER = '# pxname,svname,status,check_status,check_code'
const csv = (...lines: readonly string[]): string => [HEADER, ...lines, ''].join('\n')

describe('what a balancer thinks of its servers', () => {
  test.each([
    ['UP', 'in'],
    ['UP 1/2', 'in'],
    ['no check', 'in'],
    ['DOWN', 'out'],
    ['DOWN 1/2', 'out'],
    ['DRAIN', 'draining'],
    ['NOLB', 'draining'],
    ['MAINT', 'maintenance'],
    ['MAINT (resolution)', 'maintenance'],
  ])("status '%s' reads as %s", (status, state) => {
    expect(serversFrom(csv(`gateways,data-plane-1,${status},,`))).toEqual([
      { backend: 'gateways', node: 'data-plane-1', state },
    ])
  })

  test('the totals of frontends and backends are no servers', () => {
    expect(serversFrom(csv('callers,FRONTEND,OPEN,,', 'gateways,BACKEND,UP,,'))).toEqual([])
  })

  test("the check's own words come along", () => {
    expect(serversFrom(csv('gateways,data-plane-1,DOWN,L7STS,503'))[0]?.reason).toBe('L7STS 503')
  })
})

describe('which process of a balancer answers', () => {
  test('is said among the rest of what it says of itself', () => {
    expect(processFrom('Name: HAProxy\nNbthread: 2\nProcess_num: 1\nPid: 32\nUptime: 0d 0h00m01s\n')).toBe(32)
  })

  test('is nobody in an answer that names none', () => {
    expect(() => processFrom('Permission denied\n')).toThrow(/names no process/)
  })
})

describe('what a balancer distributes', () => {
  const stat = (mode: string): string => `# pxname,svname,status,mode\ngateways,data-plane-1,UP,${mode}\n`

  test('is calls where its servers speak http, connections where they speak tcp', () => {
    expect([modeFrom(stat('http')), modeFrom(stat('tcp'))]).toEqual(['http', 'tcp'])
  })

  test('is read past a check’s last words, whatever commas those have', () => {
    const csvOf = (words: string): string =>
      `# pxname,svname,status,last_chk,mode\ngateways,data-plane-1,UP,${words},http\n`
    expect([modeFrom(csvOf('"no, it said ""no"", again"')), modeFrom(csvOf('')), modeFrom(csvOf('OK'))]).toEqual([
      'http',
      'http',
      'http',
    ])
  })
})

describe('a backend that gives everything to the primary', () => {
  const looked = (line: string): string | undefined => serversFrom(csv(line))[0]?.state

  test('a member that answers that it is not the primary stands by, also while the next check is under way', () => {
    expect([looked('primary,database-2,DOWN,L7STS,503'), looked('primary,database-2,DOWN,* L7STS,503')]).toEqual([
      'standby',
      'standby',
    ])
  })

  test('is stood by, as it was, while the next check is under way and the status of the last one forgotten', () => {
    const under = 'primary,database-2,DOWN,* L7STS,0'
    const after = (status: string, code: string) =>
      serversFrom(csv(under), serversFrom(csv(`primary,database-2,${status},L7STS,${code}`)))[0]?.state
    expect({
      'nobody looked before': looked(under),
      'after a 503': after('DOWN', '503'),
      'after a 500': after('DOWN', '500'),
      'when it was the primary a moment ago': after('UP 1/2', '503'),
    }).toEqual({
      'nobody looked before': 'standby',
      'after a 503': 'standby',
      'after a 500': 'out',
      'when it was the primary a moment ago': 'standby',
    })
  })

  test('a member of another backend whose last status is forgotten is out', () => {
    expect(looked('databases,database-2,DOWN,* L7STS,0')).toBe('out')
  })

  test('a member that does not answer is out', () => {
    expect([looked('primary,database-2,DOWN,L4TOUT,'), looked('primary,database-2,DOWN,L7TOUT,')]).toEqual([
      'out',
      'out',
    ])
  })

  test('the primary is in, also while its first bad answer is doubted', () => {
    expect([looked('primary,database-1,UP,L7OK,200'), looked('primary,database-1,UP 1/2,L7STS,503')]).toEqual([
      'in',
      'in',
    ])
  })

  test('a 503 in any other backend is out', () => {
    expect(looked('databases,database-2,DOWN,L7STS,503')).toBe('out')
  })
})

describe('how a balancer checks', () => {
  test('the words of a default-server line are read with their units', () => {
    const words =
      'check port 7085 inter 1s fastinter 300ms downinter 500ms fall 2 rise 3 on-marked-down shutdown-sessions'
    expect(checkFrom(words, { check: '800ms' })).toEqual({
      interMs: 1000,
      fastinterMs: 300,
      downinterMs: 500,
      fall: 2,
      rise: 3,
      timeoutMs: 800,
    })
  })

  test('a length without a unit is in milliseconds, as HAProxy has it', () => {
    const words = 'check inter 1500 fastinter 250000us downinter 1m'
    expect(checkFrom(words, { check: '2000', connect: '300' })).toMatchObject({
      interMs: 1500,
      fastinterMs: 250,
      downinterMs: 60_000,
      timeoutMs: 2000,
    })
  })

  test('a length that HAProxy would not take is refused by its name', () => {
    expect(() => checkFrom('check inter 1s fastinter 0.3s')).toThrow(/fastinter is '0.3s': expected a whole number/)
    expect(() => checkFrom('check', { connect: 'soon' })).toThrow(/timeout connect is 'soon'/)
  })

  test("HAProxy's own defaults fill what is not said", () => {
    expect(checkFrom('check')).toEqual({
      interMs: 2000,
      fastinterMs: 2000,
      downinterMs: 2000,
      fall: 3,
      rise: 2,
      timeoutMs: 1000,
    })
  })

  test('a timeout for checks that is shorter than the one for connections shortens nothing', () => {
    const timeoutOf = (check: string, connect: string) => checkFrom('check inter 1s', { check, connect })?.timeoutMs
    expect([timeoutOf('50ms', '300ms'), timeoutOf('50ms', '5s'), timeoutOf('800ms', '300ms')]).toEqual([300, 1000, 800])
  })

  test('a server without a check has none', () => {
    expect(checkFrom('weight 1')).toBeUndefined()
  })
})
