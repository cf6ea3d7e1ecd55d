// What pages say of a published service or route: its upstream, paths, methods and times.
import type { Published } from '../published-object.ts'
import { type Html, html } from './html.ts'

export interface UpstreamNode {
  readonly host: string
  readonly port: number
  readonly weight: number
}

/** The nodes an upstream names; none where there is no upstream. */
export const nodesOf = (upstream: unknown): readonly UpstreamNode[] =>
  (upstream as { readonly nodes?: readonly UpstreamNode[] } | undefined)?.nodes ?? []

export const schemeOf = (upstream: unknown): string =>
  (upstream as { readonly scheme?: string } | undefined)?.scheme ?? 'http'

/** 'http://10.0.0.9:8080, 10.0.0.10:8080' */
export const upstreamOf = ({ body: { upstream } }: Published): string =>
  `${schemeOf(upstream)}://${nodesOf(upstream)
    .map(({ host, port }) => `${host}:${port}`)
    .join(', ')}`

export const pathsOf = ({ body }: Published): readonly Html[] =>
  listOf(body.paths).map((path) => html`<code>${path}</code> `)

export const methodsOf = ({ body }: Published): readonly Html[] => {
  const methods = listOf(body.methods)
  return methods.length === 0 ? [html`Any`] : methods.map((method) => html`<span class="tag">${method}</span> `)
}

/** A moment as a person in the Dashboard's reference time reads it. */
export const timeOf = (epochSeconds: number): Html => {
  const iso = new Date(epochSeconds * 1_000).toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`
}

export const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

/** A member that is text, or nothing. */
export const textIn = ({ body }: Published, member: string): string => String(body[member] ?? '')
