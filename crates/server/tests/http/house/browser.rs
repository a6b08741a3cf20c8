//! A program that walks forms, as a browser without JavaScript would: it keeps cookies, finds the form around an
//! element id, and submits its named inputs.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use axum::body::Body;
use http::Request;
use http::header::{CONTENT_TYPE, COOKIE};

use super::{Answer, Ask, FORM, House, PASSWORD, encode};

#[derive(Clone)]
pub(crate) struct Browser<'a> {
    house: &'a House,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) address: IpAddr,
}

/// A form as it stands on a page.
#[derive(Clone, Debug)]
pub(crate) struct PageForm {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl PageForm {
    /// The form that contains the element of that id.
    #[track_caller]
    pub(crate) fn around(page: &Answer, id: &str) -> Self {
        let marked = format!("id=\"{id}\"");
        let form = page.body.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next());
        let form = form.into_iter().find(|form| form.contains(&marked));
        let form = form.unwrap_or_else(|| panic!("no form around {id}: {} {}", page.status, page.body));
        let action = attribute(form, "action").unwrap();
        assert!(form.starts_with(" method=\"post\""), "{form}");
        let inputs = form.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
        let mut fields: Vec<_> = inputs
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default())))
            .collect();
        let pressed = form.split("<button").find(|button| button.contains(&marked)).and_then(|b| b.split('>').next());
        fields.extend(
            pressed
                .and_then(|button| Some((attribute(button, "name")?, attribute(button, "value").unwrap_or_default()))),
        );
        Self { action, fields }
    }

    /// Types into a field, or adds one.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn body(&self) -> String {
        let fields: Vec<_> = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        encode(&fields)
    }
}

/// The value of an attribute of the first tag in `text`.
fn attribute(text: &str, name: &str) -> Option<String> {
    let tag = text.split('>').next()?;
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let value = rest.split('"').next()?;
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    Some(entities.iter().fold(value.to_owned(), |text, (entity, sign)| text.replace(entity, sign)))
}

impl<'a> Browser<'a> {
    pub(crate) fn new(house: &'a House) -> Self {
        Self { house, cookies: BTreeMap::new(), address: Ipv4Addr::LOCALHOST.into() }
    }

    /// The same browser at another installation, as after a restart of the server.
    pub(crate) fn at<'b>(&self, house: &'b House) -> Browser<'b> {
        Browser { house, cookies: self.cookies.clone(), address: self.address }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).header("accept", "text/html").body(Body::empty()).unwrap();
        self.send(request).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: String) -> Answer {
        let request = Request::post(path).header("accept", "text/html").header(CONTENT_TYPE, FORM);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let answer = self.house.send_from(self.address, request).await;
        for cookie in answer.cookies() {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Sends a form.
    pub(crate) async fn submit(&mut self, form: &PageForm) -> Answer {
        self.post(&form.action, form.body()).await
    }

    /// Presses a button.
    pub(crate) async fn press(&mut self, page: &Answer, id: &str) -> Answer {
        self.submit(&PageForm::around(page, id)).await
    }

    /// Follows redirects within the authority; the first page, or the redirect that leads away.
    pub(crate) async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            match answer.location() {
                Some(path) if answer.status == 303 && path.starts_with('/') => {
                    let path = path.to_owned();
                    answer = self.get(&path).await;
                }
                _ => return answer,
            }
        }
        panic!("redirects without end");
    }

    /// Opens an address and follows it to its page.
    pub(crate) async fn open(&mut self, path: &str) -> Answer {
        let answer = self.get(path).await;
        self.follow(answer).await
    }

    /// Answers a login page.
    pub(crate) async fn log_in(&mut self, page: &Answer, username: &str, password: &str) -> Answer {
        let form = PageForm::around(page, "login").set("username", username).set("password", password);
        self.submit(&form).await
    }

    /// Signs in for the account page.
    pub(crate) async fn sign_in(&mut self, side: super::Side, username: &str) -> Answer {
        let page = self.open(&side.page("/account")).await;
        let answer = self.log_in(&page, username, PASSWORD).await;
        self.follow(answer).await
    }

    /// Goes up to the consent page, signing in on the way if asked; past it where a link remembers the consent.
    async fn arrive(&mut self, ask: &Ask, username: &str) -> Answer {
        let mut page = self.open(&ask.path()).await;
        if page.body.contains("id=\"login\"") {
            let answer = self.log_in(&page, username, PASSWORD).await;
            page = self.follow(answer).await;
        }
        page
    }

    /// Goes up to the consent page, signing in on the way if asked.
    pub(crate) async fn consent_page(&mut self, ask: &Ask, username: &str) -> Answer {
        let page = self.arrive(ask, username).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page
    }

    /// Goes through the whole flow; the redirect to the client.
    pub(crate) async fn allow(&mut self, ask: &Ask, username: &str) -> Answer {
        let page = self.arrive(ask, username).await;
        if page.status == 303 {
            return page;
        }
        assert_eq!(page.status, 200, "{}", page.body);
        let answer = self.press(&page, "allow").await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer
    }
}
