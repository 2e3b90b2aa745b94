//! `man`: manual pages, a page for each command, made from the command line itself and from what the code knows of
//! variables and exit codes. What the configuration's keys mean is not here: the sample configuration says it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{CommandLine, Exit, Failure};
use crate::config::VARIABLES;
use crate::output::print;

const SECTION: &str = "1";

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror man --output ~/.local/share/man/man1
  coupontools-mirror man | man -l -

The package brings them.";

/// What begins the paragraph of examples in a command's help.
const EXAMPLES_TITLE: &str = "Examples:\n";

const FILES: [(&str, &str); 5] = [
    ("/etc/coupontools-mirror/coupontools-mirror.toml", "the configuration, unless another is named"),
    (
        "/etc/coupontools-mirror/client_id, client_secret",
        "the keys of account default; `coupontools-mirror keys` writes them",
    ),
    ("/var/lib/coupontools-mirror/mirror.db", "the mirror; -wal and -shm beside it belong to it"),
    ("/var/lib/coupontools-mirror/mirror.db-key", "what masks are made with"),
    ("/var/lib/coupontools-mirror/mirror.db-tokens", "who may read over HTTP: names and hashes"),
];

/// `man`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Write every command's page into this folder, instead of the main page to standard output
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
}

/// Prints the main page, or writes all of them.
///
/// # Errors
/// When they can't be written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let mut program = CommandLine::command().disable_help_subcommand(true);
    program.build();
    match &args.output {
        None => print(String::from_utf8_lossy(&page(&program)?))?,
        Some(folder) => {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
            write(&program, folder)?;
        }
    }
    Ok(Exit::Done)
}

fn write(command: &Command, folder: &Path) -> Result<(), Failure> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let path = folder.join(format!("{name}.{SECTION}"));
    fs::write(&path, page(command)?).with_context(|| format!("cannot write {}", path.display()))?;
    command.get_subcommands().try_for_each(|inner| write(inner, folder))
}

fn page(command: &Command) -> Result<Vec<u8>, Failure> {
    rendered(command).context("cannot make a manual page").map_err(Failure::from)
}

fn rendered(command: &Command) -> io::Result<Vec<u8>> {
    let is_main = command.get_version().is_some();
    let source = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(if is_main { command.clone() } else { own_options(command) })
        .section(SECTION)
        .source(source)
        .manual("Coupontools mirror");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    if !is_main {
        let mut roff = Roff::new();
        notes(&mut roff, &help);
        roff.to_writer(&mut text)?;
    }
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut roff = Roff::new();
    if is_main {
        roff.control("SH", ["ENVIRONMENT"]);
        VARIABLES.iter().for_each(|(name, meaning)| tagged(&mut roff, name, meaning));
        roff.control("SH", ["FILES"]);
        FILES.iter().for_each(|(name, meaning)| tagged(&mut roff, name, meaning));
        roff.control("SH", ["EXIT STATUS"]);
        Exit::ALL.iter().for_each(|exit| tagged(&mut roff, &exit.code().to_string(), exit.meaning()));
    }
    examples(&mut roff, &help);
    if !is_main {
        roff.control("SH", ["SEE ALSO"]);
        roff.text([
            bold(env!("CARGO_PKG_NAME")),
            roman(format!(
                "({SECTION}) has the options that every command understands, variables, files and exit codes."
            )),
        ]);
    }
    roff.to_writer(&mut text)?;
    Ok(text)
}

/// The command without what every command understands.
fn own_options(command: &Command) -> Command {
    command.clone().mut_args(|argument| if argument.is_global_set() { argument.hide(true) } else { argument })
}

fn tagged(roff: &mut Roff, name: &str, meaning: &str) {
    roff.control("TP", []).text([bold(name)]).text([roman(meaning)]);
}

/// What the help says besides its examples.
fn notes(roff: &mut Roff, help: &str) {
    for text in help.split("\n\n").filter(|text| !text.starts_with(EXAMPLES_TITLE)) {
        roff.control("PP", []);
        verbatim_where_indented(roff, text);
    }
}

fn examples(roff: &mut Roff, help: &str) {
    if let Some(text) = help.split("\n\n").find_map(|text| text.strip_prefix(EXAMPLES_TITLE)) {
        roff.control("SH", ["EXAMPLES"]);
        verbatim_where_indented(roff, text);
    }
}

fn verbatim_where_indented(roff: &mut Roff, text: &str) {
    let mut is_verbatim = false;
    for line in text.lines() {
        if line.starts_with("  ") != is_verbatim {
            is_verbatim = !is_verbatim;
            roff.control(if is_verbatim { "EX" } else { "EE" }, []);
        }
        roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    if is_verbatim {
        roff.control("EE", []);
    }
}
