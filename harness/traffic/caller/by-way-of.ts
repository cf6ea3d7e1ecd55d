// A stream that passes on what another says. Node's HTTP/2 writes to a TLS socket past everything that watches it, and hears
// nothing more when a reset meets two writes at once: its calls would hang on a connection that is gone. What goes through here is
// written one after the other, and every end is heard.
import type net from 'node:net'
import { Duplex } from 'node:stream'

export const byWayOf = (socket: net.Socket): Duplex => {
  const through = new Duplex({
    read: () => socket.resume(),
    write: (chunk, _encoding, done) => socket.write(chunk, done),
    final: (done) => socket.end(done),
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk: Buffer) => {
    if (!through.push(chunk)) socket.pause()
  })
  socket.once('end', () => through.push(null))
  socket.once('error', (error) => through.destroy(error))
  socket.once('close', () => through.destroy())
  return through
}
