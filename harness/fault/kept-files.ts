// Files inside a container that a fault exchanges: each is kept beside, and put back by whoever comes, again and again.

const KEPT = '.firedrill-kept'
const NEW = '.firedrill-new'

// Paths and contents are arguments, and never part of the program. What is half written never stands under its own name.
const EXCHANGE = `set -e; umask 077
while [ $# -gt 0 ]; do
  if [ ! -e "$1${KEPT}" ]; then cp -p "$1" "$1${NEW}"; mv -f "$1${NEW}" "$1${KEPT}"; fi
  printf %s "$2" > "$1${NEW}"; mv -f "$1${NEW}" "$1"; shift 2
done`
// One that will not go back keeps none of the others from it.
const PUT_BACK = `failed=0; for path; do if [ -e "$path${KEPT}" ]; then mv -f "$path${KEPT}" "$path" || failed=1; fi; done; exit $failed`

/** The program that gives files, by their paths, other contents; it fails on one that is not there. */
export const exchange = (contents: Readonly<Record<string, string>>): readonly string[] => [
  'sh',
  '-c',
  EXCHANGE,
  'sh',
  ...Object.entries(contents).flat(),
]

/** The program that puts back what was kept of these files, and does nothing where nothing was. */
export const putBack = (paths: readonly string[]): readonly string[] => ['sh', '-c', PUT_BACK, 'sh', ...paths]
