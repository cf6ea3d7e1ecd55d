// Roles, and what each lets a user do: nothing, read everything, or change everything.
import type { User } from '../store.ts'

/** The roles somebody can be given, by id and in words. */
export const ROLES = [
  ['super_admin_id', 'Super Admin'],
  ['viewer_id', 'Viewer'],
] as const

/** A role in words; one we do not know by its id. */
export const roleNamed = (id: string): string => ROLES.find(([role]) => role === id)?.[1] ?? id

/** True for roles that exist. */
export const isRole = (id: string): boolean => ROLES.some(([role]) => role === id)

export const mayWrite = ({ roles }: Pick<User, 'roles'>): boolean => roles.includes('super_admin_id')

export const mayRead = ({ roles }: Pick<User, 'roles'>): boolean => roles.some(isRole)
