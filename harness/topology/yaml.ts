// YAML, of which JSON is a part: Compose files, and what callers are to call. The one door to yaml.
import { parse } from 'yaml'

/** The value in a text, `<<` merged as Compose does it. Throws what the parser throws, which quotes the text. */
export const yamlIn = (text: string): unknown => parse(text, { merge: true })
