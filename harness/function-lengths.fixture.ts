// How many lines each function has, as the compiler reads it. Its interface is called unstable: package.json names one version of it.
import { join } from 'node:path'
import {
  isClassDeclaration,
  isFunctionDeclaration,
  isFunctionLikeDeclaration,
  isIdentifier,
  isMethodDeclaration,
  isPropertyAssignment,
  isVariableDeclaration,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'

const ROOT = join(import.meta.dirname, '..')

export interface FunctionLength {
  /** Its file, and what it and those around it are called: 'traffic/rotation.ts watchRotation.until'. One without a name goes by theirs. */
  readonly name: string
  /** From its first word to its last bracket. */
  readonly lines: number
}

/** Every function of these files, which are relative to harness/. Throws on a file that is not the compiler's. */
export const functionLengths = (paths: readonly string[]): readonly FunctionLength[] => {
  const compiler = new API({ cwd: ROOT })
  try {
    const [project] = compiler.updateSnapshot({ openProjects: [join(ROOT, 'tsconfig.json')] }).getProjects()
    return paths.flatMap((path) => {
      const source = project?.program.getSourceFile(join(ROOT, 'harness', path))
      if (!source) throw new Error(`${path} is none of the files of tsconfig.json.`)
      return lengthsIn(source, source, `${path} `)
    })
  } finally {
    compiler.close()
  }
}

/** The functions in a node of a file; `around` is what those around it are called. */
const lengthsIn = (source: SourceFile, node: Node, around: string): readonly FunctionLength[] => {
  const own = nameOf(node)
  const name = own === null ? around : `${around}${around.endsWith(' ') ? '' : '.'}${own}`
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line
  const lengths: FunctionLength[] = isFunctionLikeDeclaration(node)
    ? [{ name, lines: lineAt(node.getEnd()) - lineAt(node.getStart(source)) + 1 }]
    : []
  node.forEachChild((child) => void lengths.push(...lengthsIn(source, child, name)))
  return lengths
}

const nameOf = (node: Node): string | null => {
  const mayHaveName =
    isVariableDeclaration(node) ||
    isPropertyAssignment(node) ||
    isMethodDeclaration(node) ||
    isFunctionDeclaration(node) ||
    isClassDeclaration(node)
  return mayHaveName && node.name && isIdentifier(node.name) ? node.name.text : null
}
