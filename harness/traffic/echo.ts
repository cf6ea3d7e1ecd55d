// The control lane's target: an echo beside the deployment that passes no gateway.
import { cgroupParent } from '../topology/cgroup.ts'
import { holdContainer } from './held-container.ts'

const PORT = 8080

/** Resolves when it answers. `url` is how the callers reach it, without a path. */
export const startEcho = async (options: {
  image: string
  network: string
  run: string
  name: string
}): Promise<{ url: string; stop(): Promise<void> }> => {
  const held = await holdContainer({
    image: options.image,
    name: options.name,
    network: options.network,
    labels: { 'firedrill.run': options.run, 'firedrill.zone': 'outside', 'firedrill.part': 'echo' },
    // The weight of a gateway: what holds a gateway up for want of a processor is to hold this up as well.
    cpuShares: 2048,
    cgroupParent: await cgroupParent(),
    readyWhen: `node -e "require('net').connect(${PORT},'127.0.0.1').once('connect',()=>process.exit(0)).once('error',()=>process.exit(1))"`,
  })
  // Not by its name: DNS takes 63 characters, and a run's name with a scenario's may be longer.
  return { url: `http://${held.address}:${PORT}`, stop: held.remove }
}
