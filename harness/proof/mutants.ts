// Defects planted in the code itself: a line that lies, and the tests that have to notice. None of them needs an engine.
export interface Mutant {
  readonly what: string
  /** Relative to the repository. */
  readonly file: string
  /** Stands exactly once in the file, so that a mutant whose site has gone is noticed. */
  readonly find: string
  readonly replace: string
  /** Test files, relative to the repository: one test at least has to fail. */
  readonly killedBy: readonly string[]
}

const LANE = 'harness/traffic/caller/lane.ts'
const LANE_TEST = 'harness/traffic/caller/lane.test.ts'
const CALL = 'harness/traffic/caller/call-in-flight.ts'
const CALL_TEST = 'harness/traffic/caller/call-in-flight.test.ts'
const FULL_OUTAGE = 'harness/analysis/full-outage.ts'
const FULL_OUTAGE_TEST = 'harness/analysis/full-outage.test.ts'
const JUDGE_TEST = 'harness/verdict/judge.test.ts'

export const MUTANTS: readonly Mutant[] = [
  // what callers record
  {
    what: 'a call that failed is not recorded',
    file: LANE,
    find: '    rows.add({\n      index: call.index,',
    replace: "    if (errorClass === 'none') rows.add({\n      index: call.index,",
    killedBy: [LANE_TEST],
  },
  {
    what: 'a body that broke off is taken for a whole one',
    file: CALL,
    find: "? 'truncated' : classOfStatus",
    replace: "? 'none' : classOfStatus",
    killedBy: [CALL_TEST],
  },
  {
    what: 'a body that is not the expected one is taken for it',
    file: CALL,
    find: "echo.found()) ? 'none' : 'mismatch'",
    replace: "echo.found()) ? 'none' : 'none'",
    killedBy: [CALL_TEST],
  },
  {
    what: 'a status that was not expected is taken for the expected one',
    file: CALL,
    find: 'if (!this.request.accepts(this.status)) this.#end(classOfStatus(this.status))',
    replace: "if (!this.request.accepts(this.status)) this.#end('none')",
    killedBy: [CALL_TEST],
  },
  {
    what: 'an answer after the deadline counts',
    file: LANE,
    find: "const errorClass = isLate ? 'deadline' : cause",
    replace: 'const errorClass = cause',
    killedBy: [LANE_TEST],
  },
  {
    what: 'nobody gives up a call whose deadline passed',
    file: LANE,
    find: 'if (!head.isEnded) head.expire()',
    replace: 'if (head.isEnded) head.expire()',
    killedBy: [LANE_TEST],
  },
  {
    what: 'latency counts from the sending and not from the schedule',
    file: LANE,
    find: 'latencyUs: (nowMs - call.dueMs) * 1000,',
    replace: 'latencyUs: (nowMs - call.sentMs) * 1000,',
    killedBy: [LANE_TEST],
  },
  {
    what: 'calls that the generator came too late for are left out instead of told',
    file: LANE,
    find: '      leaveUnsent(index, nowMs, errorClass)\n',
    replace: '',
    killedBy: [LANE_TEST],
  },
  {
    what: 'a call that was not sent counts as answered',
    file: 'harness/history/call.ts',
    find: "    case 'stopped':\n      return 'unsent'",
    replace: "    case 'stopped':\n      return 'answered'",
    killedBy: ['harness/history/call.test.ts'],
  },
  {
    what: 'a stall of the sending thread is not told',
    file: 'harness/traffic/caller/pulse.ts',
    find: 'if (nowMs - lastBeatMs > STALL_MS) note({ from: lastBeatMs, to: nowMs })',
    replace: 'if (nowMs - lastBeatMs > 1000 * STALL_MS) note({ from: lastBeatMs, to: nowMs })',
    killedBy: ['harness/traffic/caller/pulse.test.ts'],
  },
  // what stands in the files
  {
    what: 'a record that a full disk took half of stays',
    file: 'harness/history/calls-file.ts',
    find: '      ftruncateSync(descriptor, size + at)\n',
    replace: '',
    killedBy: ['harness/history/calls-file.test.ts'],
  },
  {
    what: 'calls that the file does not hold pass for recorded ones',
    file: 'harness/history/calls-file.ts',
    find: '  recorded: new Uint8Array(count),',
    replace: '  recorded: new Uint8Array(count).fill(1),',
    killedBy: ['harness/history/calls-file.test.ts'],
  },
  {
    what: 'a full disk under the history is told by nobody',
    file: 'harness/history/recorder.ts',
    find: '      failure = diskError(file, pending.length, cause)',
    replace: '      void diskError(file, pending.length, cause)',
    killedBy: ['harness/history/recorder.test.ts'],
  },
  {
    what: 'an intent of which the disk took half counts as written',
    file: 'harness/fault/fault-log.ts',
    find: 'for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)',
    replace: 'writeSync(file, bytes)',
    killedBy: ['harness/fault/fault-log.test.ts'],
  },
  // what is concluded from them
  {
    what: 'disturbed and recovered change places',
    file: 'harness/analysis/phases.ts',
    find: 'disturbed: [intended, cleared], recovered: [cleared, end]',
    replace: 'disturbed: [cleared, end], recovered: [intended, cleared]',
    killedBy: ['harness/analysis/phases.test.ts'],
  },
  {
    what: 'a phase takes the first call of the next one as well',
    file: 'harness/analysis/calls.ts',
    find: 'while (i < calls.count && scheduled(calls, i) < at) i += 1',
    replace: 'while (i < calls.count && scheduled(calls, i) <= at) i += 1',
    killedBy: ['harness/analysis/calls.test.ts'],
  },
  {
    what: 'a merge of histograms loses a bucket',
    file: 'harness/analysis/histogram.ts',
    find: 'for (let k = 0; k < us.length; k += 1) add(us[k] ?? 0, times[k] ?? 0)',
    replace: 'for (let k = 1; k < us.length; k += 1) add(us[k] ?? 0, times[k] ?? 0)',
    killedBy: ['harness/analysis/histogram.test.ts'],
  },
  {
    what: 'stalls of the generator’s own make a gap an outage',
    file: FULL_OUTAGE,
    find: 'lengthMs: to - from - sleptMs',
    replace: 'lengthMs: to - from',
    killedBy: [FULL_OUTAGE_TEST],
  },
  {
    what: 'what the generator slept at an outage’s edge is all of the outage',
    file: 'harness/analysis/likely-length.ts',
    find: 'return unknown / 2',
    replace: 'return 0',
    killedBy: [FULL_OUTAGE_TEST],
  },
  {
    what: 'the lower bound of an outage is the point',
    file: FULL_OUTAGE,
    find: 'min: Math.max(0, Math.min(point, recoveredAtLeast - onset[1] - disturbedMs - mostWorkOffMs(hit))),',
    replace: 'min: point,',
    killedBy: [FULL_OUTAGE_TEST],
  },
  {
    what: 'the upper bound of an outage is the point',
    file: FULL_OUTAGE,
    find: 'max: Math.max(point, atMost[1] - leftAtLeast({ calls, baseline, machine }, atMost[0])),',
    replace: 'max: point,',
    killedBy: [FULL_OUTAGE_TEST],
  },
  {
    what: 'a call that nobody sent or recorded ends an outage for certain',
    file: FULL_OUTAGE,
    find: 'const certain = certainTimes(lane.calls, lane.times)',
    replace: 'const certain = lane.times',
    killedBy: [FULL_OUTAGE_TEST],
  },
  {
    what: 'a call that nobody recorded is an outage',
    file: 'harness/analysis/gaps.ts',
    find: 'calls.code[i] === UNKNOWN || (calls.code[i]',
    replace: '(calls.code[i]',
    killedBy: [FULL_OUTAGE_TEST],
  },
  {
    what: 'a connection that was closed while the callers slept is the deployment’s loss',
    file: 'harness/analysis/marks.ts',
    find: '(own?.[i] === 1 || sleptMs > RESOLUTION_MS))',
    replace: 'lateMs < 0)',
    killedBy: [JUDGE_TEST],
  },
  // what is in doubt
  {
    what: 'doubt of the control lane and of the generator’s own stalls is ignored',
    file: 'harness/analysis/doubts.ts',
    find: "  { name: 'machine', search: machine },\n",
    replace: '',
    killedBy: [JUDGE_TEST],
  },
  {
    what: 'a standstill is forgiven whatever callers were told in it',
    file: 'harness/analysis/doubt-of-sensor.ts',
    find: 'hidNothing(each.window)',
    replace: 'hidNothing !== undefined',
    killedBy: ['harness/analysis/answered-through.test.ts'],
  },
  {
    what: 'late sending is ignored',
    file: 'harness/analysis/doubts.ts',
    find: "  { name: 'sending', search: sending },\n",
    replace: '',
    killedBy: [JUDGE_TEST],
  },
  {
    what: 'what is missing of the record is ignored',
    file: 'harness/analysis/doubts.ts',
    find: "  { name: 'record', search: record },\n",
    replace: '',
    killedBy: [JUDGE_TEST],
  },
  {
    what: 'a clock that moved is ignored',
    file: 'harness/analysis/doubt-of-sensor.ts',
    find: 'if (byMs <= RESOLUTION_MS + first.errorMs + later.errorMs) return []',
    replace: 'if (byMs >= 0) return []',
    killedBy: [JUDGE_TEST],
  },
  {
    what: 'a history that ends before its lanes do is believed to the end',
    file: 'harness/analysis/analyse.ts',
    find: 'return last < end && lanes.some(',
    replace: 'return last > end && lanes.some(',
    killedBy: [JUDGE_TEST],
  },
  // what is said of it
  {
    what: 'a fault that nobody attested is ignored',
    file: 'harness/verdict/assumptions.ts',
    find: 'claimed(of), ...faultsAttested(of), ...cutOff(of), ...others,',
    replace: 'claimed(of), ...cutOff(of), ...others,',
    killedBy: [JUDGE_TEST],
  },
  {
    what: 'doubt excuses a failure',
    file: 'harness/verdict/outcome.ts',
    find: "if (findings.some((finding) => finding.outcome === 'fail')) return 'fail'",
    replace: "if (findings.every((finding) => finding.outcome === 'fail')) return 'fail'",
    killedBy: [JUDGE_TEST],
  },
  {
    what: 'doubt leaves a pass alone',
    file: 'harness/verdict/outcome.ts',
    find: 'assumptions.some((assumption) => !assumption.holds) ||',
    replace: '',
    killedBy: [JUDGE_TEST],
  },
  {
    what: 'a length passes where its lower bound does',
    file: 'harness/verdict/case.ts',
    find: "min > limit ? 'fail' : max <= limit ? 'pass' : 'inconclusive'",
    replace: "min > limit ? 'fail' : min <= limit ? 'pass' : 'inconclusive'",
    killedBy: [JUDGE_TEST],
  },
  {
    what: 'losses in doubt fail',
    file: 'harness/verdict/case.ts',
    find: "certain > limit ? 'fail' : measured <= limit",
    replace: "measured > limit ? 'fail' : measured <= limit",
    killedBy: [JUDGE_TEST],
  },
  {
    what: 'the exit code of an inconclusive run is 0',
    file: 'harness/verdict/run-outcome.ts',
    find: 'const EXIT_CODES = { pass: 0, fail: 1, inconclusive: 2 } as const',
    replace: 'const EXIT_CODES = { pass: 0, fail: 1, inconclusive: 0 } as const',
    killedBy: ['harness/verdict/run-outcome.test.ts'],
  },
  {
    what: 'a scenario that left no history is passed over',
    file: 'harness/report/judged.ts',
    find: '      told.push(unheard(asked, run, atFault))\n',
    replace: '',
    killedBy: ['harness/report/judged.test.ts'],
  },
  {
    what: 'a scenario whose record cannot be read is passed over',
    file: 'harness/report/judged.ts',
    find: '      told.push(unjudged(asked, folder, report))\n',
    replace: '',
    killedBy: ['harness/report/judged.test.ts'],
  },
  {
    what: 'evidence that was not saved is not missed',
    file: 'harness/verdict/saved-evidence.ts',
    find: 'if (about !== undefined) return RESTS_ON[about]',
    replace: "if (about !== undefined) return 'nothing'",
    killedBy: ['harness/verdict/saved-evidence.test.ts'],
  },
  {
    what: 'a tear-down that was cut off is taken for a whole one',
    file: 'harness/verdict/saved-evidence.ts',
    find: "?.endsWith === 'teardown' &&",
    replace: "?.endsWith !== 'teardown' && events.length < 0 &&",
    killedBy: ['harness/verdict/saved-evidence.test.ts'],
  },
  {
    what: 'a gateway is believed at the first look that shows a change',
    file: 'harness/traffic/change.ts',
    find: 'const LOOKS_MORE = 24',
    replace: 'const LOOKS_MORE = 0',
    killedBy: ['harness/traffic/change.test.ts'],
  },
  // what is left behind
  {
    what: 'the last fault is not healed when the drill ends',
    file: 'harness/fault/faults.ts',
    find: 'for (const fault of held.toReversed()) {',
    replace: 'for (const fault of held.slice(0, -1).toReversed()) {',
    killedBy: ['harness/fault/faults.test.ts'],
  },
  {
    what: 'whoever clears a dead run is not told of its first fault',
    file: 'harness/fault/fault-log.ts',
    find: 'return [...open.values()]',
    replace: 'return [...open.values()].slice(1)',
    killedBy: ['harness/fault/fault-log.test.ts'],
  },
  {
    what: 'a fault is in effect though a witness contradicts it',
    file: 'harness/fault/faults.ts',
    find: 'if (contradiction !== undefined)',
    replace: 'if (contradiction === null)',
    killedBy: ['harness/fault/faults.test.ts'],
  },
]
