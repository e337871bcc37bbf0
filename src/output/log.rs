//! The log: what is read, locked, requested and decided, told on standard error with the seconds since the start.
//!
//! In: how often `-v` was given, and the directives of the variable `PANKA_LOG`. Out: lines on standard error, each written at once and whole.
//! Whoever logs gives keys, addresses, types, sizes, counts and outcomes: never the value of a property, a secret, a token or the body of a
//! request. What dependencies log is not held to that, so `-v` never shows it; only `PANKA_LOG` does.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{EnvFilter, Targets};
use tracing_subscriber::fmt::time::uptime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry};

use super::Options;
use crate::diagnostic::codes::command::P0017;
use crate::diagnostic::{Diagnostic, Error};

/// Which lines are written.
type Filter = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts the log. `directives` are those of `PANKA_LOG`; they count instead of `verbose`.
pub fn start(verbose: u8, directives: Option<&str>, options: &Options) -> Result<(), Error> {
    let filter: Filter = match directives {
        Some(directives) => chosen(directives)?.boxed(),
        // Without directives nothing has to be parsed, which every start of the program would pay for.
        None => Targets::new().with_target("panka", level(verbose, options.quiet)).boxed(),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_timer(uptime())
        .with_target(false)
        .with_ansi(options.colour && options.stderr_is_terminal)
        // Nobody reads the log of a closed standard error.
        .log_internal_errors(false);
    // One that an embedder has set up already stays.
    tracing_subscriber::registry().with(filter).with(lines).try_init().ok();
    Ok(())
}

/// The level that flags ask for.
fn level(verbose: u8, quiet: bool) -> LevelFilter {
    match verbose {
        0 if quiet => LevelFilter::ERROR,
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

fn chosen(directives: &str) -> Result<EnvFilter, Error> {
    EnvFilter::builder().with_regex(false).parse(directives).map_err(|error| {
        Diagnostic::new(P0017, format!("PANKA_LOG cannot be `{directives}`: {error}"))
            .help("a level, or levels of parts of the program: debug; panka=debug; panka::lock=debug,panka=info")
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_v_tells_more_and_quiet_less() {
        let levels = [(0, true), (0, false), (1, false), (2, false), (3, false), (9, false)].map(|(verbose, quiet)| level(verbose, quiet));
        let expected =
            [LevelFilter::ERROR, LevelFilter::WARN, LevelFilter::INFO, LevelFilter::DEBUG, LevelFilter::TRACE, LevelFilter::TRACE];
        assert_eq!(levels, expected);
    }

    #[test]
    fn directives_that_cannot_be_read_are_refused() {
        for text in ["panka=loud", "panka=info,nonsense=9", "panka[", "="] {
            let code = chosen(text).map(drop).unwrap_err().findings()[0].code;
            assert_eq!(code.name(), "P0017", "{text}");
        }
        for text in ["debug", "panka=debug", "panka::lock=debug,panka=info", "off"] {
            assert!(chosen(text).is_ok(), "{text}");
        }
    }
}
