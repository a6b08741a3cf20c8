//! Reverse proxy in front of the owner's APIs; not built yet.
