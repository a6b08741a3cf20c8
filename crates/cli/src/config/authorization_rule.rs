//! What a client's table says of its authorization requests.

use std::collections::BTreeSet;

use sayso_authority::record::authorization_rule::{AuthorizationRule, SubjectType};
use sayso_authority::record::client::host_of;

use super::finding::Findings;
use super::{addresses, shape};

/// The rule that the table describes.
pub(super) fn rule(client: &shape::Client, findings: &mut Findings<'_>) -> AuthorizationRule {
    let table = &client.authorization;
    let pairwise = table.subject_type.as_ref().is_some_and(|kind| *kind.get_ref() == shape::SubjectType::Pairwise);
    if let Some(sector) = &table.sector_identifier {
        check_sector(sector, pairwise, findings);
    } else if pairwise {
        one_sector(client, findings);
    }
    for (uri, key) in [
        (&table.initiate_login_uri, "authorization.initiate_login_uri"),
        (&table.target_link_uri, "authorization.target_link_uri"),
        (&table.policy_uri, "authorization.policy_uri"),
        (&table.tos_uri, "authorization.tos_uri"),
    ] {
        if let Some(uri) = uri {
            addresses::link(uri, key, findings);
        }
    }
    if let (Some(target), None) = (&table.target_link_uri, &table.initiate_login_uri) {
        let fix = "add initiate_login_uri, or take it out: it is sent along with a sign-in that begins there";
        findings.error(
            target.span(),
            "authorization.target_link_uri",
            "there is nothing that it could be sent with",
            fix,
        );
    }
    let text = |written: &Option<shape::Text>| written.as_ref().map(|text| text.get_ref().clone());
    AuthorizationRule {
        pushed_only: table.pushed_only,
        subject_type: if pairwise { SubjectType::Pairwise } else { SubjectType::Public },
        sector_identifier: text(&table.sector_identifier),
        initiate_login_uri: text(&table.initiate_login_uri),
        target_link_uri: text(&table.target_link_uri),
        policy_uri: text(&table.policy_uri),
        tos_uri: text(&table.tos_uri),
    }
}

fn check_sector(sector: &shape::Text, pairwise: bool, findings: &mut Findings<'_>) {
    let host = sector.get_ref();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    if host.is_empty() || host.len() > 253 || !host.bytes().all(plain) {
        let what = format!("{host:?} is no host");
        let fix = "write a host in lower case without scheme, port and path, such as app.example";
        findings.error(sector.span(), "authorization.sector_identifier", what, fix);
    }
    if !pairwise {
        let fix = "add subject_type = \"pairwise\", or take it out";
        findings.error(
            sector.span(),
            "authorization.sector_identifier",
            "people have a sector with pairwise subjects only",
            fix,
        );
    }
}

/// OpenID Connect Core section 8.1: redirect URIs on several hosts need a sector that is named.
fn one_sector(client: &shape::Client, findings: &mut Findings<'_>) {
    let hosts: BTreeSet<_> = client.redirect_uris.iter().filter_map(|uri| host_of(uri.get_ref())).collect();
    if hosts.len() != 1 {
        let what = format!("pairwise subjects need one sector, and the redirect URIs name {} hosts", hosts.len());
        let fix = "add sector_identifier, a host; people keep their subjects as long as it stays the same";
        let span = client.authorization.subject_type.as_ref().map_or(0..0, toml::Spanned::span);
        findings.error(span, "authorization.subject_type", what, fix);
    }
}
