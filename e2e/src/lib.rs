//! What the stories of the whole binary share: the running demo, and a browser to look at it.

pub mod accessibility;
pub mod browser;
pub mod chromedriver;
pub mod demo;
pub mod stage;
