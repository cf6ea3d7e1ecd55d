import { expect, test } from 'vitest'
import { imagesByRole, imageVariables } from './images-by-role.ts'

test('images are told by role, and become variables of the Compose file', () => {
  const images = imagesByRole('FROM', 'control-plane=here/cp:1.2, data-plane=here/gateway@sha256:ab=')
  expect(images).toEqual({ 'control-plane': 'here/cp:1.2', 'data-plane': 'here/gateway@sha256:ab=' })
  expect(imageVariables(images)).toEqual({
    FIREDRILL_CONTROL_PLANE_IMAGE: 'here/cp:1.2',
    FIREDRILL_GATEWAY_IMAGE: 'here/gateway@sha256:ab=',
  })
})

test('nothing told is nothing changed', () => {
  expect([imagesByRole('FROM', undefined), imagesByRole('FROM', '')]).toEqual([{}, {}])
})

test.each(['here/gateway:1', 'database=here/postgres:1', 'data-plane=', 'data-plane=a,'])(
  '%s is refused, with what was expected',
  (text) => {
    expect(() => imagesByRole('FROM', text)).toThrow(/^FROM is '.*': expected role=image pairs/)
  },
)
