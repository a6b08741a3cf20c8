//! What a login page must not do in the app's web view.

use std::collections::BTreeSet;

use sayso_alexa::account_linking::AccountLinking;
use url::Url;

use super::{Checked, trials};
use crate::outbound::Incoming;
use crate::package::Skill;

/// Looks at the page's source, if a page was shown at once.
pub(crate) fn judge(incoming: &Incoming, (skill, linking): (&Skill, &AccountLinking), uri: &str) -> Vec<Checked> {
    let is_page = incoming.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    if incoming.status != 200 || !is_page {
        return Vec::new();
    }
    let source = String::from_utf8_lossy(&incoming.body);
    let trial = trials::PHONE;
    let mut checks = Vec::new();
    if !source.contains("name=\"viewport\"") && !source.contains("name='viewport'") {
        let remedy = "Add <meta name=\"viewport\" content=\"width=device-width\">.";
        checks.push(Checked::doubtful(trial, "It does not say that it fits a phone.", remedy));
    }
    for (sign, what) in [("window.open(", "opens another window"), ("alert(", "shows an alert box")] {
        if source.contains(sign) {
            let remedy = "Amazon's requirements forbid pop-ups and alert boxes: show it within the page.";
            checks.push(Checked::doubtful(
                trial,
                format!("It {what}, which the app's web view does not show."),
                remedy,
            ));
        }
    }
    let foreign = foreign_hosts(&source, linking);
    if !foreign.is_empty() {
        let hosts = foreign.into_iter().collect::<Vec<_>>().join(", ");
        let found = format!("It loads from hosts that \"domains\" does not name: {hosts}.");
        checks.push(Checked::doubtful(trial, found, "Add them to \"domains\", or serve these files yourself."));
    }
    let policy = incoming.header("content-security-policy").unwrap_or_default();
    if let Some(targets) = policy.split(';').find_map(|part| part.trim().strip_prefix("form-action")) {
        let origin = Url::parse(uri).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        if !targets.split_whitespace().any(|target| target == "*" || target == origin || target == "https:") {
            let found = format!("Its Content-Security-Policy lets no form end at {origin}.");
            let remedy = "Name the redirect URI's origin in form-action, at the latest on the page whose form is answered by the redirect.";
            checks.push(Checked::doubtful(trial, found, remedy));
        }
    }
    if checks.is_empty() {
        checks.push(Checked::good(trial, "Nothing in its source speaks against the app's web view."));
    }
    checks.push(brand(&source, skill));
    checks
}

/// A person must see whose page it is.
fn brand(source: &str, skill: &Skill) -> Checked {
    let source = source.to_lowercase();
    let named = skill.voices.keys().filter_map(|locale| skill.manifest.name(locale)).chain([skill.name.as_str()]);
    if named.into_iter().any(|name| source.contains(&name.to_lowercase())) {
        return Checked::good(trials::BRAND, "It names the skill.");
    }
    let remedy =
        "See that it shows the company's name, or the skill's: certification wants a page whose owner is plain.";
    Checked::unknown(trials::BRAND, "It does not name the skill, unless a script does.", remedy)
}

/// The hosts that scripts, styles, pictures and forms name, other than the page's own and those of the settings.
fn foreign_hosts(source: &str, linking: &AccountLinking) -> BTreeSet<String> {
    let own = Url::parse(&linking.authorization_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let known = |host: &str| {
        own.as_deref() == Some(host)
            || linking.domains.iter().any(|domain| {
                let domain = domain.trim_start_matches("*.");
                host == domain || host.strip_suffix(domain).is_some_and(|before| before.ends_with('.'))
            })
    };
    let loads = ["src=\"", "src='", "action=\"", "action='", "rel=\"stylesheet\" href=\""];
    let named = loads.iter().flat_map(|sign| source.split(sign).skip(1));
    let urls = named.filter_map(|rest| Url::parse(rest.split(['"', '\'']).next()?).ok());
    urls.filter_map(|url| url.host_str().map(str::to_owned)).filter(|host| !known(host)).collect()
}
