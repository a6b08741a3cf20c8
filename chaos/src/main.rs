//! Plays the long scenarios; `cargo xtask chaos` builds and starts this.

fn main() {}
