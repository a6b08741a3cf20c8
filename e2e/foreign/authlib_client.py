"""Authlib against a running server: with a secret, and with a key after registering."""

import os
import secrets
import sys
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

# The certificate to trust is in REQUESTS_CA_BUNDLE.
ISSUER, CALLBACK = os.environ["ISSUER"], os.environ["SUITE"] + "/callback"


def walk(url):
    """Sends the person's browser there; the address to which it was sent back."""
    print(url, flush=True)
    return sys.stdin.readline().strip()


def link(session, metadata, client):
    """The code flow with PKCE, state and nonce; then what a linked client does, to the end of the link."""
    nonce, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
    begin = metadata["authorization_endpoint"]
    url, state = session.create_authorization_url(begin, nonce=nonce, code_verifier=verifier)
    back = walk(url)
    assert parse_qs(urlsplit(back).query)["iss"] == [ISSUER]
    token = session.fetch_token(metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)

    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"]).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, client, nonce), claims
    info = session.get(metadata["userinfo_endpoint"]).json()
    assert (info["sub"], info["email"]) == (claims["sub"], "ada@sayso.test"), info

    fresh = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    look = lambda: session.introspect_token(metadata["introspection_endpoint"], token=fresh["access_token"]).json()
    assert look()["active"] is True
    assert session.revoke_token(metadata["revocation_endpoint"], token=fresh["refresh_token"]).status_code == 200
    assert look() == {"active": False}
    try:
        session.refresh_token(metadata["token_endpoint"], refresh_token=fresh["refresh_token"])
        raise AssertionError("a revoked token was refreshed")
    except OAuthError as refused:
        assert refused.error == "invalid_grant", refused


def main():
    metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration").json()
    assert metadata["issuer"] == ISSUER
    usual = {"scope": "openid profile email offline_access", "redirect_uri": CALLBACK, "code_challenge_method": "S256"}

    client, secret = "suite-second", "suite-second-secret-of-32-characters-or-more"
    link(OAuth2Session(client, secret, token_endpoint_auth_method="client_secret_basic", **usual), metadata, client)

    key = ECKey.generate_key("P-256", {"kid": "own", "use": "sig", "alg": "ES256"})
    asked = {
        "client_name": "Authlib",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.as_dict(private=False)]},
    }
    answer = requests.post(metadata["registration_endpoint"], json=asked)
    assert answer.status_code == 201, answer.text
    client = answer.json()["client_id"]
    way = {"token_endpoint_auth_method": "private_key_jwt", "revocation_endpoint_auth_method": "private_key_jwt"}
    session = OAuth2Session(client, key, **way, **usual)
    session.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], headers={"kid": "own"}, alg="ES256"))
    link(session, metadata, client)

    machine = OAuth2Session("suite-first", "suite-first-secret-of-32-characters-or-more", scope="read:test")
    assert machine.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")["scope"] == "read:test"


main()
