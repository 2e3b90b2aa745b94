//! `keys`: takes an account's keys and writes them into their files. Asks for them at a terminal, the secret unseen,
//! else reads two lines. No key is ever an argument, and none is printed.
//!
//! Deliberately not here: whether they work. `check` makes a call with them.

use std::fs;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use anyhow::Context as _;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};

use super::{Context, Exit, Failure};
use crate::config::{KeyFiles, KeyPair, KeyPairError, Settings};
use crate::output::print;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror keys
  sudo coupontools-mirror keys --account south
  coupontools-mirror keys --config mirror.toml < two-lines

Asks for the client ID and the client secret, or reads them from standard input, a line each. They go into the files \
client_id and client_secret beside the configuration, or into those that [accounts.NAME] names, readable for their owner \
alone. `sudo coupontools-mirror check` tries them.";

/// Two keys, each at its longest, and the ends of their lines.
const INPUT_BYTES_MAX: u64 = 8200;
const FOLDER_MODE: u32 = 0o755;

/// `keys`' arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Whose keys [default: those of account `default`]
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
}

/// Takes the keys and writes them.
///
/// # Errors
/// When they are no keys, or can't be written; then nothing was.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = Settings::load(&context.flags, &context.environment)?;
    let account = args.account.as_deref();
    let files =
        settings.find_key_files(account).ok_or_else(|| unnamed(&settings, account.unwrap_or_default()))?;
    let pair = if io::stdin().is_terminal() { ask().await? } else { read()? };
    make_folder(&settings.source.folder, &files)?;
    pair.write(&files, owner(&settings, &files))?;
    // The pair beside the configuration is a credential, which systemd hands over when it starts the daemon; what the
    // configuration names, the daemon reads itself.
    let (taken, verb) =
        if is_beside(&settings, &files) { ("restarted", "restart") } else { ("reloaded", "reload") };
    print(format_args!(
        "written: {}, {}\n\
         next: sudo systemctl enable --now coupontools-mirror\n\
         A daemon that runs already takes them when it is {taken}: sudo systemctl {verb} coupontools-mirror\n",
        files.client_id.display(),
        files.client_secret.display(),
    ))?;
    Ok(Exit::Done)
}

fn unnamed(settings: &Settings, account: &str) -> Failure {
    let file = settings
        .source
        .file
        .clone()
        .unwrap_or_else(|| settings.source.folder.join("coupontools-mirror.toml"));
    let error = anyhow::anyhow!(
        "cannot write the keys of account {account}: the configuration names no files for them"
    );
    Failure::new(Exit::Misconfigured, error).hint(format!(
        "add to {}: [accounts.{account}] client_id_file = \"{account}.id\", client_secret_file = \"{account}.secret\"; \
         then give the keys again",
        file.display()
    ))
}

/// Whether they are the pair beside the configuration.
fn is_beside(settings: &Settings, files: &KeyFiles) -> bool {
    *files == KeyFiles::in_folder(&settings.source.folder)
}

/// The configuration's own folder, where a program that was not installed by a package never made one.
fn make_folder(folder: &Path, files: &KeyFiles) -> Result<(), Failure> {
    if *files != KeyFiles::in_folder(folder) || folder.as_os_str().is_empty() || folder.exists() {
        return Ok(());
    }
    let made = fs::DirBuilder::new().mode(FOLDER_MODE).create(folder);
    made.with_context(|| format!("cannot make {}", folder.display()))
        .map_err(|error| Failure::from(error).hint(HINT_WRITE))
}

/// Whose new files are: systemd hands the pair beside the configuration to the daemon; what the configuration names,
/// the daemon reads itself, as whoever its own folder belongs to.
fn owner(settings: &Settings, files: &KeyFiles) -> Option<(u32, u32)> {
    if is_beside(settings, files) {
        return None;
    }
    let folder = settings.database.parent().filter(|folder| !folder.as_os_str().is_empty())?;
    folder.metadata().ok().map(|folder| (folder.uid(), folder.gid()))
}

const HINT_WRITE: &str = "run it with sudo, or as whoever the folder belongs to";

impl From<KeyPairError> for Failure {
    fn from(error: KeyPairError) -> Self {
        let (exit, hint) = match &error {
            KeyPairError::NoKey { .. } => {
                (Exit::Usage, "both stand on the vendor's page of the account's API keys; copy each whole")
            }
            KeyPairError::File { .. } => (Exit::Failed, HINT_WRITE),
        };
        Self::new(exit, error).hint(hint)
    }
}

/// Two lines of standard input; nothing after them.
fn read() -> Result<KeyPair, Failure> {
    let mut text = String::new();
    io::stdin().lock().take(INPUT_BYTES_MAX + 1).read_to_string(&mut text).map_err(unreadable)?;
    let mut lines = text.lines();
    let mut line = || SecretString::from(lines.next().unwrap_or_default());
    let pair = KeyPair::validate(&line(), &line())?;
    if text.len() as u64 > INPUT_BYTES_MAX || lines.any(|line| !line.trim().is_empty()) {
        return Err(unreadable(io::Error::other("there is more than two lines")));
    }
    Ok(pair)
}

fn unreadable(cause: io::Error) -> Failure {
    let error = anyhow::Error::new(cause).context("cannot read the keys from standard input");
    Failure::new(Exit::Usage, error).hint("give two lines: the client ID, then the client secret")
}

/// Asks for both. A signal ends it with the terminal as it was.
async fn ask() -> Result<KeyPair, Failure> {
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hangup = listen(SignalKind::hangup())?;
    let lines = Lines::start();
    let asking = async {
        let client_id = lines.ask("Client ID: ").await?;
        let echo = Echo::off().context("cannot hide what is typed")?;
        let client_secret = lines.ask("Client secret (is not shown): ").await?;
        drop(echo);
        show("\n");
        Ok::<_, Failure>(KeyPair::validate(&client_id, &client_secret)?)
    };
    tokio::select! {
        pair = asking => return pair,
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    show("\n");
    Err(Failure::new(Exit::Failed, anyhow::anyhow!("cannot take the keys: stopped"))
        .hint("nothing was written"))
}

/// On stderr, as every dialogue; whoever does not read it may still type.
fn show(text: &str) {
    let mut out = io::stderr();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Lines of standard input, read by a thread that nobody waits for: at a terminal a read can't be called off.
struct Lines(mpsc::Sender<oneshot::Sender<io::Result<SecretString>>>);

impl Lines {
    fn start() -> Self {
        let (wanted, mut wanting) = mpsc::channel::<oneshot::Sender<io::Result<SecretString>>>(1);
        std::thread::spawn(move || {
            while let Some(answer) = wanting.blocking_recv() {
                let mut text = String::new();
                let read = io::stdin().lock().take(INPUT_BYTES_MAX).read_line(&mut text);
                let _nobody_waits = answer.send(read.map(|_| SecretString::from(text)));
            }
        });
        Self(wanted)
    }

    async fn ask(&self, prompt: &str) -> Result<SecretString, Failure> {
        show(prompt);
        let (answer, answered) = oneshot::channel();
        let gone = |_| unreadable(io::ErrorKind::UnexpectedEof.into());
        self.0.send(answer).await.map_err(|_| unreadable(io::ErrorKind::UnexpectedEof.into()))?;
        answered.await.map_err(gone)?.map_err(unreadable)
    }
}

/// The terminal shows nothing that is typed until this is dropped.
struct Echo(Termios);

impl Echo {
    fn off() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes -= LocalModes::ECHO;
        tcsetattr(io::stdin(), OptionalActions::Now, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // The terminal may be gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
