//! The `panka` binary: collects the arguments, calls the library, returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::SUCCESS
}
