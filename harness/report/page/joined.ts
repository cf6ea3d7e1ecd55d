// The page's modules as one script: a page that is opened as a file may load none, and what is checked and tested should be what it carries.

/** One function, strict as a module is, in which each module sees by its name what it imports. So no two may use one name on top. */
export const joined = (modules: readonly string[]): string =>
  `void (async () => {\n'use strict'\n${modules.map(asPart).join('\n')}})()\n`

// What types are said in is for whoever reads the files, and would be a third of the bytes.
const asPart = (module: string): string =>
  module
    .replace(/^import [^']*'[^']*'\n/gm, '')
    .replace(/^export (?=const )/gm, '')
    .replace(/^ *\/\*\*(?:[^*]|\*(?!\/))*\*\/\n/gm, '')
