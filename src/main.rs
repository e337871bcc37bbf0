//! The `panka` binary: calls the library and returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    panka::run().into()
}
