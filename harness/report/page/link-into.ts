// Links from the page into a scenario's folder.

/** A link from the page into the scenario's folder; every part is encoded, so it stays inside the run. */
export const linkInto =
  (folder: string) =>
  (file: string): string =>
    `./${[...folder.split('/'), ...file.split('/')]
      .filter((part) => part !== '' && part !== '..' && part !== '.')
      .map(encodeURIComponent)
      .join('/')}`
