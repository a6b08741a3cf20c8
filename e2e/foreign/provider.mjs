// A provider that others wrote (oidc-provider, certified by the OpenID Foundation), at which people sign in for Sayso.
// Says when it listens; ends with its input.

import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

// What the provider knows of everybody, by the name that they sign in with.
const claims = (sub) => ({ sub, email: `${sub}@corp.test`, email_verified: true, given_name: sub, family_name: 'of Corp' })

const server = createServer()
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${process.env.PORT}`
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'sayso',
      client_secret: process.env.SECRET,
      redirect_uris: [process.env.CALLBACK],
      token_endpoint_auth_method: process.env.METHOD,
    }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
    // As most providers do it: names and addresses are told at userinfo only.
    conformIdTokenClaims: true,
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => claims(id) }),
    cookies: { keys: ['for a test'] },
  })
  server.on('request', provider.callback())
  console.log('listening')
})
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
