// The settings of the callers' balancer as the deployments have them, for one that stands before two servers of a bench's own.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { yamlIn } from '../topology/yaml.ts'

const FILE = join(import.meta.dirname, '..', '..', 'compose', 'high-availability.yaml')

interface ComposeFile {
  readonly services: Readonly<Record<string, { readonly environment: Readonly<Record<string, string>> }>>
}

/** What Compose puts there where nothing is set: `${NAME:-default}`. */
const withDefaults = (value: string): string => value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')

/** Its environment: two servers on `subnet`, called and checked at one port, found by their addresses. */
export const balancerSettings = async (subnet: string, port: number): Promise<Readonly<Record<string, string>>> => {
  const file = yamlIn(await readFile(FILE, 'utf8')) as ComposeFile
  const asDeployed = Object.entries(file.services['callers-balancer']?.environment ?? {}).map(
    ([name, value]) => [name, withDefaults(String(value))] as const,
  )
  const settings: Readonly<Record<string, string>> = Object.fromEntries(asDeployed)
  return {
    ...settings,
    LB_SUBNET: subnet,
    LB_GATEWAYS: '2',
    LB_GATEWAY_PORT: String(port),
    LB_ADDRESSES: 'fixed',
    LB_SERVER: (settings.LB_SERVER ?? '').replace(/port \d+/, `port ${port}`),
  }
}
