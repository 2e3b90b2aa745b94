//! The operator's program: run without a shell, in a process group of its own, without what this process
//! alone was given: keys, systemd's socket. Its group is ended with it when it takes too long.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::HookError;

/// Of what the program says, what goes into the log.
const SAID_BYTES_MAX: usize = 4096;
/// What a program that has ended leaves running may keep its output open: nobody waits longer for it.
const OUTPUT_WAIT: Duration = Duration::from_secs(1);
/// What the program is not given.
const NOT_GIVEN: [&str; 7] = [
    "NOTIFY_SOCKET",
    "CREDENTIALS_DIRECTORY",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "LISTEN_PID",
];
const KEYS_BEGIN: &str = "COUPONTOOLS_";

/// The program's process group, ended when this is dropped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // It may have ended by itself meanwhile.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// Runs it to its end; 0 is success.
pub(super) async fn run(words: &[String], line: &str) -> Result<(), HookError> {
    let (program, arguments) = words.split_first().ok_or_else(|| not_run("", "it has no name"))?;
    let mut command = Command::new(program);
    command.args(arguments).process_group(0).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        let is_key = name.to_str().is_some_and(|name| name.starts_with(KEYS_BEGIN));
        if is_key || NOT_GIVEN.iter().any(|given| name == *given) {
            command.env_remove(name);
        }
    }
    let mut child = command.spawn().map_err(|error| not_run(program, &error.to_string()))?;
    let leader = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let mut group = Group(leader);
    let (status, said) =
        converse(&mut child, line).await.map_err(|error| not_run(program, &error.to_string()))?;
    group.0 = None;
    tell_log(program, status, &said);
    if status.success() {
        return Ok(());
    }
    // `exit status: 3`, `signal: 9 (SIGKILL)`.
    Err(HookError::Failed { program: program.clone(), status: status.to_string() })
}

/// Gives it the line, and takes what it says until it has ended.
async fn converse(child: &mut Child, line: &str) -> std::io::Result<(ExitStatus, String)> {
    let (mut stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let give = async move {
        if let Some(stdin) = &mut stdin {
            // A program that does not read is told all the same.
            let _ = stdin.write_all(format!("{line}\n").as_bytes()).await;
        }
    };
    let (mut of_stdout, mut of_stderr) = (Vec::new(), Vec::new());
    let status = {
        let listen = async { tokio::join!(give, take(stdout, &mut of_stdout), take(stderr, &mut of_stderr)) };
        tokio::pin!(listen);
        let (status, is_silent) = tokio::select! {
            biased;
            status = child.wait() => (status?, false),
            _ = &mut listen => (child.wait().await?, true),
        };
        // All that it said before its end is in the pipes.
        if !is_silent {
            let _ = tokio::time::timeout(OUTPUT_WAIT, &mut listen).await;
        }
        status
    };
    let said = [of_stdout, of_stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Ok((status, said.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()))
}

/// Keeps the beginning, and takes the rest so that the program can go on.
async fn take(pipe: Option<impl AsyncRead + Unpin>, said: &mut Vec<u8>) {
    let Some(mut pipe) = pipe else { return };
    let mut some = [0; 1024];
    while let Ok(count @ 1..) = pipe.read(&mut some).await {
        let room = SAID_BYTES_MAX.saturating_sub(said.len()).min(count);
        said.extend_from_slice(&some[..room]);
    }
}

fn tell_log(program: &str, status: ExitStatus, said: &str) {
    let said = said.trim();
    if status.success() {
        tracing::debug!(program, said, "the alert command has ended");
    } else if !said.is_empty() {
        tracing::warn!(program, said, "the alert command failed");
    }
}

fn not_run(program: &str, reason: &str) -> HookError {
    HookError::NotRun { program: program.to_owned(), reason: reason.to_owned() }
}
