//! `completions`: what a shell needs to complete this program's command line, made from the command line itself.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{CommandLine, Exit, Failure};
use crate::output::print;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror completions bash > /etc/bash_completion.d/coupontools-mirror
  coupontools-mirror completions zsh > ~/.zfunc/_coupontools-mirror
  coupontools-mirror completions fish > ~/.config/fish/completions/coupontools-mirror.fish

The package brings those of bash, zsh and fish.";

/// `completions`' arguments.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Which shell's
    pub shell: Shell,
}

/// Prints them.
///
/// # Errors
/// When standard output can't be written to.
pub fn run(args: Args) -> Result<Exit, Failure> {
    let mut command = CommandLine::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    print(String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
