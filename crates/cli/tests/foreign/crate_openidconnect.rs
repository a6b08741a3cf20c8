//! The crate `openidconnect`: with a secret, and as a client that registered itself.

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientRegistrationRequest, CoreGrantType, CoreIdToken,
    CoreProviderMetadata, CoreRevocableToken, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::registration::EmptyAdditionalClientMetadata;
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndSessionUrl, HttpRequest,
    HttpResponse, IntrospectionUrl, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PostLogoutRedirectUrl, RedirectUrl, RevocationUrl, Scope, TokenIntrospectionResponse as _, TokenResponse as _,
};
use serde_json::Value;

use super::SUITE;
use super::browser::Browser;
use super::serving::Server;

/// A client of that id and secret and a person's browser.
struct Party<'a> {
    server: &'a Server,
    provider: &'a CoreProviderMetadata,
    /// The metadata once more, for what the crate does not read of them.
    metadata: &'a Value,
    id: ClientId,
    secret: ClientSecret,
}

/// Sends a request of the crate's.
async fn send(program: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = program.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

impl Party<'_> {
    fn endpoint(&self, name: &str) -> String {
        self.metadata[name].as_str().unwrap().to_owned()
    }

    /// Links by the code flow and does what a linked client does, to the end of the link; the ID token.
    async fn link_and_use(&self, browser: &mut Browser) -> CoreIdToken {
        let program = self.server.trusting(&self.server.certificate());
        let http = |request| send(program.clone(), request);
        let client =
            CoreClient::from_provider_metadata(self.provider.clone(), self.id.clone(), Some(self.secret.clone()))
                .set_redirect_uri(RedirectUrl::new(format!("{SUITE}/callback")).unwrap())
                .set_introspection_url(IntrospectionUrl::new(self.endpoint("introspection_endpoint")).unwrap())
                .set_revocation_url(RevocationUrl::new(self.endpoint("revocation_endpoint")).unwrap());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let scopes = ["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned()));
        let (url, state, nonce) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(scopes)
            .set_pkce_challenge(challenge)
            .url();
        let back = browser.walk(url.as_str()).await;
        let told = |wanted: &str| back.query_pairs().find(|(name, _)| name == wanted).unwrap().1.into_owned();
        assert_eq!(&told("state"), state.secret());
        let code = client.exchange_code(AuthorizationCode::new(told("code"))).unwrap();
        let tokens: CoreTokenResponse = code.set_pkce_verifier(verifier).request_async(&http).await.unwrap();
        let id_token = tokens.id_token().unwrap();
        let judge = client.id_token_verifier();
        let claims = id_token.claims(&judge, &nonce).unwrap();
        if let Some(expected) = claims.access_token_hash() {
            let (algorithm, key) = (id_token.signing_alg().unwrap(), id_token.signing_key(&judge).unwrap());
            assert_eq!(&AccessTokenHash::from_token(tokens.access_token(), algorithm, key).unwrap(), expected);
        }

        let asked = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone())).unwrap();
        let info: CoreUserInfoClaims = asked.request_async(&http).await.unwrap();
        assert_eq!(info.email().unwrap().as_str(), "ada@sayso.test");

        let refreshing = client.exchange_refresh_token(tokens.refresh_token().unwrap()).unwrap();
        let fresh: CoreTokenResponse = refreshing.request_async(&http).await.unwrap();
        let is_active =
            async |token: &AccessToken| client.introspect(token).request_async(&http).await.unwrap().active();
        assert!(is_active(fresh.access_token()).await);
        let last = fresh.refresh_token().unwrap().clone();
        let revoking = client.revoke_token(CoreRevocableToken::RefreshToken(last.clone())).unwrap();
        revoking.request_async(&http).await.unwrap();
        assert!(!is_active(fresh.access_token()).await);
        let again = client.exchange_refresh_token(&last).unwrap().request_async(&http).await;
        assert!(again.unwrap_err().to_string().contains("error response"), "a revoked token is refused in due form");
        id_token.clone()
    }
}

#[tokio::test]
async fn the_crate_openidconnect_finds_all_it_knows() {
    let server = Server::ready("localhost").await;
    let program = server.trusting(&server.certificate());
    let http = |request| send(program.clone(), request);
    let provider = CoreProviderMetadata::discover_async(IssuerUrl::new(server.url("")).unwrap(), &http).await.unwrap();
    let metadata = program.get(server.url("/.well-known/openid-configuration")).send().await.unwrap();
    let metadata: Value = metadata.json().await.unwrap();
    let mut browser = Browser::of(&server);
    let mut party = Party {
        server: &server,
        provider: &provider,
        metadata: &metadata,
        id: ClientId::new("suite-first".to_owned()),
        secret: ClientSecret::new("suite-first-secret-of-32-characters-or-more".to_owned()),
    };
    let id_token = party.link_and_use(&mut browser).await;
    let leave = LogoutRequest::from(EndSessionUrl::new(party.endpoint("end_session_endpoint")).unwrap())
        .set_id_token_hint(&id_token)
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(format!("{SUITE}/post_logout_redirect")).unwrap())
        .set_state(CsrfToken::new("left".to_owned()));
    assert!(browser.walk(leave.http_get_url().as_str()).await.query().unwrap().contains("state=left"));

    let callback = RedirectUrl::new(format!("{SUITE}/callback")).unwrap();
    let registering = CoreClientRegistrationRequest::new(vec![callback], EmptyAdditionalClientMetadata {})
        .set_grant_types(Some(vec![CoreGrantType::AuthorizationCode, CoreGrantType::RefreshToken]));
    let registered = registering.register_async(provider.registration_endpoint().unwrap(), &http).await.unwrap();
    party.id = registered.client_id().clone();
    party.secret = registered.client_secret().unwrap().clone();
    party.link_and_use(&mut browser).await;
}
