//! Shared HTTP manners: listening, headers, cookies, CSRF, locale, pages, assets, limits.
//!
//! A rim builds its plain [`axum::Router`] and hands it to [`manners::Manners::dress`], which adds what every answer
//! needs in the right order; [`listen`] serves it.

pub mod assets;
pub mod cookies;
pub mod csrf;
pub mod etag;
pub mod faces;
pub mod harmless;
pub mod headers;
pub mod host;
pub mod limits;
pub mod listen;
pub mod locale;
pub mod log_line;
pub mod manners;
pub mod pages;
pub mod published;
pub mod request_id;
pub mod texts;

#[cfg(test)]
mod testing;
