//! A browser as simple as a script would write it: pages, forms, cookies, redirects; no JavaScript.

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Url};

/// A cookie: name, value, path. Cookies know no ports, so authority and console see each other's, as in a real browser.
type Cookie = (String, String, String);

/// The browser, on a page.
pub(crate) struct Browser {
    client: Client,
    cookies: Vec<Cookie>,
    at: Url,
    page: String,
}

impl Browser {
    /// On no page yet.
    pub(crate) fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { client, cookies: Vec::new(), at: Url::parse("about:blank").unwrap(), page: String::new() }
    }

    /// The page it is on.
    pub(crate) fn page(&self) -> &str {
        &self.page
    }

    /// Goes to an address.
    pub(crate) async fn open(&mut self, url: &str) {
        self.go(Method::GET, Url::parse(url).unwrap(), Vec::new()).await;
    }

    /// Goes to an address as soon as someone answers there.
    pub(crate) async fn wait_for(&mut self, url: &str) {
        for _ in 0..200 {
            if self.client.get(url).send().await.is_ok() {
                return self.open(url).await;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("nobody answers at {url}");
    }

    /// Fills in the form around the button of this id, and presses the button.
    pub(crate) async fn press(&mut self, button: &str, values: &[(&str, &str)]) {
        let form = Form::around(&self.page, button)
            .unwrap_or_else(|| panic!("{} has no button {button:?}: {}", self.at, self.page));
        let mut fields = form.fields;
        for (name, value) in values {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        let action = self.at.join(&form.action).unwrap();
        self.go(Method::POST, action, fields).await;
    }

    async fn go(&mut self, method: Method, url: Url, fields: Vec<(String, String)>) {
        let (mut method, mut url, mut fields) = (method, url, fields);
        for _ in 0..20 {
            let mut request = self.client.request(method.clone(), url.clone()).header("accept", "text/html,*/*;q=0.8");
            if let Some(cookies) = self.cookies_for(&url) {
                request = request.header(COOKIE, cookies);
            }
            if method == Method::POST {
                request = request.form(&fields);
            }
            let answer = request.send().await.unwrap();
            let (status, headers) = (answer.status(), answer.headers().clone());
            self.remember(&url, &headers);
            self.page = answer.text().await.unwrap();
            assert!(!status.is_server_error(), "{method} {url}: {status}: {}", self.page);
            let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
            match location.filter(|_| status.is_redirection()) {
                Some(location) => {
                    url = url.join(location).unwrap();
                    (method, fields) = (Method::GET, Vec::new());
                }
                None => {
                    self.at = url;
                    return;
                }
            }
        }
        panic!("redirected in circles, at last to {url}");
    }

    fn cookies_for(&self, url: &Url) -> Option<String> {
        let within = |path: &str| {
            url.path()
                .strip_prefix(path)
                .is_some_and(|rest| path.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
        };
        let sent = self.cookies.iter().filter(|(_, _, path)| within(path));
        let pairs: Vec<String> = sent.map(|(name, value, _)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    fn remember(&mut self, url: &Url, headers: &HeaderMap) {
        for line in headers.get_all(SET_COOKIE) {
            let mut parts = line.to_str().unwrap().split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let attributes: Vec<(String, &str)> = parts
                .map(|part| part.split_once('=').unwrap_or((part, "")))
                .map(|(n, v)| (n.to_lowercase(), v))
                .collect();
            let attribute = |name: &str| attributes.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
            let folder =
                url.path().rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
            let path = attribute("path").unwrap_or(folder).to_owned();
            self.cookies.retain(|(known, _, at)| (known.as_str(), at) != (name, &path));
            if attribute("max-age") != Some("0") {
                self.cookies.push((name.to_owned(), value.to_owned(), path));
            }
        }
    }
}

/// A form as it would be sent.
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    /// The form with the element of this id in it.
    fn around(page: &str, id: &str) -> Option<Self> {
        let mark = format!("id=\"{id}\"");
        let html = page.split("<form").skip(1).map(|part| part.split("</form>").next().unwrap_or(part));
        let html = html.into_iter().find(|form| form.contains(&mark))?;
        let action = attribute(html.split('>').next()?, "action")?;
        let (mut fields, mut choosing) = (Vec::new(), false);
        for tag in html.split('<') {
            let named = |tag: &str| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()));
            let tag_name = tag.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default();
            match tag_name {
                "input" => fields.extend(named(tag)),
                "button" if tag.contains(&mark) => fields.extend(named(tag)),
                "select" => {
                    choosing = true;
                    fields.extend(attribute(tag, "name").map(|name| (name, String::new())));
                }
                // The first choice stands for its list, an empty one too.
                "option" if choosing => {
                    choosing = false;
                    if let (Some((_, value)), Some(first)) = (fields.last_mut(), attribute(tag, "value")) {
                        *value = first;
                    }
                }
                _ => {}
            }
        }
        Some(Self { action, fields })
    }
}

/// The value of an attribute in a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
    let plain = [
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2f;", "/"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    Some(plain.iter().fold(value.to_owned(), |text, (coded, sign)| text.replace(coded, sign)))
}
