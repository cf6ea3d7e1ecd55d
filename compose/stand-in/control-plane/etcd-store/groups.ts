// Gateway groups in etcd, which API7 2.x calls clusters, each with a prefix of its own.
import { markersUnder } from '../configuration-markers.ts'
import { RefusedError } from '../dashboard/refused.ts'
import type { Deed, GatewayGroup, Groups } from '../store.ts'
import { note } from './audit.ts'
import { contentOf, type Draft } from './changes.ts'
import { type Etcd, nowSeconds } from './etcd.ts'
import { type Entry, prefixRange } from './messages.ts'

export const groupsIn = (etcd: Etcd): Groups => ({
  async find(idOrName) {
    const groups = await allGroups(etcd)
    return groups.find(({ id }) => id === idOrName) ?? groups.find(({ name }) => name === idOrName)
  },
  async list({ name, search }, { limit, offset }) {
    const wanted = (await allGroups(etcd)).filter(
      (group) => (name === undefined || group.name === name) && (search === undefined || group.name.includes(search)),
    )
    return { list: wanted.slice(offset, offset + limit), total: wanted.length }
  },
  create: (wanted, operator) =>
    etcd.changes.make(async (draft) => {
      await refuseTaken(etcd, draft, wanted)
      const now = nowSeconds()
      const group = { ...wanted, keyPrefix: etcd.keys.gatewayPrefix(wanted.id), createdAt: now, updatedAt: now }
      putGroup(etcd, draft, group)
      await note(etcd, draft, operator, [deedOn('create', group)])
      return group
    }),
  update: ({ id }, changes, operator) =>
    etcd.changes.make(async (draft) => {
      await refuseTaken(etcd, draft, { id, name: changes.name })
      const group = { ...(await expectGroup(etcd, draft, id)), ...changes, updatedAt: nowSeconds() }
      draft.put(etcd.keys.group(id), group)
      await note(etcd, draft, operator, [deedOn('update', group)])
      return group
    }),
  remove: ({ id }, operator) =>
    etcd.changes.make(async (draft) => {
      const group = await expectGroup(etcd, draft, id)
      await removeGroup(etcd, draft, group)
      await note(etcd, draft, operator, [deedOn('delete', group)])
    }),
  setAdminKey: (digest, group, operator) =>
    etcd.changes.make(async (draft) => {
      await expectGroup(etcd, draft, group.id)
      draft.put(etcd.keys.adminKey(group.id), { gatewayGroupId: group.id, digest })
      await note(etcd, draft, operator, [{ ...deedOn('update', group), resource_type: 'admin_key' }])
    }),
  async findByAdminKey(digest) {
    const [keys, groups] = await etcd.client.ranges([prefixRange(etcd.keys.adminKeys), prefixRange(etcd.keys.groups)])
    const kept = keys?.entries.map((entry) => contentOf<AdminKey>(entry)).find((key) => key.digest === digest)
    return kept && inOrder(groups?.entries ?? []).find(({ id }) => id === kept.gatewayGroupId)
  },
  keepInstanceToken: ({ id, digest }, group) =>
    etcd.changes.make(async (draft) => {
      await expectGroup(etcd, draft, group.id)
      draft.put(etcd.keys.instanceToken(digest), { id, gatewayGroupId: group.id })
    }),
})

interface AdminKey {
  readonly gatewayGroupId: string
  readonly digest: string
}

/** Puts a group with the markers its gateways look for. */
export const putGroup = ({ keys }: Etcd, draft: Draft, group: GatewayGroup): void => {
  draft.put(keys.group(group.id), group)
  for (const marker of markersUnder(group.keyPrefix)) draft.put(marker, 'init_dir')
}

/** The group, which is then there as it is when the change is made. Throws RefusedError 404. */
export const expectGroup = async ({ keys }: Etcd, draft: Draft, groupId: string): Promise<GatewayGroup> => {
  const group = await draft.get<GatewayGroup>(keys.group(groupId))
  if (group) return group
  throw new RefusedError(404, `gateway group ${groupId} is not there`)
}

const removeGroup = async ({ keys }: Etcd, draft: Draft, group: GatewayGroup): Promise<void> => {
  const tokens = await draft.list<{ gatewayGroupId: string }>(keys.instanceTokens)
  for (const [key, token] of tokens) if (token.gatewayGroupId === group.id) draft.remove(key)
  draft.remove(keys.adminKey(group.id))
  draft.remove(keys.group(group.id))
  draft.removeAll(keys.everyPublished(group.id))
  draft.removeAll(`${group.keyPrefix}/`)
}

const refuseTaken = async (
  { keys }: Etcd,
  draft: Draft,
  { id, name }: Pick<GatewayGroup, 'id' | 'name'>,
): Promise<void> => {
  const groups = await draft.list<GatewayGroup>(keys.groups)
  if ([...groups.values()].some((group) => group.name === name && group.id !== id))
    throw new RefusedError(400, `a gateway group named ${name} is already there`)
}

const allGroups = async ({ client, keys }: Etcd): Promise<readonly GatewayGroup[]> =>
  inOrder((await client.range(prefixRange(keys.groups))).entries)

/** Oldest first; those made within one second stand in the order in which they were made. */
const inOrder = (entries: readonly Entry[]): readonly GatewayGroup[] =>
  [...entries].sort((one, other) => one.createRevision - other.createRevision).map((entry) => contentOf(entry))

const deedOn = (action: string, { id, name }: GatewayGroup): Deed => ({
  action,
  resource_type: 'gateway_group',
  resource_id: id,
  resource_name: name,
  gateway_group_id: id,
})
