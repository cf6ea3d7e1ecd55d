// Services, routes and upstreams in etcd: what people wrote, what gateways read and the audit log move as one.
import { type Body, gatewayView, type Published, titleOf } from '../dashboard/published-object.ts'
import { RefusedError } from '../dashboard/refused.ts'
import type { Deed, Operator, PublishedObjects, Target } from '../store.ts'
import { note } from './audit.ts'
import { contentOf, type Draft } from './changes.ts'
import { type Etcd, nowSeconds } from './etcd.ts'
import { expectGroup } from './groups.ts'
import { keyRange, prefixRange } from './messages.ts'
import { batchOf, gatewayKeyOf, keyOf, ownedBy, staleRoutes } from './service-objects.ts'

export const publishedIn = (etcd: Etcd): PublishedObjects => ({
  async list({ group, kind, serviceId }, { limit, offset }) {
    const { entries } = await etcd.client.range(prefixRange(etcd.keys.allPublished(group.id, kind)))
    const wanted = entries
      .map((entry) => contentOf<Published>(entry))
      .filter(({ body }) => serviceId === undefined || body.service_id === serviceId)
      .sort(byName)
    return { list: wanted.slice(offset, offset + limit), total: wanted.length }
  },
  async read(target) {
    const [entry] = (await etcd.client.range(keyRange(keyOf(etcd, target)))).entries
    return entry && contentOf<Published>(entry)
  },
  put: (target, body, operator) =>
    untilDone(etcd, async (draft) => {
      const before = await draft.get<Published>(keyOf(etcd, target))
      return await write(etcd, draft, { target, before, body, operator })
    }),
  change: (target, next, operator) =>
    untilDone(etcd, async (draft) => {
      const before = await expectObject(etcd, draft, target)
      return await write(etcd, draft, { target, before, body: next(before.body), operator })
    }),
  async remove(target, operator) {
    await untilDone(etcd, (draft) => remove(etcd, draft, target, operator))
  },
})

/** What a change came to, or undefined when there was too much for one and the rest is still to be done. */
type Done<Result> = Result | undefined

// A service with more routes than fit goes in several transactions, itself in the last. Cut off in between, it is as
// it was with some of its routes done, and asking for the same again goes on.
const untilDone = async <Result>(etcd: Etcd, work: (draft: Draft) => Promise<Done<Result>>): Promise<Result> => {
  for (;;) {
    const done = await etcd.changes.make(work)
    if (done !== undefined) return done
  }
}

const expectObject = async (etcd: Etcd, draft: Draft, target: Target): Promise<Published> => {
  const found = await draft.get<Published>(keyOf(etcd, target))
  if (found) return found
  throw new RefusedError(404, `${titleOf(target.kind)} ${target.id} is not there`)
}

interface Writing {
  readonly target: Target
  readonly before: Published | undefined
  readonly body: Body
  readonly operator: Operator
}

const write = async (etcd: Etcd, draft: Draft, writing: Writing): Promise<Done<Published>> => {
  const { target, before, body, operator } = writing
  const { group, kind, id } = target
  await expectGroup(etcd, draft, group.id)
  const service = body.service_id ? await expectService(etcd, draft, target, body.service_id) : undefined
  const stale = kind === 'services' && before ? await staleRoutes(etcd, draft, target, body) : []
  const { some, isAll } = batchOf(stale)
  for (const route of some) draft.put(route.key, route.view)
  if (!isAll) return undefined
  const now = nowSeconds()
  const after = { gateway_group_id: group.id, id, body, created_at: before?.created_at ?? now, updated_at: now }
  draft.put(keyOf(etcd, target), after)
  draft.put(gatewayKeyOf(target), gatewayView(kind, after, service))
  await note(etcd, draft, operator, [deedOn(before ? 'update' : 'create', target, body.name)])
  return after
}

/** The service must be there, and as it was read when this is written: whoever changes it meanwhile comes first. */
const expectService = async (etcd: Etcd, draft: Draft, { group }: Target, serviceId: string): Promise<Body> => {
  const service = await draft.get<Published>(keyOf(etcd, { group, kind: 'services', id: serviceId }))
  if (service) return service.body
  throw new RefusedError(400, `service_id ${serviceId} is not a service of ${group.name}`)
}

const remove = async (etcd: Etcd, draft: Draft, target: Target, operator: Operator): Promise<Done<true>> => {
  const found = await expectObject(etcd, draft, target)
  const owned = target.kind === 'services' ? await ownedBy(etcd, draft, target) : []
  const { some, isAll } = batchOf(owned)
  const going = isAll ? [...some, { target, name: found.body.name }] : some
  for (const each of going) {
    draft.remove(keyOf(etcd, each.target))
    draft.remove(gatewayKeyOf(each.target))
  }
  await note(
    etcd,
    draft,
    operator,
    going.map((each) => deedOn('delete', each.target, each.name)),
  )
  return isAll || undefined
}

const deedOn = (action: string, { group, kind, id }: Target, name: string): Deed => ({
  action,
  resource_type: titleOf(kind).toLowerCase(),
  resource_id: id,
  resource_name: name,
  gateway_group_id: group.id,
})

const byName = (one: Published, other: Published): number =>
  Buffer.compare(Buffer.from(one.body.name), Buffer.from(other.body.name)) || (one.id < other.id ? -1 : 1)
