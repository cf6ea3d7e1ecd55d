// First in, first out. With one deadline for all, whoever came first expires first, so only the head needs a look.

export interface Fifo<T> {
  push(item: T): void
  head(): T | undefined
  shift(): void
}

export const createFifo = <T>(): Fifo<T> => {
  let items: (T | undefined)[] = []
  let first = 0
  return {
    push: (item) => void items.push(item),
    head: () => items[first],
    shift: () => {
      // Kept until the next move, a thousand ended calls would be copied at every collection.
      items[first] = undefined
      first += 1
      // Array.shift moves every item each time; this moves them once in a thousand.
      if (first < 1024 && first < items.length) return
      items = items.slice(first)
      first = 0
    },
  }
}
