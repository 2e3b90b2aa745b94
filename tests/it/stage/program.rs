//! The program with a folder, a configuration and a file of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{File, Running, Upstream};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_coupontools-mirror");

/// A mirror of an upstream.
pub struct Mirror {
    folder: TempDir,
    api: String,
    http: String,
    rest: String,
    keys: Option<(String, String)>,
}

impl Mirror {
    /// With the upstream's first account, from the environment.
    pub fn of(upstream: &Upstream) -> Self {
        Self::at(&upstream.base_url())
    }

    pub fn at(base_url: &str) -> Self {
        let mirror = Self {
            folder: tempfile::tempdir().unwrap(),
            api: format!("base_url = \"{base_url}\"\nrequests_per_second = 1000\n"),
            http: "listen = \"127.0.0.1:0\"\n".into(),
            rest: String::new(),
            keys: Some(("demo-id".into(), "demo-secret".into())),
        };
        mirror.write_configuration();
        mirror
    }

    /// Adds to `[api]`.
    pub fn api(mut self, lines: &str) -> Self {
        self.api += &format!("{lines}\n");
        self.write_configuration();
        self
    }

    /// Adds to `[http]`.
    pub fn http(mut self, lines: &str) -> Self {
        self.http += &format!("{lines}\n");
        self.write_configuration();
        self
    }

    /// Adds sections.
    pub fn with(mut self, sections: &str) -> Self {
        self.rest += &format!("{sections}\n");
        self.write_configuration();
        self
    }

    /// Adds an account with keys in files; those of the environment are gone.
    pub fn account(mut self, name: &str, client_id: &str, client_secret: &str) -> Self {
        for (key, value) in [("id", client_id), ("secret", client_secret)] {
            std::fs::write(self.path(&format!("{name}-{key}")), value).unwrap();
        }
        self.keys = None;
        let files = format!("client_id_file = \"{name}-id\"\nclient_secret_file = \"{name}-secret\"");
        self.with(&format!("[accounts.{name}]\n{files}"))
    }

    /// Other keys in the environment.
    pub fn keys(mut self, client_id: &str, client_secret: &str) -> Self {
        self.keys = Some((client_id.into(), client_secret.into()));
        self
    }

    fn write_configuration(&self) {
        std::fs::write(
            self.configuration(),
            format!("[api]\n{}\n[http]\n{}\n{}", self.api, self.http, self.rest),
        )
        .unwrap();
    }

    pub fn configuration(&self) -> PathBuf {
        self.path("mirror.toml")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn database(&self) -> PathBuf {
        self.path("mirror.db")
    }

    /// The file, as a reporting tool opens it.
    pub fn file(&self) -> File {
        File::open(&self.database())
    }

    /// The program, ready to start.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments);
        self.prepare(&mut command);
        command
    }

    /// Gives a command this mirror's environment.
    pub fn prepare(&self, command: &mut Command) {
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("COUPONTOOLS_MIRROR_CONFIG", self.configuration());
        command.env("COUPONTOOLS_MIRROR_DATABASE", self.database());
        if let Some((client_id, client_secret)) = &self.keys {
            command.env("COUPONTOOLS_CLIENT_ID", client_id).env("COUPONTOOLS_CLIENT_SECRET", client_secret);
        }
        command.current_dir(self.folder()).stdin(Stdio::null());
    }

    /// Runs a command to its end, up to the deadline.
    pub fn call(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).end()
    }

    /// Runs `sync`.
    pub fn sync(&self, arguments: &[&str]) -> Ended {
        self.call(&[&["sync", "--json"], arguments].concat())
    }

    /// Starts a command.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command(arguments))
    }
}

/// How a program ended, and what it said: never anything personal.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ended = Self { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) };
        let is_told = |word: &str| ended.stderr.contains(word);
        assert!(!is_told("demo-secret") && !is_told("demo-id") && !is_told("@"), "{}", ended.stderr);
        ended
    }

    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Asserts the exit code; the failure shows what was said.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code(), Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that stderr says something.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "{words:?} is not said in: {}", self.stderr);
        self
    }

    /// The walks that `sync --json` printed.
    #[track_caller]
    pub fn walks(&self) -> Vec<Value> {
        let whole: Value = serde_json::from_str(&self.stdout).unwrap();
        whole["directories"].as_array().unwrap().clone()
    }

    /// The only walk that `sync --json` printed.
    #[track_caller]
    pub fn walk(&self) -> Value {
        let walks = self.walks();
        assert_eq!(walks.len(), 1, "{}", self.stdout);
        walks[0].clone()
    }
}
