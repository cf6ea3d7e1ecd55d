// Steps of the runbook: whatever a script does or waits for, under a name, for the trace and the report alike.
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { listed, type Targets } from '../topology/group.ts'

/** Carries an act out under a name that whoever runs the scenario shows. */
export type Named = <T>(title: string, act: () => Promise<T>) => Promise<T>

/** Carries acts out by `named`, numbered, their beginning and their end on record. What an act rejects with, its step does. */
export const onRecord = (
  { recorder, clock }: { readonly recorder: Pick<Recorder, 'record'>; readonly clock: Clock },
  named: Named,
): Named => {
  let steps = 0
  return async (title, act) => {
    steps += 1
    const told = { kind: 'step', id: steps, title } as const
    recorder.record({ ...told, at: clock.now(), stage: 'begin' })
    try {
      const result = await named(title, act)
      recorder.record({ ...told, at: clock.now(), stage: 'end' })
      return result
    } catch (error) {
      recorder.record({
        ...told,
        at: clock.now(),
        stage: 'end',
        error: (error as Error).message.split('\n')[0] ?? 'unknown',
      })
      throw error
    }
  }
}

/** 'control-plane-1, data-plane-2'. */
export const names = (targets: Targets): string =>
  listed(targets)
    .map((node) => node.name)
    .join(', ')
