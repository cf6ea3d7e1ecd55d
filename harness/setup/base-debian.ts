// A Debian base of our own, made with debootstrap, for engines that reach no public registry.
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { EnvironmentError } from '../time/errors.ts'
import { aptSources } from './apt-sources.ts'
import { lastLines, onPath, run } from './command.ts'
import { aptInstall, type Consent, distribution, isRoot, mayUseApt } from './debian.ts'
import { followed } from './docker.ts'
import { inputsLabel, sha256, tarOfSystem } from './image-inputs.ts'
import type { Say } from './step.ts'

/** The same release as the public base, whatever this machine runs: PostgreSQL 15 and HAProxy 2.6 come with it. */
const release = 'bookworm'
const authorities = '/etc/ssl/certs/ca-certificates.crt'
const unneeded = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info']

/** Everything of this machine that goes into the base. */
interface Recipe {
  /** Empty when this machine is no Debian: debootstrap then knows a mirror itself. */
  readonly mirror: string
  readonly sources: string
  readonly aptConfiguration: string
  readonly authorities: string
}

/** Reads the recipe: cheap, because it is also how a base that is there already is recognised. */
export const debianRecipe = async (): Promise<Recipe> => {
  const sources = aptSources(await aptFiles(), release)
  return {
    mirror: sources.find(({ suite }) => suite === release)?.uri ?? '',
    sources: sources.map(({ uri, suite }) => `deb ${uri} ${suite} main\n`).join(''),
    aptConfiguration: await aptConfiguration(),
    authorities: await trustedHere(),
  }
}

export const recipeHash = (recipe: Recipe): string =>
  sha256(JSON.stringify({ version: 2, release, unneeded, ...recipe }))

/** Makes the base and imports it under `tag`; answers with its id. Throws EnvironmentError ERR_NO_BASE where debootstrap cannot run. */
export const makeDebian = async (
  docker: Docker,
  { tag, recipe, consent, tell }: { tag: string; recipe: Recipe; consent: Consent; tell: Say },
): Promise<string> => {
  await debootstrapReady(consent, tell)
  const root = await mkdtemp('/var/tmp/firedrill-base-')
  try {
    await bootstrap(root, recipe)
    await furnish(root, recipe)
    return await importSystem(docker, { root, tag, label: recipeHash(recipe) })
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

const debootstrapReady = async (consent: Consent, tell: Say): Promise<void> => {
  if (isRoot() && onPath('debootstrap')) return
  if (!(await mayUseApt(consent))) {
    throw new EnvironmentError(
      'The Docker engine reaches no public registry, and a base of our own needs root and debootstrap: load debian:bookworm-slim and node:24-bookworm-slim into the engine, or run as root on Debian.',
      { code: 'ERR_NO_BASE' },
    )
  }
  const ubuntu = (await distribution()).id === 'ubuntu'
  await aptInstall(['debootstrap', ...(ubuntu ? ['debian-archive-keyring'] : [])], { consent, tell })
}

const bootstrap = async (root: string, { mirror }: Recipe): Promise<void> => {
  const options = ['--variant=minbase', '--include=ca-certificates', '--force-check-gpg']
  const { ok, output } = await run(['debootstrap', ...options, release, root, ...(mirror ? [mirror] : [])], {
    limitMs: 300_000,
  })
  if (ok) return
  const said = mirror ? output.replaceAll(mirror, 'the mirror') : output
  throw new EnvironmentError(`debootstrap made no Debian base. Its last lines:\n${lastLines(said)}`, {
    code: 'ERR_NO_BASE',
  })
}

/** This machine's archives and authorities go in, its name servers come out; then what no container reads. */
const furnish = async (root: string, recipe: Recipe): Promise<void> => {
  if (recipe.sources) await writeFile(join(root, 'etc/apt/sources.list'), recipe.sources)
  await writeFile(join(root, 'etc/apt/apt.conf.d/90firedrill'), recipe.aptConfiguration)
  await trust(root, recipe.authorities)
  const excludes = unneeded.map((folder) => `path-exclude /${folder}/*\n`).join('')
  await writeFile(join(root, 'etc/dpkg/dpkg.cfg.d/90firedrill'), excludes)
  const emptied = [...unneeded, 'var/lib/apt/lists', 'var/cache/apt/archives', 'var/log']
  const inside = await Promise.all(
    emptied.map(async (folder) => (await names(join(root, folder))).map((name) => join(folder, name))),
  )
  const removed = [...inside.flat(), 'etc/resolv.conf', 'etc/hostname', 'etc/machine-id']
  await Promise.all(removed.map((path) => rm(join(root, path), { recursive: true, force: true })))
}

/**
 * What this machine trusts and plain Debian does not goes where update-ca-certificates looks as well as into its bundle: a
 * package that is installed later makes the bundle anew.
 */
const trust = async (root: string, trusted: string): Promise<void> => {
  const bundle = await readFile(join(root, authorities), 'utf8')
  const added = addedAuthorities(bundle, trusted)
  await appendFile(join(root, authorities), added.join(''))
  const folder = join(root, 'usr/local/share/ca-certificates')
  await Promise.all(added.map((certificate, i) => writeFile(join(folder, `firedrill-${i + 1}.crt`), certificate)))
}

/** The certificates, in PEM, that the second bundle has and the first has not. */
export const addedAuthorities = (bundle: string, trusted: string): readonly string[] => {
  const certificates = (text: string) =>
    text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? []
  const body = (certificate: string) => certificate.replace(/\s/g, '')
  const known = new Set(certificates(bundle).map(body))
  return certificates(trusted).flatMap((certificate) => {
    if (known.has(body(certificate))) return []
    known.add(body(certificate))
    return [`${certificate.trimEnd()}\n`]
  })
}

/** The system's bundle, and the one Node was told to trust besides. */
const trustedHere = async (): Promise<string> => {
  const files = [authorities, process.env.NODE_EXTRA_CA_CERTS ?? ''].filter((file) => file !== '')
  const texts = await Promise.all([...new Set(files)].map((file) => readFile(file, 'utf8').catch(() => '')))
  return texts.join('\n')
}

const importSystem = async (
  docker: Docker,
  { root, tag, label }: { root: string; tag: string; label: string },
): Promise<string> => {
  const [repo = '', version = ''] = tag.split(':')
  const changes = ['CMD ["bash"]', `LABEL ${inputsLabel}=${label}`].join('\n')
  await followed(docker, await docker.importImage(tarOfSystem(root), { repo, tag: version, changes }))
  return (await docker.getImage(tag).inspect()).Id
}

const aptFiles = async (): Promise<readonly { name: string; text: string }[]> => {
  const listed = (await names('/etc/apt/sources.list.d')).filter((name) => /\.(list|sources)$/.test(name)).sort()
  const paths = ['/etc/apt/sources.list', ...listed.map((name) => join('/etc/apt/sources.list.d', name))]
  return Promise.all(paths.map(async (name) => ({ name, text: await readFile(name, 'utf8').catch(() => '') })))
}

/** Proxies and date checks of this machine's apt hold inside as well; a proxy with a password stays out of the image. */
const aptConfiguration = async (): Promise<string> => {
  if (!onPath('apt-config')) return ''
  const { stdout } = await run(['apt-config', 'dump'], { limitMs: 5000 })
  return stdout
    .split('\n')
    .filter((line) => /^Acquire::(Check-Valid-Until|Check-Date|https?::Proxy) /.test(line) && !line.includes('@'))
    .map((line) => `${line}\n`)
    .join('')
}

const names = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])
