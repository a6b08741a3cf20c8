//! One broken file for each rule of the lint.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod model_rules;

use model_rules::{DIALOG, MODEL, NAMES, Row, SAMPLES, TYPES};
use sayso_alexa::account_linking::AccountLinking;
use sayso_alexa::check::{
    Finding, Package, Severity, check_account_linking, check_manifest, check_model, check_package,
};
use sayso_alexa::interaction_model::InteractionModel;

const MANIFEST: &str = r#"{"manifest": {
 "manifestVersion": "1.0",
 "publishingInformation": {
  "locales": {
   "en-US": {"name": "Color Quiz", "summary": "A quiz.", "description": "Link your account.", "smallIconUri": "file://s",
    "largeIconUri": "file://l", "keywords": ["k"],
    "examplePhrases": ["Alexa, open color quiz"]}
  },
  "category": "GAMES", "testingInstructions": "user and word", "distributionMode": "PUBLIC", "isAvailableWorldwide": true
 },
 "privacyAndCompliance": {"allowsPurchases": false, "usesPersonalInfo": true, "isChildDirected": false,
  "isExportCompliant": true, "containsAds": false,
  "locales": {"en-US": {"privacyPolicyUrl": "https://quiz.example/privacy", "termsOfUseUrl": "https://quiz.example/terms"}}},
 "apis": {"custom": {
  "endpoint": {"uri": "https://quiz.example/alexa", "sslCertificateType": "Trusted"}}},
 "events": {"endpoint": {"uri": "arn:aws:lambda:x"}, "subscriptions": [{"eventName": "SKILL_DISABLED"}]}
}}"#;

const LINKING: &str = r#"{"accountLinkingRequest": {
 "type": "AUTH_CODE",
 "authorizationUrl": "https://id.example/authorize",
 "accessTokenUrl": "https://id.example/token",
 "clientId": "alexa", "clientSecret": "s3cret",
 "accessTokenScheme": "HTTP_BASIC",
 "scopes": ["profile"],
 "domains": ["login.example"],
 "skipOnEnablement": true,
 "defaultTokenExpirationInSeconds": 3600
}}"#;

fn model(text: &str) -> Vec<Finding> {
    let model = InteractionModel::parse(text.as_bytes()).unwrap_or_else(|fault| panic!("{fault}\n{text}"));
    check_model(text.as_bytes(), &model, Some("en-US"))
}

/// What is wrong after `from` became `to`, and was not before.
fn broken(base: &str, from: &str, to: &str, check: impl Fn(&str) -> Vec<Finding>) -> Vec<Finding> {
    assert!(base.contains(from), "{from}");
    assert_eq!(check(base), [], "the base is sound");
    check(&base.replacen(from, to, 1))
}

fn has(found: &[Finding], severity: Severity, code: Option<&str>, line: usize, said: &str) {
    let fits = |one: &Finding| {
        one.severity == severity && one.code == code && (line == 0 || one.line == line) && one.what.contains(said)
    };
    assert!(found.iter().any(fits), "{severity:?} {code:?} line {line} {said:?} in {found:#?}");
    assert!(found.iter().all(|one| one.line >= 1 && !one.fix.is_empty() && !one.what.ends_with('.')), "{found:?}");
}

#[test]
fn each_rule_of_models_has_its_finding() {
    for (from, to, severity, code, line, said) in [NAMES, SAMPLES, TYPES, DIALOG].concat() {
        has(&broken(MODEL, from, to, model), severity, code, line, said);
    }
    let long = "x".repeat(141);
    let found = broken(MODEL, "crimson", &long, model);
    has(&found, Severity::Error, Some("INVALID_STRING_LENGTH"), 12, "longer than 140");
}

#[test]
fn other_languages_have_other_words_in_their_names() {
    for (locale, name, is_sound) in [
        ("de-DE", "mein app rad", true),
        ("ja-JP", "クイズゲーム", true),
        ("hi-IN", "रंग पहेली", true),
        ("ar-SA", "لعبة الألوان", true),
        ("fr-FR", "l'heure d'été", true),
        ("en-GB", "a. b. c. quiz", true),
        ("en-GB", "color skill", false),
    ] {
        let text = MODEL.replace("color quiz", name);
        let model = InteractionModel::parse(text.as_bytes()).unwrap();
        let found = check_model(text.as_bytes(), &model, Some(locale));
        assert_eq!(found.is_empty(), is_sound, "{locale} {name}: {found:?}");
    }
}

#[test]
fn each_rule_of_manifests_has_its_finding() {
    use Severity::{Error, Warning};
    let text = |text: &str| check_manifest(text.as_bytes());
    let rows: &[Row<'_>] = &[
        ("{\"manifest\"", "{\"manifests\"", Error, Some("MISSING_REQUIRED_PROPERTY"), 1, "no skill manifest"),
        ("{\"manifest\": {", "{\"manifest\": {,", Error, Some("CONTENT_PARSE_FAILURE"), 1, "key must be a string"),
        ("\"custom\": {", "\"custom\": 3, \"x\": {", Error, Some("INVALID_DATA_TYPE"), 0, "invalid type"),
        ("\"manifestVersion\": \"1.0\",", "", Error, Some("MISSING_REQUIRED_PROPERTY"), 1, "manifestVersion"),
        ("en-US\": {\"name\"", "en-UK\": {\"name\"", Error, Some("INVALID_ENUM_VALUE"), 5, "en-UK"),
        ("\"Color Quiz\"", "\"\"", Error, Some("MISSING_REQUIRED_PROPERTY"), 5, "no name"),
        ("\"Color Quiz\"", "\"C\"", Error, Some("INVALID_STRING_LENGTH"), 5, "shorter than two"),
        ("[\"k\"]", &format!("[{}]", vec!["\"k\""; 31].join(",")), Error, Some("INVALID_ARRAY_SIZE"), 5, "keywords"),
        (
            "[\"Alexa, open color quiz\"]",
            "[\"a\",\"b\",\"c\",\"d\",\"e\"]",
            Error,
            Some("INVALID_ARRAY_SIZE"),
            5,
            "5 entries",
        ),
        ("\"A quiz.\"", &format!("{:?}", "x".repeat(161)), Error, Some("INVALID_STRING_LENGTH"), 5, "summary has 161"),
        ("\"smallIconUri\": \"file://s\",", "", Warning, None, 5, "smallIconUri"),
        ("\"category\": \"GAMES\", ", "", Warning, None, 3, "category"),
        ("user and word", "", Warning, None, 3, "testingInstructions"),
        ("\"PUBLIC\"", "\"SECRET\"", Error, Some("INVALID_ENUM_VALUE"), 9, "SECRET"),
        ("Worldwide\": true", "Worldwide\": false", Warning, None, 9, "neither worldwide"),
        ("privacyAndCompliance", "privacy", Warning, None, 1, "privacyAndCompliance is missing"),
        ("\"containsAds\": false,", "", Warning, None, 11, "containsAds"),
        ("\"containsAds\": false", "\"containsAds\": \"no\"", Error, Some("INVALID_DATA_TYPE"), 12, "containsAds"),
        ("https://quiz.example/privacy", "http://quiz.example/privacy", Warning, None, 13, "plain http"),
        ("https://quiz.example/terms", "terms", Error, Some("INVALID_URL_FORMAT"), 13, "no web address"),
        (
            "https://quiz.example/alexa",
            "http://quiz.example/alexa",
            Error,
            Some("INVALID_STRING_PATTERN"),
            15,
            "neither an https",
        ),
        ("https://quiz.example/alexa", "my-function", Warning, None, 15, "replace"),
        ("https://quiz.example/alexa", "https://quiz.example:8443/alexa", Warning, None, 15, "port"),
        (", \"sslCertificateType\": \"Trusted\"", "", Warning, None, 15, "sslCertificateType"),
        ("\"Trusted\"", "\"SelfSigned\"", Warning, None, 15, "self-signed"),
        ("\"Trusted\"", "\"Good\"", Error, Some("INVALID_ENUM_VALUE"), 15, "Good"),
        ("\"uri\": \"https://quiz.example/alexa\"", "\"url\": \"\"", Warning, None, 14, "no endpoint"),
        ("\"endpoint\": {\"uri\": \"arn:aws:lambda:x\"}, ", "", Error, Some("MISSING_REQUIRED_PROPERTY"), 16, "events"),
    ];
    for (from, to, severity, code, line, said) in rows {
        has(&broken(MANIFEST, from, to, text), *severity, *code, *line, said);
    }
}

/// Each row's finding is there, tells no secret, and is an error where the simulator could not go on.
fn assert_linking_findings(rows: &[Row<'_>]) {
    let text = |text: &str| check_account_linking(text.as_bytes());
    for (from, to, severity, code, line, said) in rows {
        let found = broken(LINKING, from, to, text);
        has(&found, *severity, *code, *line, said);
        assert!(!format!("{found:?}").contains("s3cret"));
        // What cannot be used by the simulator is never let through.
        let changed = LINKING.replacen(from, to, 1);
        let has_errors = found.iter().any(|one| one.severity == Severity::Error);
        assert!(has_errors || AccountLinking::parse(changed.as_bytes()).is_ok(), "{to}");
    }
}

#[test]
fn each_rule_of_linking_addresses_and_types_has_its_finding() {
    use Severity::{Error, Warning};
    assert_linking_findings(&[
        ("AUTH_CODE", "PASSWORD", Error, Some("INVALID_ENUM_VALUE"), 2, "PASSWORD"),
        ("\"AUTH_CODE\"", "\"\"", Error, Some("MISSING_REQUIRED_PROPERTY"), 1, "type is missing"),
        ("AUTH_CODE", "IMPLICIT", Warning, None, 2, "implicit"),
        ("AUTH_CODE", "IMPLICIT", Warning, None, 4, "has no accessTokenUrl"),
        ("Request\": {", "Response\": {", Warning, None, 1, "read back"),
        ("\"clientId\": \"alexa\", ", "", Error, Some("MISSING_REQUIRED_PROPERTY"), 1, "clientId"),
        ("https://id.example/token", "", Error, Some("MISSING_REQUIRED_PROPERTY"), 1, "accessTokenUrl"),
        (
            "https://id.example/authorize",
            "http://id.example/authorize",
            Error,
            Some("INVALID_URL_FORMAT"),
            3,
            "plain http",
        ),
        ("https://id.example/authorize", "ftp://id.example/authorize", Error, Some("INVALID_URL_FORMAT"), 3, "scheme"),
        ("https://id.example/authorize", "https://id.example:8443/authorize", Warning, None, 3, "port 8443"),
        ("https://id.example/authorize", "http://127.0.0.1:4000/authorize", Warning, None, 3, "this machine"),
        ("https://id.example/authorize", "https://id.example/a#b", Warning, None, 3, "fragment"),
        ("https://id.example/authorize", "YOUR_URL", Warning, None, 3, "not an address yet"),
        ("https://id.example/authorize", "https://id.example/token", Warning, None, 4, "the same"),
    ]);
}

#[test]
fn each_rule_of_the_rest_of_account_linking_has_its_finding() {
    use Severity::{Error, Warning};
    let sixteen = (0..16).map(|index| format!("\"s{index}\"")).collect::<Vec<_>>().join(",");
    assert_linking_findings(&[
        ("HTTP_BASIC", "MTLS", Error, Some("INVALID_ENUM_VALUE"), 6, "MTLS"),
        (" \"accessTokenScheme\": \"HTTP_BASIC\",\n", "", Warning, None, 4, "accessTokenScheme is missing"),
        (", \"clientSecret\": \"s3cret\"", "", Warning, None, 5, "no clientSecret"),
        ("[\"profile\"]", &format!("[{sixteen}]"), Error, Some("INVALID_ARRAY_SIZE"), 7, "scopes has 16"),
        ("[\"login.example\"]", &format!("[{sixteen}]"), Error, Some("INVALID_ARRAY_SIZE"), 8, "domains has 16"),
        ("[\"profile\"]", "[\"profile\", \"profile\"]", Error, Some("DUPLICATE_ARRAY_ITEMS"), 7, "twice"),
        ("[\"profile\"]", "[\"profile mail\"]", Warning, None, 7, "blank"),
        ("[\"profile\"]", "[]", Warning, None, 5, "no scopes"),
        ("\"login.example\"", "\"https://login.example/\"", Warning, None, 8, "more than a host"),
        ("true", "false", Warning, None, 9, "skipOnEnablement is off"),
        ("true", "\"true\"", Warning, None, 9, "is a text"),
        ("true", "\"perhaps\"", Error, Some("INVALID_DATA_TYPE"), 0, "true or false"),
        ("3600", "\"3600\"", Warning, None, 10, "is a text"),
        ("3600", "60", Warning, None, 10, "60 seconds"),
        ("3600", "3600, \"voiceForwardAccountLinking\": \"ON\"", Error, Some("INVALID_ENUM_VALUE"), 10, "ON"),
        ("3600", "3600, \"voiceForwardAccountLinking\": \"ENABLED\"", Warning, None, 10, "Login with Amazon"),
        (
            "3600",
            "3600, \"redirectUrls\": [\"https://layla.amazon.com/api/skill/link/M1\"]",
            Warning,
            None,
            10,
            "one of Alexa's",
        ),
        (
            "3600",
            "3600, \"pkceConfiguration\": {\"status\": \"ENABLED\", \"codeChallengeMethod\": \"plain\"}",
            Error,
            Some("INVALID_ENUM_VALUE"),
            10,
            "plain",
        ),
        (
            "{\"accountLinkingRequest\": {",
            "{\"accountLinkingRequest\": {,",
            Error,
            Some("CONTENT_PARSE_FAILURE"),
            1,
            "",
        ),
    ]);
    let alone = LINKING.replacen("{\"accountLinkingRequest\": ", "", 1);
    has(&check_account_linking(alone.strip_suffix('}').unwrap().as_bytes()), Warning, None, 1, "no wrapper");
}

#[test]
fn each_rule_of_whole_packages_has_its_finding() {
    use Severity::{Error, Warning};
    let model = InteractionModel::parse(MODEL.as_bytes()).unwrap();
    let check = |text: &str, locales: &[&'static str], is_linked: bool| {
        let models = locales.iter().map(|locale| (*locale, &model)).collect();
        check_package(text.as_bytes(), &Package { models, is_linked }, |phrase, _, _| phrase.contains("color quiz"))
    };
    assert_eq!(check(MANIFEST, &["en-US"], true), []);
    assert_eq!(check(MANIFEST, &[], true), []);
    has(&check(MANIFEST, &["en-US", "de-DE"], true), Warning, None, 4, "does not describe the skill");
    has(&check(MANIFEST, &["de-DE"], true), Error, Some("EXPECTED_RELATED_INSTANCE"), 5, "no model for it");
    for (from, to, line, said) in [
        ("open color quiz", "open quiz", 7, "example phrase"),
        ("https://quiz.example/privacy", "", 13, "no privacyPolicyUrl for en-US"),
        ("https://quiz.example/terms", "", 13, "no termsOfUseUrl for en-US"),
        ("usesPersonalInfo\": true", "usesPersonalInfo\": false", 11, "no personal information"),
        ("isChildDirected\": false", "isChildDirected\": true", 11, "children"),
        ("user and word", "", 3, "no test account"),
        ("Link your account.", "Guess colors.", 5, "does not say so"),
    ] {
        has(&check(&MANIFEST.replacen(from, to, 1), &["en-US"], true), Warning, None, line, said);
    }
    let selling = MANIFEST.replacen("allowsPurchases\": false", "allowsPurchases\": true", 1);
    has(&check(&selling, &["en-US"], false), Warning, None, 11, "purchases");
}
