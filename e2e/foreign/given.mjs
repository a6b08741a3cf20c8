// What the test in crates/cli/tests/foreign hands to each of these programs.

import { once } from 'node:events'
import { createInterface } from 'node:readline'

export const issuer = new URL(process.env.ISSUER)
export const callback = `${process.env.SUITE}/callback`
export const goodbye = `${process.env.SUITE}/post_logout_redirect`

const lines = createInterface({ input: process.stdin })

// Sends the person's browser to `url`; the address to which it was sent back.
export async function walk(url) {
  console.log(url.href)
  const [line] = await once(lines, 'line')
  return new URL(line)
}

// Node would wait for more lines.
export const finished = () => lines.close()
