//! What is wrong, row by row.

use super::*;

/// Each row changes one line of the whole file, and says where which words must be found: what to change, into what,
/// the line of the finding (empty: the last line of what was put in), and the words.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    // Keys and types.
    (
        "introspection_by_query = true",
        "introspektion_by_query = true",
        "introspektion",
        r#""introspektion_by_query"; did you mean "introspection_by_query"?"#,
    ),
    (
        "redirect_uris = [\"https",
        "redirectUris = [\"https",
        "redirectUris",
        r#"authority.client: unknown key "redirectUris"; did you mean "redirect_uris"?"#,
    ),
    (
        "[[authority.claim]]\nname = \"color\"",
        "[[authority.claims]]\nname = \"color\"",
        "[[authority.claims]]",
        r#"did you mean "claim"?"#,
    ),
    ("max_chars = 40", "max_chars = \"forty\"", "", "attribute.max_chars"),
    ("layout = \"okta\"", "layout = \"octa\"", "", r#"unknown value "octa"; did you mean "okta"?"#),
    ("layout = \"okta\"\n", "", "[[authority]]", "layout is missing; add `layout = …` to [[authority]]"),
    ("secret = \"0123456789abcdef0123456789abcdef\"", "secret = 1234", "", "this is not a text"),
    ("listen = \"127", "listen = 127", "", "this is not TOML"),
    ("[[attribute]]\nname = \"firstName\"", "[attribute]\nname = \"firstName\"", "[attribute]", "not TOML"),
    // The server.
    ("127.0.0.1:4000\"\n", "localhost\"\n", "listen", "server › listen: \"localhost\" is no address to listen on"),
    ("127.0.0.1:4000\"\n", "127.0.0.1:4005\"\n", "listen", "leads to another port"),
    ("127.0.0.1:4000\"\n", "127.0.0.1:4000\"\npages = \"nowhere\"\n", "pages", "there is no folder nowhere"),
    (
        "127.0.0.1:4000\"\n",
        "127.0.0.1:4000\"\ndatabase = \"postgres://ada:0123456789@db.example/links?sslmode=maybe\"\n",
        "database",
        "server › database: this address cannot be used: its sslmode must be",
    ),
    ("127.0.0.1:4000\"\n", "127.0.0.1:4000\"\nmigrate = \"never\"\n", "migrate", "unknown value \"never\""),
    ("127.0.0.1:4000\"\n", "127.0.0.1:4000\"\naudit_days = 0\n", "audit_days", "cannot be kept for 0 days"),
    ("127.0.0.1:4000\"\n", "127.0.0.1:4000\"\naudit_days = -1\n", "audit_days", "choose 1 to 36500"),
    ("127.0.0.1:4000\"\n", "127.0.0.1:4000\"\naudit_days = 36501\n", "audit_days", "choose 1 to 36500"),
    (
        "127.0.0.1:4000\"\n",
        "127.0.0.1:4000\"\ntls = { certificate = \"Cargo.toml\", key = \"no.pem\" }\n",
        "tls",
        "server › tls.key: there is no file no.pem",
    ),
    (
        "127.0.0.1:4000\"\n",
        "127.0.0.1:4000\"\ntls = { certificate = \"Cargo.toml\", key = \"Cargo.toml\" }\n",
        "tls",
        "with tls the server speaks https only, and the issuer http://127.0.0.1:4000/oauth2/quiz is http",
    ),
    ("127.0.0.1:4000\"\n", "127.0.0.1:4000\"\ntls = { certificate = \"a\" }\n", "tls", "key is missing"),
    (
        "127.0.0.1:4000\"\n",
        "127.0.0.1:4000\"\ntls = {}\n",
        "tls",
        "server › tls: certificate is missing; name both files",
    ),
    (
        "127.0.0.1:4000\"\n",
        "127.0.0.1:4000\"\ntls = { certificate = \"a\", key = \"b\", acme = { terms_agreed = true } }\n",
        "tls",
        "a certificate comes from files or by acme, not both ways",
    ),
    (
        "127.0.0.1:4000\"\n",
        "127.0.0.1:4000\"\ntrusted_proxies = [\"proxy.example\"]\n",
        "trusted_proxies",
        "server › trusted_proxies: \"proxy.example\" is neither an IP address nor a network",
    ),
    (
        "127.0.0.1:4000\"\n",
        "127.0.0.1:4000\"\ntrusted_proxies = [\"10.0.0.7\", \"0.0.0.0/0\"]\n",
        "trusted_proxies",
        "\"0.0.0.0/0\" is everybody",
    ),
    ("127.0.0.1:4000\"\n", "127.0.0.1:4000\"\nproxy_header = \"x-real-ip\"\n", "proxy_header", "unknown value"),
    // Signing out.
    (
        "scopes = [\"openid\", \"play\"]\nrefresh",
        "scopes = [\"openid\", \"play\"]\nlogout = { post_logout_redirect_uris = [\"https://app.test/*\"] }\nrefresh",
        "logout = {",
        "logout.post_logout_redirect_uris: \"https://app.test/*\" has a wildcard",
    ),
    (
        "scopes = [\"openid\", \"play\"]\nrefresh",
        "scopes = [\"openid\", \"play\"]\nlogout = { backchannel_logout_uri = \"http://127.0.0.1/x\" }\nrefresh",
        "logout = {",
        "logout.backchannel_logout_uri: plain http is not posted to",
    ),
    // Requests that leave.
    (
        "127.0.0.1:4000\"\n",
        "127.0.0.1:4000\"\noutgoing_ca = \"nowhere.pem\"\n",
        "outgoing_ca",
        "give the path of a PEM file",
    ),
    // Clients that sign.
    (
        "authentication = \"secret_post\"\nsecret = \"0123456789abcdef0123456789abcdef\"",
        "authentication = \"private_key_jwt\"",
        "id = \"alexa\"",
        "the client has no keys to sign with",
    ),
    (
        "authentication = \"secret_post\"\nsecret = \"0123456789abcdef0123456789abcdef\"",
        "authentication = \"private_key_jwt\"\njwks_uri = \"http://client.example/jwks\"",
        "jwks_uri",
        "keys are not fetched from",
    ),
    (
        "authentication = \"secret_post\"\nsecret = \"0123456789abcdef0123456789abcdef\"",
        "authentication = \"private_key_jwt\"\njwks = \"{}\"",
        "jwks = ",
        "no JSON Web Key Set",
    ),
    (
        "authentication = \"secret_post\"\nsecret = \"0123456789abcdef0123456789abcdef\"",
        "authentication = \"private_key_jwt\"\njwks = '{\"keys\":[]}'",
        "jwks = ",
        "no key is there that verifies RS256",
    ),
    (
        "authentication = \"secret_post\"\nsecret = \"0123456789abcdef0123456789abcdef\"",
        "authentication = \"private_key_jwt\"\njwks = '{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}'",
        "jwks = ",
        "a private key stands there",
    ),
    (
        "secret = \"0123456789abcdef0123456789abcdef\"",
        "secret = \"0123456789abcdef0123456789abcdef\"\nold_secret = \"short\"",
        "old_secret",
        "shorter than 32 characters",
    ),
    (
        "secret = \"0123456789abcdef0123456789abcdef\"",
        "secret = \"0123456789abcdef0123456789abcdef\"\njwks_uri = \"https://client.example/jwks\"",
        "jwks_uri",
        "proves itself otherwise",
    ),
    // Signing keys.
    (
        "introspection_by_query = true",
        "introspection_by_query = true\nkey_rotation_days = 0",
        "key_rotation_days",
        "authority \"quiz\" › key_rotation_days: signing keys cannot be rotated every 0 days",
    ),
    (
        "introspection_by_query = true",
        "introspection_by_query = true\nkey_rotation_days = -1",
        "key_rotation_days",
        "choose 1 to 3650",
    ),
    (
        "introspection_by_query = true",
        "introspection_by_query = true\nkey_rotation_days = 3651",
        "key_rotation_days",
        "choose 1 to 3650",
    ),
    (
        "introspection_by_query = true",
        "introspection_by_query = true\nkey_rotation_days = \"90\"",
        "key_rotation_days",
        "key_rotation_days",
    ),
    // The admin API.
    (
        "[[attribute]]\nname = \"firstName\"",
        "[admin]\nauthority = \"ops\"\naudience = \"a\"\n[[attribute]]\nname = \"firstName\"",
        "authority = \"ops\"",
        "admin › authority: there is no authority \"ops\"",
    ),
    (
        "[[attribute]]\nname = \"firstName\"",
        "[admin]\nauthority = \"quiz\"\naudience = \"a\"\n[[attribute]]\nname = \"firstName\"",
        "audience = \"a\"",
        "has no API \"a\"",
    ),
    (
        "[[attribute]]\nname = \"firstName\"",
        "[admin]\nauthority = \"quiz\"\naudience = \"https://quiz.example\"\nlisten = \"0.0.0.0:1\"\n[[attribute]]\nname = \"firstName\"",
        "audience = \"https://quiz.example\"",
        "no scope of the admin API",
    ),
    // Names.
    ("name = \"firstName\"", "name = \"first-name\"", "", "cannot name an attribute"),
    ("name = \"firstName\"", "name = \"favoriteColor\"", "", "a second time, first in line 5"),
    ("label = \"Favorite color\"", "label = \"Favorite \\u202ecolor\"", "", "U+202E"),
    (
        "Sample Quiz Game",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "name = \"xxx",
        "longer than 80",
    ),
    ("Sample Quiz Game", " ", "", "this is empty"),
    ("id = \"quiz\"", "id = \"Quiz\"", "", "cannot be the id of an authority"),
    ("id = \"alexa\"", "id = \"usr_alexa\"", "", "usr_ are those of people"),
    ("id = \"alexa\"", "id = \"al exa\"", "", "holds a blank"),
    ("id = \"app\"", "id = \"alexa\"", "id = \"alexa\"", "first in line 97"),
    // People.
    ("\" Ada \"", "\"\"", "", "cannot be a username"),
    ("colorful-teal", "short", "", "at least 8 characters"),
    ("firstName = \"Ada\"", "surname = \"Ada\"", "", "no such attribute"),
    (
        "favoriteColor = \"teal\"",
        "favoriteColor = \"teal and teal and teal and teal and teal and teal\"",
        "",
        "longer than 40",
    ),
    // The profile.
    ("type = \"integer\"", "type = \"number\"", "", "did you mean \"integer\"?"),
    ("max = 150", "max = -1", "name = \"age\"", "no value is within these bounds"),
    ("min_chars = 2", "min = 2", "", "only a number has a smallest and a largest"),
    ("min_chars = 2", "min_chars = 0", "", "a value cannot have 0 characters here"),
    ("min = 0", "pattern = \"[0-9]\"", "", "only texts have a length and a pattern"),
    ("[A-Z]{2}", "([A-Z]{2}", "", "this pattern cannot be used"),
    ("[A-Z]{2}", "(?=A)", "", "this pattern cannot be used"),
    ("type = \"enum\"\n", "", "choices", "only an enum has choices"),
    ("choices = [\"s\", ", "choices = [\"l\", ", "", "a second time"),
    (
        "choices = [\"s\", { value = \"l\", label = { en = \"Large\" } }]",
        "choices = []",
        "name = \"size\"",
        "nothing to choose from",
    ),
    ("{ en = \"Size\"", "{ \"e n\" = \"Size\"", "", "\"e n\" is no language"),
    ("person = \"write\"", "person = \"write\"\nself_editable = false", "person", "self_editable says otherwise"),
    ("admin = \"read\"", "admin = \"none\"\nclaims = false", "name = \"age\"", "nobody may read this"),
    ("age = 36", "age = \"36\"", "", "attributes.age: it is not of the attribute's type"),
    ("age = 36", "age = 151", "", "this is larger than 150"),
    ("user.firstName + ", "user.country + ", "", "country has claims = false"),
    ("user.firstName + ", "user.age + ", "", "with a profile that has everything, this goes wrong"),
    ("user.firstName + ", "(has(user.size) ? 1 + 'x' : '') + ", "", "this goes wrong"),
    (
        "attribute = \"favoriteColor\"\nscopes",
        "attribute = \"country\"\nscopes",
        "country",
        "country has claims = false",
    ),
    // Groups.
    ("name = \"household\"", "name = \"gold\"", "", "a second time, first in line 36"),
    ("name = \"household\"", "name = \" household\"", "", "no group can be called \" household\""),
    ("groups = [\"gold\"]", "groups = [\"golden\"]", "", "there is no group \"golden\"; take one of gold, household"),
    ("groups = [\"gold\"]", "groups = [\"gold\", \"gold\"]", "", "a second time"),
    // Addresses.
    ("issuer = \"http://127.0.0.1:4000", "issuer = \"http://id.example", "", "plain http to another machine"),
    ("oauth2/quiz\"", "oauth2/quiz/\"", "", "ends with a slash"),
    ("https://layla.amazon.com/", "http://layla.amazon.com/", "", "plain http to another machine"),
    (
        "redirect_uris = [\"https://layla.amazon.com/api/skill/link/M2AAAAAAAAAAAA\"]\n",
        "",
        "id = \"alexa\"",
        "authorization_code needs a redirect URI",
    ),
    // APIs, scopes, claims.
    ("audience = \"https://quiz.example\"", "audience = \"http://quiz.example\"", "", "without TLS"),
    ("audience = \"https://quiz.example\"", "audience = \"api\"", "", "another installation may well"),
    ("token_lifetime = 3600", "token_lifetime = 359", "", "cannot live for 359 seconds"),
    ("token_lifetime = 3600", "token_lifetime = 86401", "", "cannot live for 86401 seconds"),
    ("token_lifetime = 3600", "token_lifetime = -1", "", "cannot live for -1 seconds"),
    ("name = \"play\"", "name = \"play it\"", "", "no scope name"),
    ("name = \"play\"", "name = \"profile\"", "", "scope of OpenID Connect"),
    ("scopes = [\"profile\"]", "scopes = [\"porfile\"]", "", "no API of this authority has the scope"),
    ("name = \"FavoriteColorClaim\"", "name = \"sub\"", "", "claim of the protocol itself"),
    ("carrier = \"id_token\"\n", "name2 = \"x\"\n", "name2", "unknown key \"name2\""),
    ("name = \"color\"\ncarrier = \"id_token\"", "name = \"FavoriteColorClaim\"", "FavoriteColorClaim", "filled twice"),
    (
        "attribute = \"favoriteColor\"\nscopes",
        "attribute = \"favouriteColor\"\nscopes",
        "favouriteColor",
        "take one of firstName, favoriteColor, size, age, country",
    ),
    (
        "user.firstName + ",
        "user.surname + ",
        "",
        "there is no attribute \"surname\"; take one of firstName, favoriteColor, size, age, country",
    ),
    ("user.firstName + ", "users.firstName + ", "", "nothing of the name \"users\"; begin with one of user, groups"),
    ("user.firstName + ", "user.password_hash + ", "", "there is no attribute \"password_hash\""),
    ("user.firstName + ", "client.secret + ", "", "client has no \"secret\"; write client.id or client.name"),
    ("user.firstName + ", "user.firstName ++ ", "", "claim \"liking\" › expression: the expression cannot be read"),
    ("user.firstName + ", "shout(user.firstName) + ", "", "there is no function shout"),
    ("user.firstName + ", "groups.map(a, groups.map(b, a + b))[0][0] + ", "", "could take too long"),
    ("expression = \"", "attribute = \"firstName\"\nexpression = \"", "liking", "both say what the claim is"),
    ("carriers = [\"userinfo\"]", "carriers = []", "", "a claim that nothing carries says nothing"),
    (
        "carriers = [\"userinfo\"]",
        "carriers = [\"access_token\"]",
        "liking",
        "nobody can request a claim of access tokens",
    ),
    ("carriers = [\"userinfo\"]", "carriers = [\"userinfos\"]", "", "did you mean \"userinfo\"?"),
    (
        "carriers = [\"userinfo\"]",
        "carriers = [\"userinfo\"]\ncarrier = \"id_token\"",
        "carriers",
        "carrier stands here as well",
    ),
    ("name = \"liking\"", "name = \"color\"", "", "filled twice"),
    ("name = \"liking\"", "name = \"at_hash\"", "", "claim of the protocol itself"),
    ("introspects = [\"https://quiz.example\"]", "introspects = [\"https://quiz\"]", "", "no API \"https://quiz\""),
    // Policies.
    ("clients = [\"alexa\"]", "clients = [\"alexia\"]", "", "no client \"alexia\""),
    ("grants = [\"authorization_code\"]", "grants = []", "", "allows nothing"),
    ("grants = [\"authorization_code\"]", "grants = [\"refresh_token\"]", "", "refresh_token needs no rule"),
    (
        "users = [\"Ada\"]\ngroups = [\"gold\"]",
        "groups = [\"golden\"]",
        "",
        "no [[group]] of this file is called \"golden\"",
    ),
    ("factor = \"password\"", "factor = \"otp\"", "", "nobody can sign in with the factor \"otp\""),
    ("user.firstName != 'Eve'", "user.favoriteColor != 'red'", "", "people write favoriteColor themselves"),
    ("user.firstName != 'Eve'", "user['favoriteColor'] != 'red'", "", "people write favoriteColor themselves"),
    ("user.firstName != 'Eve'", "user.shoe > 17", "", "rule \"paying\" › when: there is no attribute \"shoe\""),
    (
        "access_token = 600",
        "access_token = 60",
        "",
        "rule \"paying\" › lifetimes.access_token: a token cannot live for 60",
    ),
    ("refresh_idle = 864001", "refresh_idle = 3600", "", "a link cannot end after 3600 seconds"),
    ("refresh_total = 8640000", "refresh_total = -1", "", "a link cannot end after -1 seconds"),
    (
        "name = \"paying\"\ngrants = [\"authorization_code\"]",
        "grants = [\"client_credentials\"]\nname = \"paying\"",
        "",
        "this matches nobody",
    ),
    ("grants = [\"authorization_code\"]", "grants = [\"implicit\"]", "", "unknown value \"implicit\""),
    // Clients.
    (
        "secret = \"0123456789abcdef0123456789abcdef\"",
        "secret = \"0123456789abcdef\"",
        "",
        "shorter than 32 characters",
    ),
    ("secret = \"0123456789abcdef0123456789abcdef\"\n", "", "id = \"alexa\"", "nothing to prove itself with"),
    ("secret = \"0123456789abcdef0123456789abcdef\"", "secret_file = \"nowhere\"", "", "nowhere: "),
    (
        "authentication = \"none\"",
        "authentication = \"none\"\nsecret = \"0123456789abcdef0123456789abcdef\"",
        "id = \"app\"",
        "keeps no secret",
    ),
    ("pkce_required = true", "pkce_required = false", "", "must use PKCE"),
    ("native = true", "grants = [\"client_credentials\"]", "id = \"app\"", "can prove itself"),
    ("native = true", "grants = [\"refresh_token\"]", "id = \"app\"", "refresh tokens come from"),
    (
        "native = true",
        "native = true\nauthorization = { subject_type = \"pairwize\" }",
        "subject_type",
        "did you mean \"pairwise\"?",
    ),
    (
        "redirect_uris = [\"http://127.0.0.1/back\"]",
        "redirect_uris = [\"http://127.0.0.1/back\", \"https://app.example/back\"]\nauthorization = { subject_type = \"pairwise\" }",
        "subject_type",
        "need one sector, and the redirect URIs name 2 hosts",
    ),
    (
        "native = true",
        "native = true\nauthorization = { sector_identifier = \"a.test\" }",
        "sector_identifier",
        "pairwise subjects only",
    ),
    (
        "native = true",
        "native = true\nauthorization = { subject_type = \"pairwise\", sector_identifier = \"https://a.test/\" }",
        "sector_identifier",
        "is no host",
    ),
    (
        "native = true",
        "native = true\nauthorization = { initiate_login_uri = \"http://app.example/start\" }",
        "initiate_login_uri",
        "plain http to another machine",
    ),
    (
        "native = true",
        "native = true\nauthorization = { initiate_login_uri = \"javascript:alert(1)\" }",
        "initiate_login_uri",
        "javascript:",
    ),
    (
        "native = true",
        "native = true\nauthorization = { target_link_uri = \"https://a.test/\" }",
        "target_link_uri",
        "could be sent with",
    ),
    ("overlap = 30", "overlap = 601", "", "not possible"),
    ("idle = 864000", "idle = 600", "", "lost overnight"),
];

#[test]
fn a_fault_is_told_with_its_line_and_a_remedy() {
    for &(from, to, at, words) in FAULTS {
        let text = WHOLE.replacen(from, to, 1);
        assert_ne!(text, WHOLE, "{from:?} is not in the file");
        let checked = checked(&text);
        // The finding's line holds the given words, or the last line of what was put in.
        let at = if at.is_empty() { to.lines().last().unwrap() } else { at };
        let found = checked.findings.iter().any(|finding| {
            let there = text.lines().nth(finding.line - 1).unwrap_or_default().contains(at);
            there && finding.to_string().contains(words) && !finding.fix.is_empty()
        });
        assert!(found, "{to:?}: no finding at {at:?} with {words:?} but:\n{}", printed(&checked));
        let fatal = checked.findings.iter().any(|finding| finding.severity == Severity::Error);
        assert_eq!(checked.config.is_none(), fatal, "{to:?}");
        assert!(!printed(&checked).contains("0123456789"), "{to:?}: a secret is shown");
    }
}
