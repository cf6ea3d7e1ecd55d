import { expect, test } from 'vitest'
import { aptSources } from './apt-sources.ts'

const oneLine = `# comment
deb [signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian bookworm main contrib
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/security bookworm-security main
deb http://vendor.example/apt stable main
deb cdrom:[Debian] bookworm main
deb http://other.example/debian bookworm contrib
`

const deb822 = `Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/k.gpg

# switched off
Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
`

test('one-line sources give the release and its pockets, and nothing of a vendor', () => {
  expect(aptSources([{ name: 'sources.list', text: oneLine }], 'bookworm')).toEqual([
    { uri: 'http://mirror.example/debian', suite: 'bookworm' },
    { uri: 'http://mirror.example/security', suite: 'bookworm-security' },
  ])
})

test('deb822 sources give every suite of a paragraph, and none that is switched off', () => {
  expect(aptSources([{ name: 'debian.sources', text: deb822 }], 'bookworm')).toEqual([
    { uri: 'http://mirror.example/debian', suite: 'bookworm' },
    { uri: 'http://mirror.example/debian', suite: 'bookworm-updates' },
  ])
})

test('an archive that both forms name counts once', () => {
  const files = [
    { name: 'sources.list', text: oneLine },
    { name: 'debian.sources', text: deb822 },
  ]
  expect(aptSources(files, 'bookworm').filter(({ suite }) => suite === 'bookworm')).toHaveLength(1)
})

test('a machine of another release has no source for this one', () => {
  expect(aptSources([{ name: 'sources.list', text: oneLine }], 'trixie')).toEqual([])
})
