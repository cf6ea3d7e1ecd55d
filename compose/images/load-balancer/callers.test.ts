// What the callers' balancer does in both of its modes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test.each(['http', 'tcp'])('with LB_MODE=%s it waits for an answer as long as LB_SERVER_TIMEOUT says', (mode) => {
  const text = readFileSync(join(import.meta.dirname, `callers-${mode}.cfg`), 'utf8')
  const waits = [...text.matchAll(/^\s*timeout server\s+(.*)$/gm)].map(([, limit]) => limit)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: HAProxy's own way to name a variable.
  expect(waits).toEqual(['"${LB_SERVER_TIMEOUT}"'])
})
