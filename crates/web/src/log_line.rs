//! How a log line looks: when, how bad, in which request, where, what.

use std::fmt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::request_id::RequestId;

/// Prints each event in one line, with the number of the request that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct LogLine;

impl<S, N> FormatEvent<S, N> for LogLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let (level, target) = (*event.metadata().level(), event.metadata().target());
        SystemTime.format_time(&mut out)?;
        if out.has_ansi_escapes() {
            write!(out, " \x1b[{}m{level:>5}\x1b[0m ", color(level))?;
        } else {
            write!(out, " {level:>5} ")?;
        }
        if let Some(id) = RequestId::current() {
            write!(out, "request{{id=\"{}\"}}: ", id.as_str())?;
        }
        write!(out, "{target}: ")?;
        context.format_fields(out.by_ref(), event)?;
        writeln!(out)
    }
}

fn color(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 35,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::request_id::RequestIds;
    use crate::testing::entropy;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines(ansi: bool, work: impl Future<Output = ()>) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let log = tracing_subscriber::fmt().with_ansi(ansi).event_format(LogLine).with_writer(move || writer.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        tracing::subscriber::with_default(log.finish(), || runtime.block_on(work));
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_line_names_its_request_also_after_waiting_and_none_outside() {
        let ids = RequestIds::new(entropy());
        let (one, other) = (ids.draw(), ids.draw());
        let written = lines(false, async {
            let say = |id: RequestId| {
                id.clone().while_answering(async move {
                    tokio::task::yield_now().await;
                    tracing::info!(mine = id.as_str(), "inside");
                })
            };
            tokio::join!(say(one.clone()), say(other.clone()));
            tracing::warn!("outside");
        });
        for id in [&one, &other] {
            let expected =
                format!(" INFO request{{id=\"{0}\"}}: sayso_web::log_line::tests: inside mine=\"{0}\"\n", id.as_str());
            assert!(written.contains(&expected), "{written}");
        }
        assert!(written.ends_with(" WARN sayso_web::log_line::tests: outside\n"), "{written}");
        assert!(written.lines().all(|line| line.starts_with("20") && line.contains("Z ")), "{written}");
    }

    #[test]
    fn levels_have_colors_on_a_terminal() {
        let written = lines(true, async { tracing::error!("broken") });
        assert!(written.contains("\x1b[31mERROR\x1b[0m"), "{written:?}");
    }
}
