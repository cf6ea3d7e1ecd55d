import { expect, test } from 'vitest'
import { presenceIn, slowCheck } from './kernel.ts'

const netem = { option: 'CONFIG_NET_SCH_NETEM', module: 'sch_netem' }
const silent = { configuration: '', modules: '', builtIn: '' }

test('an option that is built in is there', () => {
  expect(presenceIn(netem, { ...silent, configuration: 'CONFIG_NET_SCH_NETEM=y\n' })).toBe('built in')
})

test('an option that is not set is absent', () => {
  expect(presenceIn(netem, { ...silent, configuration: '# CONFIG_NET_SCH_NETEM is not set\nCONFIG_TUN=y\n' })).toBe(
    'absent',
  )
})

test('a module counts when its file lies in the tree of this kernel', () => {
  const modules = 'kernel/net/sched/sch_netem.ko.xz: kernel/x.ko\n'
  expect(presenceIn(netem, { configuration: 'CONFIG_NET_SCH_NETEM=m\n', modules, builtIn: '' })).toBe('module')
})

test('a module that was configured and is not installed is absent', () => {
  const modules = 'kernel/net/sched/sch_tbf.ko:\n'
  expect(presenceIn(netem, { configuration: 'CONFIG_NET_SCH_NETEM=m\n', modules, builtIn: '' })).toBe('absent')
})

test('a kernel that tells nothing leaves it unknown', () => {
  expect(presenceIn(netem, silent)).toBe('unknown')
})

test('an option that is no module is told by the configuration alone', () => {
  const option = { option: 'CONFIG_INET_DIAG_DESTROY' }
  const modules = 'kernel/net/sched/sch_tbf.ko:\n'
  expect(presenceIn(option, { ...silent, modules, configuration: 'CONFIG_INET_DIAG_DESTROY=y\n' })).toBe('built in')
  expect(presenceIn(option, { ...silent, modules, configuration: 'CONFIG_TUN=y\n' })).toBe('absent')
  expect(presenceIn(option, { ...silent, modules })).toBe('unknown')
})

test('slow links are made by netem where it is, by a link in user space where TUN and nftables are, and not otherwise', () => {
  const said = (netem: 'module' | 'absent' | 'unknown', TUN: 'built in' | 'absent' | 'unknown'): string =>
    slowCheck({ netem, TUN, nftables: 'built in' }).found
  expect(said('module', 'absent')).toMatch(/^by netem/)
  expect(said('absent', 'built in')).toMatch(/^by a link in user space/)
  expect(said('absent', 'absent')).toMatch(/cannot be made/)
  expect(said('unknown', 'unknown')).toMatch(/turns out/)
})
