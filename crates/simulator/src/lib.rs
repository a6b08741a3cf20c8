//! The local Alexa cloud and its console.
//!
//! A [`Simulator`] reads skill packages, understands typed sentences, links accounts as an OAuth client, sends the signed
//! request the cloud would send, and keeps what happened as a [`trace::Turn`] for its console.

mod alexa_api;
mod answer;
mod authority_keys;
mod conclusion;
mod connected_app;
mod connection;
mod console;
mod conversation;
mod deliver;
mod dialogs;
mod doctor;
mod endpoint;
mod envelope;
mod exchange;
mod faults;
mod hearing;
mod home;
mod household;
mod inside;
mod keep;
mod linking;
mod model_file;
mod news;
mod outbound;
mod package;
mod package_check;
mod saying;
pub mod script;
mod scrub;
mod settings;
mod signer;
mod simulator;
mod skill_files;
mod span;
mod speech;
mod time_zone;
pub mod trace;
mod trust;
pub mod understand;
mod utterance_cases;
mod verdict;

pub use authority_keys::{AuthorityKeys, KeyChange};
pub use doctor::{Checked, Examination, Health, Returning};
pub use faults::Fault;
pub use model_file::{ReadModel, read_model};
pub use package_check::{FileFinding, PackageReport, check_skill};
pub use saying::{Device, Saying, Utterance};
pub use sayso_alexa::check::Severity;
pub use settings::{OpenError, Settings, SkillSetup, skill_id_for};
pub use simulator::{Simulator, redirect_uris};
pub use skill_files::choose_model;
pub use time_zone::TimeZone;
pub use utterance_cases::{CaseOutcome, UtteranceCases};
