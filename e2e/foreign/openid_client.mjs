// openid-client against a running server: everything that it can do with what is offered.

import assert from 'node:assert/strict'

import * as client from 'openid-client'

import { callback, finished, goodbye, issuer, walk } from './given.mjs'

// The code flow with PKCE, state and nonce through the pages. `begin` makes the address to begin at.
async function signIn(config, scope, begin) {
  const verifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const url = await begin(config, {
    redirect_uri: callback,
    scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    max_age: '600',
    state,
    nonce,
  })
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 600, idTokenExpected: true }
  return client.authorizationCodeGrant(config, await walk(url), checks)
}

// What a linked client does with its tokens, to the end of the link.
async function use(config, tokens) {
  const { sub } = tokens.claims()
  const info = await client.fetchUserInfo(config, tokens.access_token, sub)
  assert.equal(info.email, 'ada@sayso.test')
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
  const seen = await client.tokenIntrospection(config, refreshed.access_token)
  assert.deepEqual([seen.active, seen.sub], [true, sub])
  await client.tokenRevocation(config, refreshed.refresh_token)
  assert.equal((await client.tokenIntrospection(config, refreshed.access_token)).active, false)
  await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token), { error: 'invalid_grant' })
}

// With a secret.
const secret = client.ClientSecretBasic('suite-first-secret-of-32-characters-or-more')
const config = await client.discovery(issuer, 'suite-first', undefined, secret)
client.enableNonRepudiationChecks(config)
const tokens = await signIn(config, 'openid profile email offline_access read:test', client.buildAuthorizationUrl)
await use(config, tokens)
const own = await client.clientCredentialsGrant(config, { scope: 'read:test' })
assert.equal(own.scope, 'read:test')

// By a pushed request; the person is still signed in.
await use(config, await signIn(config, 'openid email offline_access', client.buildAuthorizationUrlWithPAR))

// As a client that registered itself, with a key for ES256.
const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey)
const registered = await client.dynamicClientRegistration(
  issuer,
  {
    client_name: 'openid-client',
    redirect_uris: [callback],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks: { keys: [{ kty, crv, x, y, alg: 'ES256', use: 'sig', kid: 'own' }] },
  },
  client.PrivateKeyJwt({ key: keys.privateKey, kid: 'own' }),
)
client.enableNonRepudiationChecks(registered)
await use(registered, await signIn(registered, 'openid email offline_access', client.buildAuthorizationUrlWithPAR))

const leave = client.buildEndSessionUrl(config, {
  id_token_hint: tokens.id_token,
  post_logout_redirect_uri: goodbye,
  state: 'left',
})
assert.equal((await walk(leave)).searchParams.get('state'), 'left')
finished()
