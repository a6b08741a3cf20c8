#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

use super::*;

const NOW: i64 = 1_800_000_000;

fn params(name: &str, days: (i64, i64)) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let now = OffsetDateTime::from_unix_timestamp(NOW).unwrap();
    (params.not_before, params.not_after) = (now + Duration::days(days.0), now + Duration::days(days.1));
    params
}

fn authority(name: &str) -> CertificateParams {
    let mut params = params(name, (-100, 1_000));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

/// A root, one between, and what makes leaves of it.
struct House {
    root: Certificate,
    between: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl House {
    fn new(root_name: &str) -> Self {
        let root_key = KeyPair::generate().unwrap();
        let root = authority(root_name).self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(authority(root_name), root_key);
        let key = KeyPair::generate().unwrap();
        let between = authority("Between").signed_by(&key, &root_issuer).unwrap();
        Self { root, between, issuer: Issuer::new(authority("Between"), key) }
    }

    fn leaf(&self, days: (i64, i64), names: &[&str], aia: bool) -> CertificateDer<'static> {
        let mut leaf = params("leaf", days);
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        leaf.subject_alt_names = CertificateParams::new(names).unwrap().subject_alt_names;
        if aia {
            leaf.custom_extensions.push(ca_issuers("http://ca.example/between.crt"));
        }
        leaf.signed_by(&KeyPair::generate().unwrap(), &self.issuer).unwrap().der().clone()
    }

    fn roots(&self) -> Vec<TrustAnchor<'static>> {
        vec![webpki::anchor_from_trusted_cert(self.root.der()).unwrap().to_owned()]
    }
}

/// Authority Information Access with one place of the issuer's certificate.
fn ca_issuers(url: &str) -> CustomExtension {
    let tagged = |tag: u8, content: Vec<u8>| [vec![tag, u8::try_from(content.len()).unwrap()], content].concat();
    let method = vec![0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];
    let place = tagged(0x86, url.as_bytes().to_vec());
    let access = tagged(0x30, tagged(0x30, [method, place].concat()));
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], access)
}

fn judged(chain: &[CertificateDer<'_>], roots: &[TrustAnchor<'_>]) -> Vec<ServerChainFault> {
    judge(chain, "id.example", roots, NOW * 1_000)
}

#[test]
fn a_whole_chain_of_a_known_authority_is_good_with_or_without_its_root() {
    let house = House::new("Root");
    let leaf = house.leaf((-10, 80), &["id.example"], true);
    let (between, root) = (house.between.der().clone(), house.root.der().clone());
    for chain in [
        vec![leaf.clone(), between.clone()],
        vec![leaf.clone(), between.clone(), root.clone()],
        vec![leaf, root, between],
    ] {
        assert_eq!(judged(&chain, &house.roots()), []);
    }
    let ten = house.leaf((-10, 80), &["10.0.0.7", "*.id.example"], false);
    let chain = [ten, house.between.der().clone()];
    assert_eq!(judge(&chain, "10.0.0.7", &house.roots(), NOW * 1_000), []);
    assert_eq!(judge(&chain, "de.id.example", &house.roots(), NOW * 1_000), []);
}

#[test]
fn each_fault_is_told_from_the_others() {
    let (house, stranger) = (House::new("Root"), House::new("Own Root"));
    let (between, roots) = (house.between.der().clone(), house.roots());
    let good = |days| house.leaf(days, &["id.example"], true);
    let incomplete =
        |fetchable| ServerChainFault::Incomplete { issuer: "Between".into(), of: "leaf".into(), fetchable };
    let own = params("own", (-1, 300)).self_signed(&KeyPair::generate().unwrap()).unwrap();
    let other = House::new("Root").between.der().clone();
    assert_eq!(judged(&[good((-1, 80))], &roots), [incomplete(true)], "browsers fetch the one between");
    assert_eq!(judged(&[house.leaf((-1, 80), &["id.example"], false)], &roots), [incomplete(false)]);
    let theirs = [stranger.leaf((-1, 80), &["id.example"], true), stranger.between.der().clone()];
    assert_eq!(
        judged(&theirs, &roots),
        [ServerChainFault::Incomplete { issuer: "Own Root".into(), of: "Between".into(), fetchable: false }]
    );
    let whole = [&theirs[..], &[stranger.root.der().clone()]].concat();
    assert_eq!(judged(&whole, &roots), [ServerChainFault::UnknownAuthority { root: "Own Root".into() }]);
    let faults = judged(&[own.der().clone()], &roots);
    assert!(faults.contains(&ServerChainFault::SelfSigned) && faults.len() == 2, "{faults:?}");
    assert!(matches!(judged(&[good((-1, 80)), other], &roots)[..], [ServerChainFault::Broken { .. }]));
    let wrong = house.leaf((-1, 80), &["other.example"], true);
    let expected = ServerChainFault::WrongName { host: "id.example".into(), names: vec!["other.example".into()] };
    assert_eq!(judged(&[wrong, between.clone()], &roots), [expected]);
    assert_eq!(
        judged(&[good((-90, -3)), between.clone()], &roots),
        [ServerChainFault::Expired { of: "leaf".into(), by: 3 * DAY }]
    );
    assert_eq!(
        judged(&[good((2, 90)), between.clone()], &roots),
        [ServerChainFault::NotYetValid { of: "leaf".into(), by: 2 * DAY }]
    );
    assert_eq!(judged(&[good((-90, 2)), between], &roots), [ServerChainFault::EndsSoon { by: 2 * DAY }]);
    let both = judged(&[good((-90, -3))], &roots);
    assert_eq!(
        both,
        [ServerChainFault::Expired { of: "leaf".into(), by: 3 * DAY }, incomplete(true)],
        "one does not hide the other"
    );
    for nothing in [vec![], vec![CertificateDer::from(b"rubbish".to_vec())]] {
        assert_eq!(judged(&nothing, &roots), [ServerChainFault::Unreadable]);
    }
}

#[test]
fn each_is_said_with_what_to_do() {
    for (fault, said) in [
        (ServerChainFault::Expired { of: "leaf".into(), by: 3 * DAY }, "ended 3 days ago"),
        (ServerChainFault::NotYetValid { of: "leaf".into(), by: 7_200 }, "begins in 2 hours"),
        (ServerChainFault::WrongName { host: "a".into(), names: Vec::new() }, "not for a, but for no name at all"),
        (ServerChainFault::EndsSoon { by: 90 * 60 }, "ends in 90 minutes"),
    ] {
        assert!(fault.to_string().contains(said) && fault.fix().len() > 20, "{fault}");
        assert_eq!(fault.is_refused(), !matches!(fault, ServerChainFault::EndsSoon { .. }));
    }
}
