//! A browser without JavaScript, as plain as it gets: cookies, and forms found by the id of their button.

use std::collections::BTreeMap;

use reqwest::{Client, Response, Url};

use super::SUITE;
use super::serving::Server;

/// A person's browser; the person is the one of docs/conformance.toml, signs in when asked and allows everything.
pub(crate) struct Browser {
    client: Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn of(server: &Server) -> Self {
        Self { client: server.trusting(&server.certificate()), cookies: BTreeMap::new() }
    }

    /// Goes from there through the pages until it is sent back to the suite; that address.
    pub(crate) async fn walk(&mut self, url: &str) -> Url {
        let mut here: Url = url.parse().unwrap();
        let mut answer = self.ask(&here, None).await;
        for _ in 0..20 {
            if let Some(location) = answer.headers().get("location") {
                here = here.join(location.to_str().unwrap()).unwrap();
                if here.as_str().starts_with(SUITE) {
                    return here;
                }
                answer = self.ask(&here, None).await;
                continue;
            }
            let (status, page) = (answer.status(), answer.text().await.unwrap());
            let found = ["login", "allow", "logout"].into_iter().find_map(|id| Some((id, form_around(&page, id)?)));
            let (id, (action, mut fields)) = found.unwrap_or_else(|| panic!("no form at {here}, {status}: {page}"));
            if id == "login" {
                fields.insert("username".to_owned(), "ada".to_owned());
                fields.insert("password".to_owned(), "conformance-ada".to_owned());
            }
            here = here.join(&action).unwrap();
            answer = self.ask(&here, Some(&fields)).await;
        }
        panic!("no end at {here}")
    }

    /// Opens a page of the server's and signs in by that connection, at the provider as `jane`, until a page shows no more form to be
    /// answered on the way; that page.
    pub(crate) async fn come_by(&mut self, url: &str, connection: &str) -> String {
        let mut here: Url = url.parse().unwrap();
        let mut answer = self.ask(&here, None).await;
        for _ in 0..30 {
            if let Some(location) = answer.headers().get("location") {
                here = here.join(location.to_str().unwrap()).unwrap();
                answer = self.ask(&here, None).await;
                continue;
            }
            let page = answer.text().await.unwrap();
            if page.contains("id=\"continue\"") {
                let link = page.split("id=\"continue\"").nth(1).unwrap_or_default();
                here = attribute(link, "href").parse().unwrap();
                answer = self.ask(&here, None).await;
                continue;
            }
            let theirs = page.contains("name=\"prompt\"");
            let found =
                if theirs { form_of(&page, |_| true) } else { form_around(&page, &format!("with-{connection}")) };
            let Some((action, mut fields)) = found else { return page };
            for (name, typed) in [("login", "jane"), ("password", "anything")] {
                fields.entry(name.to_owned()).and_modify(|field| typed.clone_into(field));
            }
            here = here.join(&action).unwrap();
            answer = self.ask(&here, Some(&fields)).await;
        }
        panic!("no end at {here}")
    }

    /// Forgets the server's session, and nothing else.
    pub(crate) fn sign_out_here(&mut self) {
        self.cookies.retain(|name, _| !name.ends_with(".session"));
    }

    async fn ask(&mut self, url: &Url, form: Option<&BTreeMap<String, String>>) -> Response {
        let request = match form {
            Some(fields) => self.client.post(url.clone()).form(fields),
            None => self.client.get(url.clone()),
        };
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header("accept", "text/html").header("cookie", cookies.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// Where the form goes that contains the element of that id, and its fields.
fn form_around(page: &str, id: &str) -> Option<(String, BTreeMap<String, String>)> {
    form_of(page, |form| form.contains(&format!("id=\"{id}\"")))
}

/// Where the first such form goes, and its fields.
fn form_of(page: &str, such: impl Fn(&str) -> bool) -> Option<(String, BTreeMap<String, String>)> {
    let forms = page.split("<form").skip(1).map(|part| part.split("</form>").next().unwrap_or_default());
    let form = forms.into_iter().find(|form| such(form))?;
    let inputs = form.split("<input").skip(1).map(|input| input.split('>').next().unwrap_or_default());
    Some((
        attribute(form, "action"),
        inputs.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect(),
    ))
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let signs = [("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&#x2f;", "/"), ("&#x27;", "'"), ("&amp;", "&")];
    signs.iter().fold(value.to_owned(), |value, (written, sign)| value.replace(written, sign))
}
