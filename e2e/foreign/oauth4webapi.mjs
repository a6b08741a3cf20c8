// oauth4webapi against a running server: with the secret in the body, and as a registered client without one.

import assert from 'node:assert/strict'

import * as oauth from 'oauth4webapi'

import { callback, finished, issuer, walk } from './given.mjs'

const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer))

// The code flow with PKCE, state and nonce through the pages, begun by a pushed request or by an address.
async function signIn(client, proof, { scope, pushed }) {
  const verifier = oauth.generateRandomCodeVerifier()
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
  const asked = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: callback,
    response_type: 'code',
    scope,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  })
  const url = new URL(as.authorization_endpoint)
  if (pushed) {
    const answer = await oauth.pushedAuthorizationRequest(as, client, proof, asked)
    const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, answer)
    url.search = new URLSearchParams({ client_id: client.client_id, request_uri })
  } else {
    url.search = asked
  }
  const answer = oauth.validateAuthResponse(as, client, await walk(url), state)
  const exchanged = await oauth.authorizationCodeGrantRequest(as, client, proof, answer, callback, verifier)
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, exchanged, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
  await oauth.validateApplicationLevelSignature(as, exchanged)
  return tokens
}

async function refresh(client, proof, token) {
  return oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, proof, token))
}

async function whose(client, tokens) {
  const answer = await oauth.userInfoRequest(as, client, tokens.access_token)
  const { sub } = oauth.getValidatedIdTokenClaims(tokens)
  return (await oauth.processUserInfoResponse(as, client, sub, answer)).preferred_username
}

// With a secret.
const client = { client_id: 'suite-post' }
const proof = oauth.ClientSecretPost('suite-post-secret-of-32-characters-or-more')
for (const pushed of [false, true]) {
  const tokens = await signIn(client, proof, { scope: 'openid profile read:test', pushed })
  assert.equal(await whose(client, tokens), 'ada')
  const refreshed = await refresh(client, proof, tokens.refresh_token)
  const look = async (token) =>
    oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, proof, token))
  assert.equal((await look(refreshed.access_token)).active, true)
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proof, refreshed.refresh_token))
  assert.equal((await look(refreshed.access_token)).active, false)
}

// Without one, as an app of the person's, which registers itself.
const metadata = {
  client_name: 'oauth4webapi',
  redirect_uris: [callback],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
}
const asked = await oauth.dynamicClientRegistrationRequest(as, metadata)
const own = await oauth.processDynamicClientRegistrationResponse(asked)
const tokens = await signIn(own, oauth.None(), { scope: 'openid profile offline_access', pushed: false })
assert.equal(await whose(own, tokens), 'ada')
const refreshed = await refresh(own, oauth.None(), tokens.refresh_token)
await oauth.processRevocationResponse(await oauth.revocationRequest(as, own, oauth.None(), refreshed.refresh_token))
await assert.rejects(refresh(own, oauth.None(), refreshed.refresh_token), { error: 'invalid_grant' })

// By itself.
const machine = { client_id: 'suite-first' }
const basic = oauth.ClientSecretBasic('suite-first-secret-of-32-characters-or-more')
const answer = await oauth.clientCredentialsGrantRequest(as, machine, basic, new URLSearchParams({ scope: 'read:test' }))
assert.equal((await oauth.processClientCredentialsResponse(as, machine, answer)).token_type, 'bearer')
finished()
