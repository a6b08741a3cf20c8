//! Style sheets, scripts and pictures: embedded ones, and over them the owner's. The URL carries a digest of the
//! content, so browsers keep a file for a year and still see a change at once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use rust_embed::RustEmbed;
use sayso_token::digest::Digest;

use crate::etag::unless_at_hand;

/// The files shared by every rim: the design's colours, spaces and forms in `sayso.css`, the mark in `mark.svg`.
#[derive(RustEmbed)]
#[folder = "assets/"]
pub struct Shared;

/// The files served under `/assets/`.
#[derive(Clone, Debug, Default)]
pub struct Assets(BTreeMap<String, Asset>);

#[derive(Clone, Debug)]
struct Asset {
    content: Bytes,
    kind: &'static str,
    digest: String,
    etag: HeaderValue,
}

impl Assets {
    /// The [`Shared`] files.
    pub fn shared() -> Self {
        Self::default().with::<Shared>()
    }

    /// Adds embedded files; later ones replace earlier ones of the same name.
    pub fn with<E: RustEmbed>(mut self) -> Self {
        for name in E::iter() {
            let Some(file) = E::get(&name) else { continue };
            let content = match file.data {
                Cow::Borrowed(content) => Bytes::from_static(content),
                Cow::Owned(content) => content.into(),
            };
            self.add(name.into_owned(), content);
        }
        self
    }

    /// Adds the files directly in the owner's `folder`, if it exists.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be read.
    pub fn with_folder(mut self, folder: &Path) -> std::io::Result<Self> {
        if !folder.is_dir() {
            return Ok(self);
        }
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file()
                && let Ok(name) = entry.file_name().into_string()
            {
                self.add(name, std::fs::read(entry.path())?.into());
            }
        }
        Ok(self)
    }

    fn add(&mut self, name: String, content: Bytes) {
        let digest: String = Digest::of(&content).base64url().chars().take(12).collect();
        // base64url signs only, so the quoted digest is a header value.
        let etag = HeaderValue::try_from(format!("\"{digest}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        let asset = Asset { kind: kind_of(&name), digest, etag, content };
        self.0.insert(name, asset);
    }

    /// The URL path of the file called `name`, with its digest; `None` when there is none.
    pub fn url(&self, name: &str) -> Option<String> {
        let asset = self.0.get(name)?;
        Some(format!("/assets/{}/{name}", asset.digest))
    }

    /// The content of the file called `name`.
    pub fn content(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(|asset| asset.content.as_ref())
    }

    /// The names of all files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Serves `/assets/{digest}/{name}` and, for hand-written links, `/assets/{name}`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/assets/{name}", get(plain))
            .route("/assets/{digest}/{name}", get(hashed))
            .with_state(Arc::new(self.clone()))
    }

    fn answer(&self, name: &str, digest: Option<&str>, headers: &HeaderMap) -> Response {
        let Some(asset) = self.0.get(name) else {
            return (StatusCode::NOT_FOUND, [(CONTENT_TYPE, "text/plain; charset=utf-8")], "no such file\n")
                .into_response();
        };
        // A page made before an update asks by the old digest: it gets the new file, but may not keep it.
        let lasting = if digest == Some(asset.digest.as_str()) {
            HeaderValue::from_static("public, max-age=31536000, immutable")
        } else {
            HeaderValue::from_static("no-cache")
        };
        let kind = HeaderValue::from_static(asset.kind);
        let mut answer = ([(CONTENT_TYPE, kind)], asset.content.clone()).into_response();
        let kept = answer.headers_mut();
        kept.insert(CACHE_CONTROL, lasting);
        kept.insert(ETAG, asset.etag.clone());
        kept.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
        unless_at_hand(headers, answer)
    }
}

async fn plain(State(assets): State<Arc<Assets>>, UrlPath(name): UrlPath<String>, headers: HeaderMap) -> Response {
    assets.answer(&name, None, &headers)
}

async fn hashed(
    State(assets): State<Arc<Assets>>,
    UrlPath((digest, name)): UrlPath<(String, String)>,
    headers: HeaderMap,
) -> Response {
    assets.answer(&name, Some(&digest), &headers)
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("ico") => "image/x-icon",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json" | "webmanifest") => "application/json",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod contrast;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::testing::text;
    use axum::body::Body;
    use axum::extract::Request;
    use http::header::IF_NONE_MATCH;
    use tower::ServiceExt as _;

    async fn get_it(assets: &Assets, path: &str, none_match: Option<&str>) -> Response {
        let mut request = Request::get(path);
        if let Some(tag) = none_match {
            request = request.header(IF_NONE_MATCH, tag);
        }
        assets.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_hashed_url_is_kept_for_a_year() {
        let assets = Assets::shared();
        let url = assets.url("sayso.css").unwrap();
        let answer = get_it(&assets, &url, None).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(answer.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        let etag = answer.headers()[ETAG].to_str().unwrap().to_owned();
        assert!(text(answer).await.contains("--ink"));
        for (tag, status) in [(etag.as_str(), 304), (&format!("W/{etag}, \"x\""), 304), ("*", 304), ("\"x\"", 200)] {
            assert_eq!(get_it(&assets, &url, Some(tag)).await.status(), status, "{tag}");
        }
    }

    #[tokio::test]
    async fn an_old_or_missing_digest_is_served_but_not_kept() {
        let assets = Assets::shared();
        for path in ["/assets/sayso.css", "/assets/AAAAAAAAAAAA/sayso.css"] {
            let answer = get_it(&assets, path, None).await;
            assert_eq!(
                (answer.status(), answer.headers()[CACHE_CONTROL].as_bytes()),
                (StatusCode::OK, &b"no-cache"[..]),
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn only_files_are_served() {
        let assets = Assets::shared();
        for path in
            ["/assets/none.css", "/assets/x/none.css", "/assets/%2e%2e%2fCargo.toml", "/assets/..%2f..%2fetc/passwd"]
        {
            assert_eq!(get_it(&assets, path, None).await.status(), 404, "{path}");
        }
    }

    #[tokio::test]
    async fn the_owners_file_wins_and_changes_the_url() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("sayso.css"), "body { color: plum }").unwrap();
        let assets = Assets::shared().with_folder(folder.path()).unwrap();
        let url = assets.url("sayso.css").unwrap();
        assert_ne!(Some(&url), Assets::shared().url("sayso.css").as_ref());
        assert_eq!(text(get_it(&assets, &url, None).await).await, "body { color: plum }");
        assert!(Assets::shared().with_folder(&folder.path().join("none")).is_ok());
    }
}
