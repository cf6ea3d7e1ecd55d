// One after another: whoever asks next begins when the one before is through, whatever became of it.

/** Each act given to it begins once those given before have ended. */
export const inTurn = (): (<T>(act: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const turn = last.then(act)
    last = turn.catch(() => {})
    return turn
  }
}
