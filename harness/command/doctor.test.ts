import { expect, test } from 'vitest'
import { FAULT_KINDS } from '../history/event.ts'
import { attestedBy } from '../setup/doctor-faults.ts'

test('doctor says of every kind of fault how it is attested, and of each once', () => {
  expect(attestedBy.flatMap(({ kinds }) => kinds).toSorted()).toEqual(FAULT_KINDS.toSorted())
})
