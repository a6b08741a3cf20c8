//! A certificate authority of the test's own: it speaks ACME (RFC 8555) on https, looks at names by TLS-ALPN-01 (RFC 8737) in
//! memory, signs with a root that it has made, and fails as it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertificateSigningRequestParams, IsCa, Issuer, KeyPair};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, ConnectionCommon, DigitallySignedStruct, ServerConfig, ServerConnection, SideData,
    SignatureScheme,
};
use sayso_testkit::{Asked, HttpsServer, TestClock};
use sayso_token::digest::Digest;
use sayso_token::encoding::{base64url, from_base64url};
use sayso_token::time::{Clock as _, Timestamp};
use sayso_web::listen::{ACME_TLS, Validations};
use serde_json::{Value, json};
use time::OffsetDateTime;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
const LIFE: i64 = 90 * DAY;

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    /// Something else answers in its place.
    Down,
    /// It wants no more orders for an hour.
    RateLimited,
    /// It wants an account elsewhere first.
    WantsExternalAccount,
    /// It has forgotten all accounts, once.
    Forgetful,
    /// It has no TLS-ALPN-01.
    WebOnly,
    /// It refuses by the rules of the domain.
    Caa,
    /// What it issues is over already.
    Stale,
    /// What it issues has another name.
    OtherName,
}

pub(crate) struct State {
    pub(crate) mood: Mood,
    /// Who is looked at when a name is validated; nobody, where nothing leads to the server.
    pub(crate) leads_to: Option<Arc<dyn Validations>>,
    pub(crate) window: Option<(i64, i64)>,
    /// What was asked of it, by path without number, in order.
    pub(crate) accounts: Vec<Value>,
    pub(crate) orders: Vec<Value>,
    pub(crate) contacts: Vec<Value>,
    pub(crate) issued: Vec<String>,
    thumbs: Vec<String>,
    names: BTreeMap<usize, String>,
    trouble: Option<String>,
}

/// It lives as long as it is held.
pub(crate) struct Authority {
    server: HttpsServer,
    pub(crate) state: Arc<Mutex<State>>,
}

impl Authority {
    pub(crate) async fn start(clock: &TestClock) -> Self {
        let state = Arc::new(Mutex::new(State {
            mood: Mood::Well,
            leads_to: None,
            window: None,
            accounts: Vec::new(),
            orders: Vec::new(),
            contacts: Vec::new(),
            issued: Vec::new(),
            thumbs: Vec::new(),
            names: BTreeMap::new(),
            trouble: None,
        }));
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = Issuer::new(root, KeyPair::generate().unwrap());
        let (kept, clock) = (state.clone(), clock.clone());
        let server = HttpsServer::start(&[], move |asked| {
            // Looking at a name takes its time; the server's other tasks go on meanwhile.
            tokio::task::block_in_place(|| kept.lock().unwrap().answer(asked, &issuer, clock.now()))
        });
        Self { server: server.await, state }
    }

    pub(crate) fn directory(&self) -> String {
        self.server.url("/directory")
    }

    pub(crate) fn root(&self) -> Vec<u8> {
        self.server.ca.clone().into_bytes()
    }

    /// How many requests it has had.
    pub(crate) fn requests(&self) -> usize {
        self.server.asked().len()
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    pub(crate) fn get<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.lock().unwrap())
    }
}

fn answered(status: u16, headers: &[(&str, &str)], kind: &str, body: &str) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!(
        "HTTP/1.1 {status} so\r\nReplay-Nonce: bm9uY2U\r\ncontent-type: {kind}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn document(status: u16, headers: &[(&str, &str)], body: &Value) -> String {
    answered(status, headers, "application/json", &body.to_string())
}

fn problem(status: u16, kind: &str, headers: &[(&str, &str)]) -> String {
    let body = json!({ "type": format!("urn:ietf:params:acme:error:{kind}"), "detail": format!("so it is: {kind}") });
    answered(status, headers, "application/problem+json", &body.to_string())
}

impl State {
    fn answer(&mut self, asked: &Asked, issuer: &Issuer<'_, KeyPair>, now: Timestamp) -> String {
        if self.mood == Mood::Down {
            return answered(503, &[("retry-after", "30")], "text/html", "<h1>Away</h1>");
        }
        let host = asked.head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let url = |path: String| format!("https://{host}/{path}");
        let jws: Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let part = |name: &str| -> Value {
            let part = from_base64url(jws[name].as_str().unwrap_or_default()).unwrap_or_default();
            serde_json::from_slice(&part).unwrap_or_default()
        };
        let (protected, payload) = (part("protected"), part("payload"));
        let mut path = asked.target.trim_start_matches('/').split('/');
        let (what, number) = (path.next().unwrap(), path.next());
        let number = number.and_then(|number| number.parse::<usize>().ok()).unwrap_or_default();
        match what {
            "directory" => {
                let mut all = json!({ "newNonce": url("nonce".into()), "newAccount": url("new-account".into()),
                    "newOrder": url("new-order".into()), "revokeCert": url("no".into()), "keyChange": url("no".into()) });
                if self.window.is_some() {
                    all["renewalInfo"] = url("renewal".into()).into();
                }
                document(200, &[], &all)
            }
            "nonce" => answered(200, &[], "text/plain", ""),
            "new-account" if self.mood == Mood::WantsExternalAccount && payload["externalAccountBinding"].is_null() => {
                problem(403, "externalAccountRequired", &[])
            }
            "new-account" => {
                self.thumbs.push(thumbprint(&protected["jwk"]));
                self.accounts.push(payload);
                let location = url(format!("account/{}", self.accounts.len()));
                document(201, &[("location", &location)], &json!({ "status": "valid" }))
            }
            "account" => {
                self.contacts.push(payload["contact"].clone());
                document(200, &[], &json!({ "status": "valid" }))
            }
            "new-order" => self.new_order(payload, &url),
            "order" => document(200, &[], &self.order(number, &url)),
            "authorization" => document(200, &[], &self.authorization(number, &url)),
            "challenge" => {
                let token = format!("token-{number}");
                let account: usize = protected["kid"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
                let wanted = Digest::of(format!("{token}.{}", self.thumbs[account - 1]).as_bytes());
                let name = self.orders[number]["identifiers"][0]["value"].as_str().unwrap().to_owned();
                self.trouble = self.validate(&name, &wanted).err();
                document(
                    200,
                    &[],
                    &json!({ "type": "tls-alpn-01", "url": url(format!("challenge/{number}")),
                    "token": token, "status": "processing" }),
                )
            }
            "finalize" => {
                let csr = from_base64url(payload["csr"].as_str().unwrap()).unwrap();
                let signed = self.sign(csr, issuer, now);
                self.names.insert(number, signed.clone());
                self.issued.push(signed);
                document(200, &[], &self.order(number, &url))
            }
            "certificate" => answered(200, &[], "application/pem-certificate-chain", &self.names[&number]),
            "renewal" => {
                let (start, end) = self.window.unwrap();
                let moment = |seconds: i64| {
                    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
                    time.format(&time::format_description::well_known::Rfc3339).unwrap()
                };
                let window = json!({ "suggestedWindow": { "start": moment(start), "end": moment(end) } });
                document(200, &[("retry-after", "21600")], &window)
            }
            other => panic!("{other} was asked for"),
        }
    }

    fn new_order(&mut self, payload: Value, url: &dyn Fn(String) -> String) -> String {
        match self.mood {
            Mood::RateLimited => return problem(429, "rateLimited", &[("retry-after", "3600")]),
            Mood::Caa => return problem(403, "caa", &[]),
            Mood::Forgetful => {
                self.mood = Mood::Well;
                return problem(400, "accountDoesNotExist", &[]);
            }
            _ => {}
        }
        self.trouble = None;
        self.orders.push(payload);
        let number = self.orders.len() - 1;
        document(201, &[("location", &url(format!("order/{number}")))], &self.order(number, url))
    }

    fn order(&self, number: usize, url: &dyn Fn(String) -> String) -> Value {
        let status = match (&self.trouble, self.names.contains_key(&number)) {
            (Some(_), _) => "invalid",
            (None, true) => "valid",
            (None, false) => "ready",
        };
        let mut order = json!({ "status": status, "identifiers": self.orders[number]["identifiers"],
            "authorizations": [url(format!("authorization/{number}"))], "finalize": url(format!("finalize/{number}")) });
        if let Some(replaces) = self.orders[number].get("replaces") {
            order["replaces"] = replaces.clone();
        }
        if status == "valid" {
            order["certificate"] = url(format!("certificate/{number}")).into();
        }
        order
    }

    fn authorization(&self, number: usize, url: &dyn Fn(String) -> String) -> Value {
        let kind = if self.mood == Mood::WebOnly { "http-01" } else { "tls-alpn-01" };
        let mut challenge = json!({ "type": kind, "url": url(format!("challenge/{number}")),
            "token": format!("token-{number}"), "status": "pending" });
        if let Some(trouble) = &self.trouble {
            challenge["error"] = json!({ "type": "urn:ietf:params:acme:error:connection", "detail": trouble });
        }
        let status = if self.trouble.is_some() { "invalid" } else { "pending" };
        json!({ "identifier": self.orders[number]["identifiers"][0], "status": status, "challenges": [challenge] })
    }

    /// RFC 8737 section 3: what the server shows is for this name alone, with this digest, in an extension that must be understood.
    fn validate(&self, name: &str, wanted: &Digest) -> Result<(), String> {
        let leads_to = self.leads_to.as_ref().ok_or("nobody answers there")?;
        let asked = leads_to.answer(name.to_owned());
        let config = tokio::runtime::Handle::current().block_on(asked).ok_or("it has no answer")?;
        let shown = handshake(config, name)?;
        let (_, certificate) = X509Certificate::from_der(&shown).map_err(|error| error.to_string())?;
        let names = certificate.subject_alternative_name().unwrap().unwrap().value;
        assert_eq!(names.general_names, [GeneralName::DNSName(name)]);
        let identifier = certificate.extensions().iter().find(|one| one.oid.to_id_string() == "1.3.6.1.5.5.7.1.31");
        let identifier = identifier.ok_or("it has no acmeIdentifier")?;
        assert!(identifier.critical);
        let digest = [&[4, 32], &wanted.as_bytes()[..]].concat();
        if identifier.value == digest { Ok(()) } else { Err("it is another digest".to_owned()) }
    }

    fn sign(&self, csr: Vec<u8>, issuer: &Issuer<'_, KeyPair>, now: Timestamp) -> String {
        let mut request = CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(csr)).unwrap();
        let begin = now.seconds() - HOUR - if self.mood == Mood::Stale { 2 * LIFE } else { 0 };
        request.params.not_before = OffsetDateTime::from_unix_timestamp(begin).unwrap();
        request.params.not_after = OffsetDateTime::from_unix_timestamp(begin + LIFE).unwrap();
        request.params.use_authority_key_identifier_extension = true;
        if self.mood == Mood::OtherName {
            let other = CertificateParams::new(vec!["other.example".to_owned()]).unwrap();
            request.params.subject_alt_names = other.subject_alt_names;
        }
        request.signed_by(issuer).unwrap().pem()
    }
}

/// RFC 7638 section 3.2, for a key on an elliptic curve.
fn thumbprint(jwk: &Value) -> String {
    let text = format!(r#"{{"crv":{},"kty":{},"x":{},"y":{}}}"#, jwk["crv"], jwk["kty"], jwk["x"], jwk["y"]);
    base64url(Digest::of(text.as_bytes()).as_bytes())
}

/// Shakes hands in memory; the certificate that is shown.
fn handshake(config: Arc<ServerConfig>, name: &str) -> Result<CertificateDer<'static>, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut client = builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody)).with_no_client_auth();
    client.alpn_protocols = vec![ACME_TLS.to_vec()];
    let mut client = ClientConnection::new(Arc::new(client), ServerName::try_from(name.to_owned()).unwrap()).unwrap();
    let mut server = ServerConnection::new(config).unwrap();
    while client.is_handshaking() || server.is_handshaking() {
        hand_over(&mut client, &mut server)?;
        hand_over(&mut server, &mut client)?;
    }
    assert_eq!(client.alpn_protocol(), Some(ACME_TLS));
    Ok(client.peer_certificates().unwrap().first().unwrap().clone().into_owned())
}

/// What one side has to say, to the other.
fn hand_over<A: SideData, B: SideData>(
    from: &mut ConnectionCommon<A>,
    to: &mut ConnectionCommon<B>,
) -> Result<(), String> {
    let mut said = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut said).unwrap();
    }
    let mut rest = said.as_slice();
    while !rest.is_empty() {
        to.read_tls(&mut rest).unwrap();
        to.process_new_packets().map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The authority believes no certificate here: it looks what stands in it.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}
