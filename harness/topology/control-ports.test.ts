// A gateway's Control API is where its version has it, and where its label says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { yamlIn } from './yaml.ts'

interface Service {
  readonly labels?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
}

test.each([
  ['high-availability', '3.x', '9090'],
  ['multi-zone', '3.x', '9090'],
  ['etcd', '2.x', '9092'],
])('on %s it is where %s has it, on %s', (stack, _version, port) => {
  const text = readFileSync(join(import.meta.dirname, '../../compose', `${stack}.yaml`), 'utf8')
  const { services } = yamlIn(text) as { readonly services: Readonly<Record<string, Service>> }
  const gateways = Object.values(services).filter(({ labels }) => labels?.['firedrill.role'] === 'data-plane')
  expect(gateways.length).toBeGreaterThan(1)
  for (const { labels, environment } of gateways)
    expect([labels?.['firedrill.port.control'], environment?.CONTROL_PORT ?? '9090']).toEqual([port, port])
})
