// The directory markers gateways look for before they preload a directory.

const DIRECTORIES = [
  'consumer_groups',
  'consumers',
  'global_rules',
  'plugin_configs',
  'plugin_metadata',
  'plugins',
  'protos',
  'routes',
  'secrets',
  'services',
  'ssls',
  'stream_routes',
  'upstreams',
]

/** The 13 directory markers a gateway expects under a prefix; without one it does not preload that directory. */
export const markersUnder = (prefix: string): readonly string[] => DIRECTORIES.map((name) => `${prefix}/${name}/`)
