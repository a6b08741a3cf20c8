//! When to end.

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Tells everyone who asks that the end was asked for.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens for SIGINT and SIGTERM. The first asks for the end, the second ends at once.
    pub(crate) fn on_signals() -> anyhow::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            let mut asked = 0;
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                asked += 1;
                if asked > 1 {
                    // Nothing acknowledged is lost: the store is durable at every moment.
                    std::process::exit(130);
                }
                tracing::info!("stopping; once more ends it at once");
                let _ = sender.send(true);
            }
        });
        Ok(Self(receiver))
    }

    /// Resolves once the end was asked for.
    pub(crate) async fn asked(mut self) {
        // The sender lives as long as the process listens for signals.
        let _ = self.0.wait_for(|asked| *asked).await;
    }
}
