//! What a client is when its table says little: the defaults of each preset. Whatever the file writes counts instead.

use super::finding::Findings;
use super::shape::{self, Authentication, Grant, Preset, Profile, Rotation, Text};

/// Seconds for which a used refresh token gives the same successor, when nothing else is said.
const OVERLAP: u32 = 60;
/// The same, for clients without a secret.
const PUBLIC_OVERLAP: u32 = 10;
const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;
const MONTH: u32 = 30 * DAY;

/// What counts where the file says nothing.
pub(super) struct Defaults {
    pub(super) authentication: Authentication,
    pub(super) grants: Vec<Grant>,
    pub(super) native: bool,
    pub(super) pkce_required: bool,
    /// Beside those that the file writes.
    pub(super) redirect_uris: Vec<String>,
    pub(super) rotation: Rotation,
    pub(super) overlap: u32,
    /// Seconds; `None`: an idle link lives.
    pub(super) idle: Option<u32>,
    pub(super) profile: Option<Profile>,
    /// Seconds; `None`: as the API says.
    pub(super) token_lifetime: Option<u32>,
}

/// The defaults of a client that links accounts and has a secret: also those of a client without a preset.
fn linking() -> Defaults {
    Defaults {
        authentication: Authentication::Secret,
        grants: vec![Grant::AuthorizationCode, Grant::RefreshToken],
        native: false,
        pkce_required: false,
        redirect_uris: Vec::new(),
        rotation: Rotation::SameSuccessor,
        overlap: OVERLAP,
        idle: None,
        profile: None,
        token_lifetime: None,
    }
}

/// The defaults of a client that cannot keep a secret.
fn public() -> Defaults {
    Defaults {
        authentication: Authentication::None,
        pkce_required: true,
        rotation: Rotation::Strict,
        overlap: PUBLIC_OVERLAP,
        ..linking()
    }
}

/// What the client's preset says.
pub(super) fn defaults(table: &shape::Client, findings: &mut Findings<'_>) -> Defaults {
    let vendor = id(table.vendor_id.as_ref(), ("vendor_id", &[Preset::Alexa]), table, findings);
    let project = id(table.project_id.as_ref(), ("project_id", &[Preset::Google]), table, findings);
    let has_secret = table.secret.is_some() || table.secret_file.is_some();
    match table.preset {
        None => linking(),
        Some(Preset::Alexa) => Defaults {
            redirect_uris: vendor.map(alexa_uris).unwrap_or_default(),
            token_lifetime: Some(HOUR),
            ..linking()
        },
        Some(Preset::Google) => Defaults {
            redirect_uris: project.map(google_uris).unwrap_or_default(),
            profile: Some(Profile::Opaque),
            token_lifetime: Some(HOUR),
            ..linking()
        },
        Some(Preset::AlexaPlus) => Defaults {
            grants: vec![Grant::AuthorizationCode, Grant::RefreshToken, Grant::ClientCredentials],
            pkce_required: true,
            profile: Some(Profile::Rfc9068),
            token_lifetime: Some(HOUR),
            ..linking()
        },
        Some(Preset::Mcp) => {
            let own = if has_secret { linking() } else { public() };
            Defaults { pkce_required: true, profile: Some(Profile::Rfc9068), token_lifetime: Some(HOUR), ..own }
        }
        Some(Preset::Web) => Defaults { pkce_required: true, idle: Some(MONTH), ..linking() },
        Some(Preset::Spa) => Defaults { idle: Some(DAY), token_lifetime: Some(600), ..public() },
        Some(Preset::Native) => Defaults { native: true, idle: Some(3 * MONTH), ..public() },
        Some(Preset::Machine) => Defaults { grants: vec![Grant::ClientCredentials], ..linking() },
    }
}

/// Where Alexa has codes sent, in each of its regions.
fn alexa_uris(vendor: &str) -> Vec<String> {
    ["layla.amazon.com", "pitangui.amazon.com", "alexa.amazon.co.jp", "alexa.amazon.com"]
        .map(|host| format!("https://{host}/api/skill/link/{vendor}"))
        .to_vec()
}

/// Where Google has codes sent, and its sandbox.
fn google_uris(project: &str) -> Vec<String> {
    ["oauth-redirect", "oauth-redirect-sandbox"]
        .map(|host| format!("https://{host}.googleusercontent.com/r/{project}"))
        .to_vec()
}

/// An id that a vendor gave, from which addresses are made.
fn id<'a>(
    written: Option<&'a Text>,
    (key, presets): (&str, &[Preset]),
    table: &shape::Client,
    findings: &mut Findings<'_>,
) -> Option<&'a str> {
    let written = written?;
    let id = written.get_ref().as_str();
    if !table.preset.is_some_and(|preset| presets.contains(&preset)) {
        let fix = "take it out, or add the preset whose addresses are made from it";
        findings.error(written.span(), key, "this client has another preset, or none", fix);
    } else if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        let fix = "copy it from the vendor's console: letters, digits and hyphens";
        findings.error(written.span(), key, format!("{id:?} is no id"), fix);
    }
    Some(id)
}
