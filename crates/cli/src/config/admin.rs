//! `[admin]`: whether and where the admin API is offered.

use std::net::SocketAddr;

use sayso_authority::decide::admin::{ADMIN_SCOPES, Designated};
use sayso_authority::record::authority::Authority;

use super::finding::Findings;
use super::shape;

/// The admin API of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Admin {
    /// Where its tokens come from.
    pub(crate) designated: Designated,
    /// An address of its own, with the URL by which it is called there.
    pub(crate) apart: Option<(SocketAddr, String)>,
}

/// What the table says, held against the authorities of the file.
pub(super) fn admin(table: &shape::Admin, authorities: &[Authority], findings: &mut Findings<'_>) -> Option<Admin> {
    findings.within("admin".to_owned(), |findings| {
        let (authority, audience) = (&table.authority, &table.audience);
        match authorities.iter().find(|one| one.id == *authority.get_ref()) {
            None => {
                let what = format!("there is no authority {:?}", authority.get_ref());
                findings.error(authority.span(), "authority", what, "write the id of one of the file's authorities");
            }
            Some(found) => scopes(found, audience, findings),
        }
        let designated = Designated { authority: authority.get_ref().clone(), audience: audience.get_ref().clone() };
        Some(Admin { designated, apart: apart(table, findings) })
    })
}

fn scopes(authority: &Authority, audience: &shape::Text, findings: &mut Findings<'_>) {
    let Some(api) = authority.api(audience.get_ref()) else {
        let what = format!("authority {:?} has no API {:?}", authority.id, audience.get_ref());
        findings.error(audience.span(), "audience", what, "add a table [[authority.api]] with this audience to it");
        return;
    };
    if !ADMIN_SCOPES.iter().any(|scope| api.scope(scope).is_some()) {
        let what = "this API has no scope of the admin API, so nobody could do anything";
        let fix = format!("give it those that are needed: {}", ADMIN_SCOPES.join(", "));
        findings.error(audience.span(), "audience", what, fix);
    }
    if authority.default_audience.as_ref() == Some(audience.get_ref()) && authority.apis.len() > 1 {
        let what = "the admin API is what a request means that names no API";
        findings.warning(audience.span(), "audience", what, "set the authority's default_audience to another one");
    }
}

fn apart(table: &shape::Admin, findings: &mut Findings<'_>) -> Option<(SocketAddr, String)> {
    let Some(written) = &table.listen else {
        if let Some(url) = &table.url {
            let what = "a URL of its own needs an address of its own";
            findings.error(url.span(), "url", what, "add listen, or take url out");
        }
        return None;
    };
    let Ok(address) = written.get_ref().parse::<SocketAddr>() else {
        let what = format!("{:?} is no address to listen on", written.get_ref());
        findings.error(written.span(), "listen", what, "write an IP address and a port, such as \"127.0.0.1:4003\"");
        return None;
    };
    match &table.url {
        Some(url) => Some((address, url.get_ref().clone())),
        None if address.ip().is_unspecified() => {
            let what = "nobody calls it by this address";
            findings.error(
                written.span(),
                "listen",
                what,
                "add url, by which it is called, such as \"https://admin.example\"",
            );
            None
        }
        None => Some((address, format!("http://{address}"))),
    }
}
