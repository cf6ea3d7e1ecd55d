// The members of a config store find each other, whatever proxy the Docker CLI gives to containers.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { yamlIn } from './yaml.ts'

interface Service {
  readonly labels?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
}

test.each(['high-availability', 'multi-zone', 'etcd'])('no config store of %s asks a proxy for its peers', (stack) => {
  const text = readFileSync(join(import.meta.dirname, '../../compose', `${stack}.yaml`), 'utf8')
  const { services } = yamlIn(text) as { readonly services: Readonly<Record<string, Service>> }
  const stores = Object.values(services).filter(({ labels }) => labels?.['firedrill.role'] === 'config-store')
  expect(stores.map(({ environment }) => [environment?.NO_PROXY, environment?.no_proxy])).toEqual(
    [1, 2, 3].map(() => ['*', '*']),
  )
})
