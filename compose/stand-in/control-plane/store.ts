// What the Dashboard keeps, in the words of its domain: one contract for PostgreSQL and for etcd.
import type { Authority } from './certificates.ts'
import type { Page } from './dashboard/paging.ts'
import type { Body, Kind, Published } from './dashboard/published-object.ts'
import type { Instance } from './instances.ts'

/**
 * Everything a Dashboard knows. Whatever is not answered throws DatabaseAwayError (nothing was changed) or
 * OutcomeUnknownError (it may have been), and whatever the caller got wrong throws RefusedError.
 */
export interface Store {
  readonly users: Users
  readonly sessions: Sessions
  readonly tokens: Tokens
  readonly groups: Groups
  readonly published: PublishedObjects
  readonly audit: AuditLog
  readonly license: License
  readonly systemSettings: SystemSettings
  readonly installation: Installation
  readonly instances: Instances
  /** Makes what a new installation begins with; of several Dashboards that start at once, one does it. */
  prepare(seed: Seed): Promise<void>
  /** True when the store answered a trivial question within `limitMs`. */
  isWell(limitMs: number): Promise<boolean>
  /** Forgets history nobody needs any more; called every few minutes. */
  tidy(): Promise<void>
  close(): Promise<void>
}

/** What a new installation begins with. */
export interface Seed {
  readonly adminPassword: string
  /** A licence that is there from the start, so that nobody is asked for one. */
  readonly licenseText?: string | undefined
  /** A token by which gateways join the default group, for deployments that are written down before anything runs. */
  readonly instanceToken?: string | undefined
}

/** One page of a list, and how many there are in all. */
export interface Listed<Item> {
  readonly list: readonly Item[]
  readonly total: number
}

/** Whoever is signed in. */
export interface User {
  readonly id: string
  readonly username: string
  readonly roles: readonly string[]
}

/** A user as the store keeps it. */
export interface StoredUser extends User {
  readonly passwordHash: string
  /** True while the password is the one every installation begins with. */
  readonly hasDefaultPassword: boolean
}

export interface Users {
  /** The user with this name. */
  find(username: string): Promise<StoredUser | undefined>
  /** Replaces the password; from then on it is not the default one. */
  setPassword(userId: string, passwordHash: string): Promise<void>
  /** By name. */
  list(page: Page): Promise<Listed<StoredUser>>
  /** Adds a user without roles, whose password is to be changed. Refuses a name that is taken. */
  add(user: Pick<StoredUser, 'id' | 'username' | 'passwordHash'>, operator: Operator): Promise<StoredUser>
  /** Refuses a user who is not there. */
  assignRoles(userId: string, roles: readonly string[], operator: Operator): Promise<void>
  /** Removes the user with all sessions and tokens. Refuses a user who is not there. */
  remove(userId: string, operator: Operator): Promise<void>
}

/** Sessions by the digest of their opaque id: whoever reads the store cannot use them. */
export interface Sessions {
  begin(digest: string, user: User, seconds: number): Promise<void>
  find(digest: string): Promise<User | undefined>
  end(digest: string): Promise<void>
}

/** A token to be kept. `expiresAt` is in epoch seconds; 0 means never. */
export interface NewToken {
  readonly id: string
  readonly name: string
  readonly digest: string
  readonly expiresAt: number
}

/** A token as its owner sees it again: without its text. Times are epoch seconds; an expiry of 0 means never. */
export interface KeptToken {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly expiresAt: number
}

export interface Tokens {
  /** A user's own, oldest first. */
  list(user: User): Promise<readonly KeptToken[]>
  /** Refuses a token this user does not have. */
  remove(id: string, user: User): Promise<void>
  keep(token: NewToken, user: User): Promise<void>
  /** The user a token belongs to, unless it has expired. */
  findUser(digest: string): Promise<User | undefined>
}

export interface GatewayGroup {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly description: string
  readonly labels: object
  /** Where its configuration stands in the keyspace. */
  readonly keyPrefix: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** A group to be made. */
export type NewGroup = Pick<GatewayGroup, 'id' | 'name' | 'type' | 'description' | 'labels'>

export interface Groups {
  /** The group with this id, or else this name. */
  find(idOrName: string): Promise<GatewayGroup | undefined>
  /** The groups, only those with `name` or containing `search` when asked, oldest first. */
  list(
    wanted: { readonly name?: string | undefined; readonly search?: string | undefined },
    page: Page,
  ): Promise<Listed<GatewayGroup>>
  /** Makes a group with the markers its gateways look for. Refuses a name that is taken. */
  create(group: NewGroup, operator: Operator): Promise<GatewayGroup>
  /** Changes what people call the group. Refuses a name that is taken. */
  update(
    group: GatewayGroup,
    changes: Pick<GatewayGroup, 'name' | 'description' | 'labels'>,
    operator: Operator,
  ): Promise<GatewayGroup>
  /** Removes the group with all it publishes: its gateways find nothing under its prefix any more. */
  remove(group: GatewayGroup, operator: Operator): Promise<void>
  /** Keeps the group's admin key; the one before no longer works. */
  setAdminKey(digest: string, group: GatewayGroup, operator: Operator): Promise<void>
  /** The group an admin key belongs to. */
  findByAdminKey(digest: string): Promise<GatewayGroup | undefined>
  /** Keeps a token by which a gateway joins the group. */
  keepInstanceToken(token: { readonly id: string; readonly digest: string }, group: GatewayGroup): Promise<void>
}

/** One published object of one group. */
export interface Target {
  readonly group: GatewayGroup
  readonly kind: Kind
  readonly id: string
}

/** Services, routes and upstreams: what people wrote, what gateways read and the audit log always move as one. */
export interface PublishedObjects {
  /** A group's objects by name, only one service's when asked. */
  list(wanted: Omit<Target, 'id'> & { readonly serviceId?: string | undefined }, page: Page): Promise<Listed<Published>>
  read(target: Target): Promise<Published | undefined>
  /**
   * Creates or replaces the object. Refuses a route or an upstream of a service that is not there. A service's routes
   * are published again with it: what gateways read of a route depends on its service's path prefix.
   */
  put(target: Target, body: Body, operator: Operator): Promise<Published>
  /** Makes `next` of the body that is there, so that of two changes at once none is lost; `next` may run again. */
  change(target: Target, next: (before: Body) => Body, operator: Operator): Promise<Published>
  /** Removes the object, and with a service all its routes and upstreams. Refuses when it is not there. */
  remove(target: Target, operator: Operator): Promise<void>
}

/** Whoever makes a change, and through which node. */
export interface Operator {
  readonly username: string
  readonly ip: string
  readonly node: string
}

export interface AuditEntry {
  /** Grows from entry to entry. */
  readonly id: number
  /** Epoch seconds. */
  readonly created_at: number
  readonly operator: string
  /** 'create', 'update', 'delete'. */
  readonly action: string
  readonly resource_type: string
  readonly resource_id: string
  readonly resource_name: string
  readonly gateway_group_id: string | null
  readonly node: string
  readonly ip: string
}

/** What was done to which resource. */
export type Deed = Pick<AuditEntry, 'action' | 'resource_type' | 'resource_id' | 'resource_name' | 'gateway_group_id'>

/** Who changed what. Entries are written by the changes themselves, in the same step: never the one without the other. */
export interface AuditLog {
  /** The newest entries first. */
  list(page: Page): Promise<Listed<AuditEntry>>
}

export interface License {
  /** The text that was uploaded. */
  read(): Promise<string | undefined>
  write(text: string): Promise<void>
}

/** Settings of the whole installation, by name. */
export interface SystemSettings {
  read(): Promise<Readonly<Record<string, unknown>>>
  /** Replaces those that are named and keeps the others. */
  merge(changes: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>
}

export interface Installation {
  /** Who signs this installation's certificates. */
  authority(): Promise<Authority>
}

export interface Instances {
  /** False where gateways read their configuration without telling who they are. */
  readonly areKnown: boolean
  list(group: GatewayGroup): Promise<readonly Instance[]>
}
