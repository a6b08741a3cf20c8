#![allow(clippy::unwrap_used)]

use super::*;

const GOOD: &str = "https://s3.amazonaws.com/echo.api/echo-api-cert-12.pem";

#[test]
fn amazon_s_own_address_in_all_its_spellings_passes() {
    for spelling in [
        GOOD,
        "HTTPS://s3.amazonaws.com/echo.api/echo-api-cert-12.pem",
        "https://S3.AmazonAWS.com/echo.api/echo-api-cert-12.pem",
        "https://s3.amazonaws.com:443/echo.api/echo-api-cert-12.pem",
        "https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert-12.pem",
        "https://s3.amazonaws.com/echo.api/./echo-api-cert-12.pem",
        "https://s3.amazonaws.com/x/%2e%2E/echo.api/echo-api-cert-12.pem",
        "https://s3.amazonaws.com/%65cho.api/echo%2Dapi-cert-12.pem",
    ] {
        let passed = check_chain_url(spelling, None).unwrap();
        assert_eq!((passed.as_str(), passed.source()), (GOOD, ChainSource::Amazon), "{spelling}");
    }
}

/// ALX-001: after normalisation.
#[test]
fn every_other_address_is_refused() {
    use ChainUrlRefused::*;
    let long = format!("https://s3.amazonaws.com/echo.api/{}", "a".repeat(LONGEST_URL));
    for (address, expected) in [
        ("", Malformed),
        ("echo.api/cert.pem", Malformed),
        ("https:", Malformed),
        ("https:s3.amazonaws.com/echo.api/cert.pem", Malformed),
        ("https:///s3.amazonaws.com/echo.api/cert.pem", Malformed),
        ("https:///user@s3.amazonaws.com/echo.api/cert.pem", Malformed),
        ("https://?@s3.amazonaws.com/echo.api/cert.pem", Malformed),
        (" https://s3.amazonaws.com/echo.api/cert.pem", Malformed),
        ("https://s3.amazonaws.com/echo.api/cert\n.pem", Malformed),
        (long.as_str(), Malformed),
        ("http://s3.amazonaws.com/echo.api/cert.pem", Scheme),
        ("ftp://s3.amazonaws.com/echo.api/cert.pem", Scheme),
        ("https://s3.amazonaws.com.evil.test/echo.api/cert.pem", Host),
        ("https://s3.amazonaws.com./echo.api/cert.pem", Host),
        ("https://notamazon.com/echo.api/cert.pem", Host),
        ("https://echo.api/s3.amazonaws.com/echo.api/cert.pem", Host),
        ("https://s3.amazonaws.com:563/echo.api/cert.pem", Port),
        ("https://s3.amazonaws.com:80/echo.api/cert.pem", Port),
        ("https://s3.amazonaws.com/EcHo.aPi/cert.pem", Path),
        ("https://s3.amazonaws.com/invalid.path/cert.pem", Path),
        ("https://s3.amazonaws.com/echo.api", Path),
        ("https://s3.amazonaws.com/echo.apix/cert.pem", Path),
        ("https://s3.amazonaws.com//echo.api/cert.pem", Path),
        ("https://s3.amazonaws.com/echo.api/../invalid", Path),
        ("https://s3.amazonaws.com/echo.api/../bucket/x.pem", Path),
        ("https://s3.amazonaws.com/echo.api/%2e%2e/bucket/x.pem", Path),
        ("https://s3.amazonaws.com/echo.api/.%2E/bucket/x.pem", Path),
        ("https://s3.amazonaws.com/echo.api/%252e%252e/bucket/x.pem", EncodedPath),
        ("https://s3.amazonaws.com/echo.api/..%2fbucket/x.pem", EncodedPath),
        ("https://s3.amazonaws.com/echo.api/..%5cbucket/x.pem", EncodedPath),
        ("https://s3.amazonaws.com/echo.api/x%00.pem", EncodedPath),
        ("https://s3.amazonaws.com/echo.api/x%zz.pem", EncodedPath),
        ("https://s3.amazonaws.com/echo.api/x%+2.pem", EncodedPath),
        ("https://s3.amazonaws.com/echo.api/x%2", EncodedPath),
        ("https://user@s3.amazonaws.com/echo.api/cert.pem", UserInformation),
        ("https://user:pass@s3.amazonaws.com/echo.api/cert.pem", UserInformation),
        ("https://@s3.amazonaws.com/echo.api/cert.pem", UserInformation),
        ("https://s3.amazonaws.com@evil.test/echo.api/cert.pem", UserInformation),
        ("https://s3.amazonaws.com/echo.api/cert.pem?x=1", Query),
        ("https://s3.amazonaws.com/echo.api/cert.pem?", Query),
        ("https://s3.amazonaws.com/echo.api/cert.pem#x", Fragment),
        ("https://s3.amazonaws.com/echo.api/cert.pem#", Fragment),
        (r"https:\\s3.amazonaws.com\echo.api\cert.pem", Backslash),
        (r"https://s3.amazonaws.com/echo.api\..\bucket\x.pem", Backslash),
        ("http://127.0.0.1:4001/echo.api/echo-api-cert.pem", Scheme),
    ] {
        assert_eq!(check_chain_url(address, None), Err(expected), "{address}");
    }
}

#[test]
fn the_dangerous_prefix_adds_one_directory_and_nothing_else() {
    let prefix = DangerousPrefix::new("http://127.0.0.1:4001/echo.api/").unwrap();
    let passed = check_chain_url("http://127.0.0.1:4001/echo.api/echo-api-cert.pem", Some(&prefix)).unwrap();
    assert_eq!(passed.source(), ChainSource::DangerousLocal);
    assert_eq!(check_chain_url(GOOD, Some(&prefix)).unwrap().source(), ChainSource::Amazon);
    for address in [
        "http://127.0.0.1:4001/echo.api/../turns",
        "http://127.0.0.1:4001/echo.api/%2e%2e/turns",
        "http://127.0.0.1:4001/echo.api/..%2fturns",
        "http://127.0.0.1:4001/echo.api/cert.pem?x",
        "http://127.0.0.1:4001/echo.apix/cert.pem",
        "http://127.0.0.1:40011/echo.api/cert.pem",
        "http://127.0.0.1:4002/echo.api/cert.pem",
        "http://localhost:4001/echo.api/cert.pem",
        "https://127.0.0.1:4001/echo.api/cert.pem",
    ] {
        assert!(check_chain_url(address, Some(&prefix)).is_err(), "{address}");
    }
}

#[test]
fn a_prefix_must_be_a_normalised_directory() {
    for bad in [
        "",
        "http://127.0.0.1:4001",
        "http://127.0.0.1:4001/",
        "http://127.0.0.1:4001/echo.api",
        "http://127.0.0.1:4001/a/../echo.api/",
        "http://u@127.0.0.1:4001/echo.api/",
        "http://127.0.0.1:4001/echo.api/?/",
        "file:///echo.api/",
        "HTTP://127.0.0.1:4001/echo.api/",
    ] {
        assert_eq!(DangerousPrefix::new(bad), Err(BadPrefix), "{bad}");
    }
}

#[test]
fn bounds_and_reasons_of_addresses() {
    let start = "https://s3.amazonaws.com/echo.api/";
    let longest = format!("{start}{}", "a".repeat(LONGEST_URL - start.len()));
    assert!(check_chain_url(&longest, None).is_ok());
    assert_eq!(check_chain_url(&format!("{longest}a"), None), Err(ChainUrlRefused::Malformed));
    use ChainUrlRefused::*;
    let all = [Malformed, Backslash, UserInformation, Query, Fragment, Scheme, Host, Port, Path, EncodedPath];
    let reasons: std::collections::BTreeSet<_> = all.iter().map(|refused| refused.reason()).collect();
    assert_eq!(reasons.len(), all.len());
    assert!(reasons.iter().all(|reason| reason.starts_with("chain_url_")));
}
