import { expect, test } from 'vitest'
import { settingsFrom } from './settings.ts'

test('a Dashboard keeps its data in PostgreSQL where nothing else is said', () => {
  expect(settingsFrom({}, 7080).store).toEqual({ kind: 'postgresql' })
})

test('with STORE=etcd it keeps them at the endpoints that are listed, below the prefix', () => {
  const environment = {
    STORE: 'etcd',
    ETCD_ENDPOINTS: '["http://etcd-1:2379","http://etcd-2:2379/"]',
    ETCD_PREFIX: '/api7/',
    ETCD_USERNAME: 'root',
    ETCD_PASSWORD: 'secret',
  }
  expect(settingsFrom(environment, 7080).store).toEqual({
    kind: 'etcd',
    endpoints: ['http://etcd-1:2379', 'http://etcd-2:2379'],
    prefix: '/api7',
    username: 'root',
    password: 'secret',
  })
})

test.each(['http://root:secret@etcd-1:2379', '[]', '["secret"]'])(
  'ETCD_ENDPOINTS=%s is refused without being repeated',
  (text) => {
    const read = () => settingsFrom({ STORE: 'etcd', ETCD_ENDPOINTS: text }, 7080)
    expect(read).toThrow('ETCD_ENDPOINTS is not a JSON array of addresses')
    expect(read).not.toThrow('secret')
  },
)
