//! One broken file for each rule of the lint.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use sayso_alexa::account_linking::AccountLinking;
use sayso_alexa::check::{
    Finding, Package, Severity, check_account_linking, check_manifest, check_model, check_package,
};
use sayso_alexa::interaction_model::InteractionModel;

const MODEL: &str = r#"{"interactionModel": {
 "languageModel": {
  "invocationName": "color quiz",
  "modelConfiguration": {"fallbackIntentSensitivity": {"level": "LOW"}},
  "intents": [
   {"name": "AMAZON.CancelIntent"}, {"name": "AMAZON.HelpIntent"}, {"name": "AMAZON.StopIntent"},
   {"name": "AMAZON.FallbackIntent"},
   {"name": "AskIntent", "slots": [{"name": "color", "type": "COLOR", "samples": ["it is {color}"]}],
    "samples": ["is it {color}"]},
   {"name": "FindIntent", "slots": [{"name": "what", "type": "AMAZON.SearchQuery"}], "samples": ["find {what}"]}
  ],
  "types": [{"name": "COLOR", "values": [{"id": "r", "name": {"value": "red", "synonyms": ["crimson"]}},
    {"id": "t", "name": {"value": "teal"}}]}]
 },
 "dialog": {"delegationStrategy": "ALWAYS", "intents": [{"name": "AskIntent", "confirmationRequired": true,
   "prompts": {"confirmation": "sure"}, "slots": [{"name": "color", "type": "COLOR", "elicitationRequired": false,
    "validations": [{"type": "isInSet", "prompt": "other", "values": ["red"]}]}]}]},
 "prompts": [{"id": "sure", "variations": [{"type": "PlainText", "value": "Sure?"}]},
  {"id": "other", "variations": [{"type": "PlainText", "value": "Another?"}]}]
}}"#;

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

const SCHEMA: Option<&str> = Some("InvalidModelDefinitionSchema");

#[test]
fn each_rule_of_models_has_its_finding() {
    use Severity::{Error, Warning};
    let rows: &[(&str, &str, Severity, Option<&str>, usize, &str)] = &[
        ("\"color quiz\"", "\"\"", Error, SCHEMA, 2, "no invocation name"),
        ("color quiz", "Color quiz", Error, SCHEMA, 3, "upper-case"),
        ("color quiz", "color quiz 2", Error, SCHEMA, 3, "holds '2'"),
        ("color quiz", "color & quiz", Error, SCHEMA, 3, "holds '&'"),
        ("color quiz", "colors", Warning, None, 3, "single word"),
        ("color quiz", "the quiz", Warning, None, 3, "one is \"the\""),
        ("color quiz", "amazon color quiz", Warning, None, 3, "word of Amazon's"),
        ("color quiz", "launch color quiz", Warning, None, 3, "launches"),
        ("color quiz", "quiz about colors", Warning, None, 3, "connects"),
        ("\"LOW\"", "\"NONE\"", Error, SCHEMA, 4, "sensitivity"),
        ("{\"name\": \"AMAZON.CancelIntent\"}, ", "", Error, None, 5, "AMAZON.CancelIntent is missing"),
        ("{\"name\": \"AMAZON.HelpIntent\"}, ", "", Error, None, 5, "AMAZON.HelpIntent is missing"),
        (", {\"name\": \"AMAZON.StopIntent\"}", "", Error, None, 5, "AMAZON.StopIntent is missing"),
        ("{\"name\": \"AMAZON.FallbackIntent\"},", "", Warning, None, 5, "no AMAZON.FallbackIntent"),
        ("FallbackIntent\"}", "FallbackIntent\", \"samples\": [\"x\"]}", Warning, None, 7, "cannot be extended"),
        ("AMAZON.FallbackIntent\"}", "AMAZON.FallIntent\"}", Warning, None, 7, "no intent AMAZON.FallIntent"),
        ("FindIntent", "Find Intent", Error, SCHEMA, 10, "name of an intent"),
        ("FindIntent", "FindIntent2", Warning, None, 10, "digits"),
        ("[\"find {what}\"]", "[]", Warning, None, 10, "nobody can say"),
        ("\"name\": \"what\"", "\"name\": \"what-not\"", Error, SCHEMA, 10, "name of a slot"),
        ("\"name\": \"what\"", "\"name\": \"what2\"", Warning, None, 10, "slot name what2"),
        ("find {what}", "find {which}", Error, Some("MissingSlot"), 10, "\"which\""),
        ("find {what}", "find it", Warning, None, 10, "no sample of FindIntent names"),
        ("find {what}", "find {what", Error, SCHEMA, 10, "braces"),
        ("find {what}", "{what}", Error, None, 10, "carrier phrase"),
        ("find {what}", " ", Error, SCHEMA, 10, "empty sample"),
        ("find {what}", "find 2 {what}", Warning, None, 10, "digits"),
        ("find {what}", "find {what}!", Warning, None, 10, "people do not say"),
        ("[\"find {what}\"]", "[\"find {what}\", \"Find {what}\"]", Warning, None, 10, "twice"),
        ("[\"find {what}\"]", "[\"find {what}\", \"is it {color}\"]", Error, Some("MissingSlot"), 10, "\"color\""),
        (
            "\"AMAZON.SearchQuery\"}], \"samples\": [\"find {what}\"]",
            "\"AMAZON.SearchQuery\"}, {\"name\": \"n\", \"type\": \"AMAZON.NUMBER\"}], \"samples\": [\"find {what} {n}\"]",
            Error,
            None,
            10,
            "another slot",
        ),
        (
            "{\"name\": \"what\", \"type\": \"AMAZON.SearchQuery\"}], \"samples\": [\"find {what}\"]",
            "{\"name\": \"c\", \"type\": \"COLOR\"}], \"samples\": [\"is it {c}\"]",
            Warning,
            None,
            10,
            "which AskIntent has too",
        ),
        (
            "{\"name\": \"what\"",
            "{\"name\": \"What\", \"type\": \"COLOR\"}, {\"name\": \"what\"",
            Error,
            SCHEMA,
            10,
            "twice",
        ),
        ("AMAZON.SearchQuery", "AMAZON.Serchquery", Warning, None, 10, "no slot type"),
        ("AMAZON.SearchQuery", "AMAZON.LITERAL", Warning, None, 10, "no longer supported"),
        ("AMAZON.SearchQuery", "QUERY", Error, Some("InvalidSlotTypeName"), 10, "does not declare"),
        ("AMAZON.SearchQuery", "", Error, SCHEMA, 10, "no type"),
        ("it is {color}", "it is so", Warning, None, 8, "does not name it"),
        (
            "[{\"name\": \"COLOR\"",
            "[{\"name\": \"9s\", \"values\": []}, {\"name\": \"COLOR\"",
            Error,
            Some("InvalidSlotTypeName"),
            12,
            "9s",
        ),
        (
            "[{\"name\": \"COLOR\"",
            "[{\"name\": \"Extra\", \"values\": []}, {\"name\": \"COLOR\"",
            Warning,
            None,
            12,
            "no slot has the type Extra",
        ),
        (
            "[{\"name\": \"COLOR\"",
            "[{\"name\": \"Extra\", \"values\": []}, {\"name\": \"COLOR\"",
            Warning,
            None,
            12,
            "no values",
        ),
        (
            "[{\"name\": \"COLOR\"",
            "[{\"name\": \"COLOR\", \"values\": []}, {\"name\": \"COLOR\"",
            Error,
            SCHEMA,
            12,
            "declared twice",
        ),
        ("\"id\": \"t\"", "\"id\": \"r\"", Warning, None, 13, "same id"),
        ("crimson", "teal", Warning, None, 12, "means both"),
        ("crimson", " ", Error, SCHEMA, 12, "empty value"),
        ("\"ALWAYS\"", "\"NEVER\"", Error, SCHEMA, 15, "delegation strategy"),
        ("[{\"name\": \"AskIntent\", \"conf", "[{\"name\": \"AksIntent\", \"conf", Error, SCHEMA, 15, "AksIntent"),
        (
            "\"slots\": [{\"name\": \"color\", \"type\": \"COLOR\", \"elic",
            "\"slots\": [{\"name\": \"colour\", \"type\": \"COLOR\", \"elic",
            Error,
            Some("MissingSlot"),
            16,
            "colour",
        ),
        ("\"type\": \"COLOR\", \"elic", "\"type\": \"SHADE\", \"elic", Error, SCHEMA, 16, "SHADE in the dialog"),
        (
            "\"elicitationRequired\": false",
            "\"elicitationRequired\": true",
            Error,
            SCHEMA,
            16,
            "elicitationRequired without",
        ),
        ("{\"confirmation\": \"sure\"}", "{}", Error, SCHEMA, 15, "confirmationRequired without"),
        ("isInSet", "isNice", Error, SCHEMA, 16, "isNice"),
        ("\"prompt\": \"other\"", "\"prompt\": \"none\"", Error, SCHEMA, 17, "\"none\" is not declared"),
        ("\"prompt\": \"other\"", "\"prompt\": \"sure\"", Warning, None, 19, "nothing uses"),
        ("\"prompt\": \"other\", ", "", Error, SCHEMA, 16, "has no prompt"),
        ("\"id\": \"other\"", "\"id\": \"sure\"", Warning, None, 18, "declared twice"),
        ("[{\"type\": \"PlainText\", \"value\": \"Another?\"}]", "[]", Error, SCHEMA, 19, "no variations"),
        (
            "\"PlainText\", \"value\": \"Another?\"",
            "\"Text\", \"value\": \"Another?\"",
            Error,
            SCHEMA,
            19,
            "type \"Text\"",
        ),
        ("Another?", " ", Error, SCHEMA, 19, "empty variation"),
    ];
    for (from, to, severity, code, line, said) in rows {
        has(&broken(MODEL, from, to, model), *severity, *code, *line, said);
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
    let rows: &[(&str, &str, Severity, Option<&str>, usize, &str)] = &[
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

#[test]
fn each_rule_of_account_linking_has_its_finding() {
    use Severity::{Error, Warning};
    let text = |text: &str| check_account_linking(text.as_bytes());
    let sixteen = (0..16).map(|index| format!("\"s{index}\"")).collect::<Vec<_>>().join(",");
    let rows: &[(&str, &str, Severity, Option<&str>, usize, &str)] = &[
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
    ];
    for (from, to, severity, code, line, said) in rows {
        let found = broken(LINKING, from, to, text);
        has(&found, *severity, *code, *line, said);
        assert!(!format!("{found:?}").contains("s3cret"));
        // What cannot be used by the simulator is never let through.
        let changed = LINKING.replacen(from, to, 1);
        let has_errors = found.iter().any(|one| one.severity == Error);
        assert!(has_errors || AccountLinking::parse(changed.as_bytes()).is_ok(), "{to}");
    }
    let alone = LINKING.replacen("{\"accountLinkingRequest\": ", "", 1);
    has(&text(alone.strip_suffix('}').unwrap()), Warning, None, 1, "no wrapper");
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
