import { beforeEach, describe, expect, test } from 'vitest'
import { optionsFrom } from '../options.ts'
import type { Node, Role, Topology } from '../topology/topology.ts'
import { callersRate, dashboardLanes, lanePlans, speaksHttp2, totalRate } from './lanes.ts'

const nodeOf = (name: string, role: Role, address: string, ports: Readonly<Record<string, number>>): Node => ({
  name,
  role,
  zone: 'a',
  containers: [
    {
      id: name,
      name,
      service: name,
      address,
      image: 'any',
      ports: Object.fromEntries(Object.entries(ports).map(([port, inside]) => [port, { inside }])),
    },
  ],
})

const deployment = (balancerPorts: Readonly<Record<string, number>>): Topology => ({
  stack: 'small',
  project: 'small',
  network: 'small',
  subnet: '10.0.0',
  nodes: [
    nodeOf('balancer', 'load-balancer', '10.0.0.10', balancerPorts),
    nodeOf('gateway-1', 'data-plane', '10.0.0.41', { http: 9080, https: 9443 }),
    nodeOf('gateway-2', 'data-plane', '10.0.0.42', { http: 9080, https: 9443 }),
  ],
})

const BOTH = deployment({ http: 80, https: 443 })

const plansFor = (topology: Topology, { rate = 200, h2 = true } = {}) =>
  lanePlans(topology, optionsFrom({ FIREDRILL_RATE: String(rate) }), { echo: 'http://echo:8080', speaksHttp2: h2 })

describe('the lanes of a drill', () => {
  test('are the two that make the asked rate, their control, and slow ones beside them', () => {
    expect(plansFor(BOTH).map(({ lane, purpose, rate, url }) => [lane, purpose, rate, url])).toEqual([
      ['kept-alive', 'callers', 100, 'http://10.0.0.10:80/orders/42'],
      ['new-connections', 'callers', 100, 'http://10.0.0.10:80/orders/42'],
      ['control', 'control', 100, 'http://echo:8080/orders/42'],
      ['post', 'callers', 10, 'http://10.0.0.10:80/orders/42'],
      ['https', 'callers', 10, 'https://10.0.0.10:443/orders/42'],
      ['http2', 'callers', 10, 'https://10.0.0.10:443/orders/42'],
      ['direct-gateway-1', 'direct', 10, 'http://10.0.0.41:9080/orders/42'],
      ['direct-gateway-2', 'direct', 10, 'http://10.0.0.42:9080/orders/42'],
    ])
  })

  test('are slower where less is asked for, and no faster where more is', () => {
    const rates = (rate: number) => Object.fromEntries(plansFor(BOTH, { rate }).map((plan) => [plan.lane, plan.rate]))
    expect(rates(160)).toMatchObject({ 'kept-alive': 80, control: 80, post: 8, 'direct-gateway-1': 8 })
    expect(rates(2000)).toMatchObject({ 'kept-alive': 1000, control: 1000, post: 10, 'direct-gateway-1': 10 })
  })

  test('have none of TLS before a balancer without such a port, and none of HTTP/2 where it does not speak that', () => {
    const names = (plans: ReturnType<typeof plansFor>) => plans.map(({ lane }) => lane)
    expect(names(plansFor(deployment({ http: 80 })))).not.toContain('https')
    expect(names(plansFor(BOTH, { h2: false }))).toContain('https')
    expect(names(plansFor(BOTH, { h2: false }))).not.toContain('http2')
  })

  test('ask of the balancer, and of no gateway, at which rate callers must be answered', () => {
    expect(callersRate(plansFor(BOTH))).toBe(230)
  })
})

describe('whether HTTP/2 is spoken', () => {
  const asked: unknown[] = []
  /** `silent`: so many handshakes come to nothing first. */
  const callers = (chosen: string | null, silent = 0) => ({
    negotiate: async (...question: unknown[]) => {
      asked.push(question)
      const isMade = asked.length > silent
      return { isMade, chosen: isMade ? chosen : null, from: 0, to: 1 }
    },
  })
  beforeEach(() => {
    asked.length = 0
  })

  test('the balancer says itself', async () => {
    expect(await speaksHttp2(BOTH, callers('h2'))).toBe(true)
    expect(await speaksHttp2(BOTH, callers('http/1.1'))).toBe(false)
    expect(await speaksHttp2(BOTH, callers(null))).toBe(false)
    expect(asked[0]).toMatchObject(['10.0.0.10', 443, { protocols: ['h2', 'http/1.1'] }])
  })

  test('is asked again where a handshake came to nothing, and no lane is left out for that', async () => {
    expect(await speaksHttp2(BOTH, callers('h2', 2))).toBe(true)
    expect(asked).toHaveLength(3)
  })

  test('is told by nobody where no handshake comes about: the drill does not go on as if it were not spoken', async () => {
    await expect(speaksHttp2(BOTH, callers('h2', Infinity))).rejects.toThrow(
      /balancer made no TLS handshake on 10\.0\.0\.10:443 within 2000 ms, 5 times.*ERR_NO_HANDSHAKE/,
    )
    expect(asked).toHaveLength(5)
  })

  test('nobody is asked where there is no such port', async () => {
    expect(await speaksHttp2(deployment({ http: 80 }), callers('h2'))).toBe(false)
    expect(asked).toEqual([])
  })
})

describe('callers who stand in zones', () => {
  const inZones: Topology = { ...BOTH, callerZones: ['a', 'b', 'c'] }
  const asked = (rate?: number) => optionsFrom(rate === undefined ? {} : { FIREDRILL_RATE: String(rate) })
  const mainOf = (of: Topology, rate?: number) =>
    lanePlans(of, asked(rate), { echo: 'http://echo:8080', speaksHttp2: false })
      .filter(({ lane }) => /^(kept-alive|new-connections|control)/.test(lane))
      .map((plan) => [plan.lane, plan.zone, plan.rate])

  test('share what is asked for on all main lanes of all places, and the control lane is as fast as each of them', () => {
    expect(mainOf(inZones, 800)).toEqual([
      ...['', '-a', '-b', '-c'].flatMap((zone) => [
        [`kept-alive${zone}`, zone.slice(1) || 'outside', 100],
        [`new-connections${zone}`, zone.slice(1) || 'outside', 100],
      ]),
      ['control', 'outside', 100],
    ])
    expect(totalRate(inZones, asked(800))).toBe(800)
  })

  test('call as often as each lane needs to see 50 ms where nothing is asked for, and 200 times where they stand in one place', () => {
    const rates = mainOf(inZones).map(([, , rate]) => Number(rate))
    expect(Math.max(...rates.map((rate) => 3000 / rate))).toBeLessThan(50)
    expect(totalRate(inZones, asked())).toBe(rates.slice(0, -1).reduce((sum, rate) => sum + rate, 0))
    expect(totalRate(BOTH, asked())).toBe(200)
  })

  test('draw from the mix on every main lane, and on no other', () => {
    const request = { method: 'GET', path: '/', headers: {}, expectStatuses: [200], expectEcho: false, weight: 1 }
    const mix = { kind: 'profile', name: 'x.json', requests: [request], leftOut: [] }
    const plans = lanePlans(inZones, asked(), { echo: 'http://echo:8080', speaksHttp2: true, mix })
    expect(plans.filter(({ requests }) => requests !== undefined).map(({ lane }) => lane)).toEqual(
      ['', '-a', '-b', '-c'].flatMap((zone) => [`kept-alive${zone}`, `new-connections${zone}`]),
    )
  })
})

describe('the lanes of a signed-in operator', () => {
  const desk = { ...BOTH, nodes: [nodeOf('front', 'load-balancer', '10.0.0.11', { dashboard: 7080 })] }
  const plans = dashboardLanes(desk, optionsFrom({}), { cookie: 'session=1', group: '5b6a1c1e' })
  /** As the Admin API has it, in our stand-in and by the vendor's contract alike. */
  const listed = JSON.stringify({ list: [{ id: '7', gateway_group_id: 'default', name: 'orders' }], total: 1 })

  test('are answered by a list that holds the service that callers ask for', () => {
    expect(plans.map(({ lane }) => lane)).toEqual(['dashboard-kept-alive', 'dashboard-new'])
    expect(plans[0]?.url).toBe('http://10.0.0.11:7080/apisix/admin/services?gateway_group_id=5b6a1c1e&page_size=500')
    for (const { expectBody = 'nothing' } of plans) expect(listed).toContain(expectBody)
  })

  test('are not answered by an empty list, a list of others, or a page', () => {
    const others = ['{"list":[],"total":0}', listed.replace('orders', 'ordered'), '<h1>No orders: maintenance</h1>']
    for (const { expectBody = '' } of plans) expect(others.filter((body) => body.includes(expectBody))).toEqual([])
  })
})
