//! The program: reads its command line, does what it says, and tells how that ended.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use coupontools_mirror::commands::{self, CommandLine, Exit};

fn main() -> ExitCode {
    match commands::start(CommandLine::parse()) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if failure.exit != Exit::Done {
                let _nobody_reads = writeln!(std::io::stderr(), "{failure}");
            }
            failure.exit.into()
        }
    }
}
