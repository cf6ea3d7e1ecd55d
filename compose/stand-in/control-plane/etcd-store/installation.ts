// What belongs to the whole installation, in etcd: what it begins with, license, settings and authority.
import { type Authority, makeAuthority } from '../certificates.ts'
import { digest, hashPassword } from '../dashboard/passwords.ts'
import type { Installation, License, Seed, StoredUser, SystemSettings } from '../store.ts'
import { contentOf } from './changes.ts'
import { type Etcd, nowSeconds } from './etcd.ts'
import { putGroup } from './groups.ts'
import { keyRange } from './messages.ts'

interface Installed {
  readonly authority: Authority
  readonly createdAt: number
}

/** Puts the administrator, the first cluster and the authority in one transaction, unless another Dashboard has. */
export const prepare = async (etcd: Etcd, { adminPassword, licenseText, instanceToken }: Seed): Promise<void> => {
  if (await readInstalled(etcd)) return
  const now = nowSeconds()
  const admin: StoredUser = {
    id: 'admin',
    username: 'admin',
    roles: ['super_admin_id'],
    passwordHash: await hashPassword(adminPassword),
    hasDefaultPassword: adminPassword === 'admin',
  }
  const first = { id: 'default', name: 'default', type: 'api7_gateway', description: '', labels: {} }
  const keyPrefix = etcd.keys.gatewayPrefix(first.id)
  const installed: Installed = { authority: await makeAuthority(), createdAt: now }
  await etcd.changes.make(async (draft) => {
    if (await draft.get(etcd.keys.installation)) return
    draft.put(etcd.keys.installation, installed)
    draft.put(etcd.keys.user(admin.id), admin)
    if (licenseText) draft.put(etcd.keys.license, { text: licenseText })
    if (instanceToken) {
      const token = { id: 'from-the-deployment', gatewayGroupId: first.id }
      draft.put(etcd.keys.instanceToken(digest(instanceToken)), token)
    }
    putGroup(etcd, draft, { ...first, keyPrefix, createdAt: now, updatedAt: now })
  })
}

export const installationIn = (etcd: Etcd): Installation => ({
  async authority() {
    const installed = await readInstalled(etcd)
    if (installed) return installed.authority
    throw new Error('The installation has no authority: etcd was not seeded. Start a Dashboard on it.')
  },
})

const readInstalled = async (etcd: Etcd): Promise<Installed | undefined> =>
  await read<Installed>(etcd, etcd.keys.installation)

export const licenseIn = (etcd: Etcd): License => ({
  read: async () => (await read<{ text: string }>(etcd, etcd.keys.license))?.text,
  write: (text) => etcd.changes.make(async (draft) => draft.put(etcd.keys.license, { text })),
})

type Named = Readonly<Record<string, unknown>>

export const systemSettingsIn = (etcd: Etcd): SystemSettings => ({
  read: async () => (await read<Named>(etcd, etcd.keys.systemSettings)) ?? {},
  merge: (changes) =>
    etcd.changes.make(async (draft) => {
      const settings = { ...(await draft.get<Named>(etcd.keys.systemSettings)), ...changes }
      draft.put(etcd.keys.systemSettings, settings)
      return settings
    }),
})

const read = async <Value>({ client }: Etcd, key: string): Promise<Value | undefined> => {
  const [entry] = (await client.range(keyRange(key))).entries
  return entry && contentOf<Value>(entry)
}
