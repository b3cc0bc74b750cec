//! The program `phteah`.

use std::process::ExitCode;

use clap::Parser;
use phteah_server::cli::Cli;
use phteah_server::commands;
use phteah_server::commands::terminal::tell;

fn main() -> ExitCode {
    if phteah_layers::reading_process::serve_if_asked() {
        return ExitCode::SUCCESS;
    }
    // Wrong usage ends here, with exit code 2.
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error);
            ExitCode::from(error.exit_code())
        }
    }
}
