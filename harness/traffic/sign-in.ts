// How a person signs in on a page: fills the form in and presses the button, and does it again where the answer is an error of the server's.
import { setTimeout as pause } from 'node:timers/promises'
import type { Page, Response } from '@playwright/test'
import type { Clock } from '../time/clock.ts'
import { sayAnswerOf } from './documents.ts'

const TRY_AGAIN_EVERY_MS = 250

/** Who signs in, and for how long each step of it is waited for, and new tries begin. */
export interface SignIn {
  readonly username: string
  readonly password: string
  readonly limitMs: number
  /** Resolves once the page is none of error. */
  readonly untilAnswered: () => Promise<void>
}

/** Who made the session, where a balancer said so, and how often it had to be tried again. */
export interface SignedIn {
  readonly maker: string | null
  readonly triedAgain: number
}

/**
 * Signs in on the page. Tries again after a status of 500 or more, which made no session that anybody knows of; rejects on any other refusal,
 * since wrong words stay wrong and some count them, and when `limitMs` has passed.
 */
export const signInOn = async (page: Page, clock: Clock, asked: SignIn): Promise<SignedIn> => {
  const { limitMs, untilAnswered } = asked
  const until = clock.now() + limitMs
  for (let triedAgain = 0; ; triedAgain += 1) {
    await page.goto('/login', { timeout: limitMs })
    await untilAnswered()
    const answer = await fillAndPress(page, asked)
    const status = answer.status()
    if (status < 400) return { maker: answer.headers()['x-firedrill-node'] ?? null, triedAgain }
    const said = `the sign-in was answered ${sayAnswerOf(answer)}`
    if (status < 500) throw new Error(said)
    if (clock.now() + TRY_AGAIN_EVERY_MS >= until)
      throw new Error(`${said}, ${limitMs / 1000} s after it was tried first, and ${triedAgain} times again`)
    await pause(TRY_AGAIN_EVERY_MS)
  }
}

const fillAndPress = async (page: Page, { username, password, limitMs }: SignIn): Promise<Response> => {
  const within = { timeout: limitMs }
  await page.getByRole('textbox', { name: 'Username' }).fill(username, within)
  await page.getByRole('textbox', { name: 'Password' }).fill(password, within)
  const [answer] = await Promise.all([
    page.waitForResponse((each) => each.request().method() === 'POST', within),
    page.getByRole('button', { name: /^(log|sign) ?in$/i }).click(within),
  ])
  return answer
}
