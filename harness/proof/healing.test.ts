// What the proof of healing concludes from what it saw, each without an engine.
import { expect, test } from 'vitest'
import { faultsSaid } from './harness-under-fire.ts'
import { clearedBy, endedBadly, type Round, victimOf } from './healing.ts'
import { said, withoutDockers } from './host-state.ts'
import { changed } from './node-states.ts'
import { sayRound, saySum, sayTimes, whyNotHealed } from './prove-healing.ts'

const ROUND: Round = {
  run: 'kit-1',
  victim: 'harness',
  isKept: false,
  faults: 'pause of target-1 in effect',
  wasBroken: true,
  by: 'warden',
  tookMs: 1000,
  left: [],
}

test('six of ten are the harness, two its warden, two both', () => {
  const victims = Array.from({ length: 10 }, (_, i) => victimOf(i / 10))
  expect(victims.map((victim) => victim[0]).join('')).toBe('hhhhhhwwbb')
})

test('a harness that ends badly without its warden is for the next command, and so are both', () => {
  expect([clearedBy('harness', null), clearedBy('warden', 0), clearedBy('warden', 1), clearedBy('both', null)]).toEqual(
    ['warden', 'harness', 'command', 'command'],
  )
})

test('a fault is on a node from its begin to its heal, and others are beside it', () => {
  const said = faultsSaid()
  expect(said.now()).toBe('nothing yet')
  said.hear('begun one-way in of target-1')
  expect(said.isBroken()).toBe(false)
  said.hear('in-effect one-way in of target-1')
  said.hear('begun stop of target-2')
  expect(said.now()).toBe('one-way in of target-1 in effect, stop of target-2 begun')
  expect(said.isBroken()).toBe(true)
  said.hear('healing one-way in of target-1')
  expect(said.now()).toBe('one-way in of target-1 being healed, stop of target-2 begun')
  expect(said.isBroken()).toBe(true)
  said.hear('healed one-way in of target-1')
  expect(said.now()).toBe('stop of target-2 begun')
  expect(said.isBroken()).toBe(false)
})

test('a harness or a command that did not end with 0 ended badly, by a signal too, and one that did not run did not', () => {
  expect(endedBadly({ harness: 1, command: 3 })).toEqual(["the harness's exit code 1", "the command's exit code 3"])
  expect(endedBadly({ harness: null, command: null })).toEqual([
    'a harness that a signal ended',
    'a command that a signal ended',
  ])
  expect([endedBadly({ harness: 0, command: 0 }), endedBadly({})]).toEqual([[], []])
})

test('a tool that fails has said nothing, whatever it wrote before', () => {
  expect(said('sh', ['-c', 'echo half; exit 1'])).toBeNull()
  expect(said('sh', ['-c', 'echo all'])).toBe('all\n')
  expect(said('no-such-tool-anywhere', [])).toBeNull()
})

test('what Docker writes for a network is its own, and a rule beside it is not', () => {
  const dockers = [
    '# Generated on Tue',
    '-A FORWARD -i br-58b70fd54a8f -o br-58b70fd54a8f -j ACCEPT',
    '-A POSTROUTING -s 10.9.0.2/32 -d 10.9.0.2/32 -p tcp -j MASQUERADE',
    'qdisc noqueue 0: dev veth6b4cd2b root refcnt 2',
  ]
  expect(withoutDockers(dockers.join('\n'))).toEqual([])
  const others = [
    ':FORWARD DROP [7:560]',
    '-A FORWARD -s 10.9.0.2/32 -j DROP',
    'qdisc netem 8001: dev docker0 root delay 50ms',
  ]
  expect(withoutDockers(others.join('\n'))).toEqual([':FORWARD DROP', others[1], others[2]])
})

test('a node is as it was, or it is said how it is', () => {
  const was = new Map([
    ['target-1', 'running'],
    ['target-2', 'running'],
  ])
  expect(changed(was, new Map(was))).toEqual([])
  expect(changed(was, new Map([['target-1', 'paused']]))).toEqual(['target-1 is paused', 'target-2 is gone'])
})

test('a round says what was left, and the times are told by whoever cleared', () => {
  expect(sayRound(ROUND, 0)).toContain('all removed     by the warden   clean after 1.0 s; pause of target-1 in effect')
  expect(sayRound({ ...ROUND, left: ['its lease'], isKept: true }, 1)).toMatch(/nodes as before .*LEFT: its lease;/)
  const times = sayTimes([ROUND, { ...ROUND, tookMs: 3000 }, { ...ROUND, by: 'command', tookMs: 100 }])
  expect(times.split('\n')).toEqual([
    '  by the warden      2 rounds, clean after p50 1.0 s, p95 3.0 s, at most 3.0 s',
    '  by the command     1 rounds, clean after p50 0.1 s, p95 0.1 s, at most 0.1 s',
  ])
})

test('rounds that left nothing show it where half of them had something to leave, and not where all was refused', () => {
  const refused: Round = { ...ROUND, faults: 'pause of target-1 begun', wasBroken: false }
  expect(whyNotHealed([ROUND, refused], [])).toEqual([])
  expect(whyNotHealed([ROUND, refused, refused], [])).toEqual([
    'in 1 of 3 rounds there was anything to heal, expected half of them',
  ])
  expect(whyNotHealed([], [])).not.toEqual([])
  expect(whyNotHealed([ROUND, { ...ROUND, left: ['its lease'] }], ['container a of kit-1'])).toEqual([
    '1 of 2 rounds left something',
    'left, after it had been clean: container a of kit-1',
  ])
})

test('the sum says in how many rounds something was broken, and that the machine was the same in those that left nothing alone', () => {
  const sum = saySum([ROUND, { ...ROUND, left: ['another state of the host than before'] }], 7)
  expect(sum).toContain('5 settings, the same before and after each of 1 rounds\n')
  expect(sum).toContain('1 of 2 rounds left nothing; in 2 a fault was in effect, or being healed, as somebody was')
})
