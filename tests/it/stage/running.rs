//! A program that runs: signals, what it has said so far, its end.

use std::io::Read;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};

use super::{Ended, until};

/// A program that runs; killed when it is dropped.
pub struct Running {
    child: Child,
    stdout: Said,
    stderr: Said,
}

/// What comes out of a pipe, read as it comes.
struct Said {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Said {
    fn read(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let said = Arc::clone(&bytes);
        let reader = std::thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(count @ 1..) = pipe.read(&mut some) {
                said.lock().unwrap().extend_from_slice(&some[..count]);
            }
        });
        Self { bytes, reader: Some(reader) }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    fn whole(&mut self) -> Vec<u8> {
        self.reader.take().into_iter().for_each(|reader| reader.join().unwrap());
        std::mem::take(&mut self.bytes.lock().unwrap())
    }
}

/// A thread that does nothing more, as one that hangs; until this is dropped, on the thread that made it.
pub struct Frozen {
    id: i32,
}

#[expect(unsafe_code, reason = "no library stops a single thread of another process")]
impl Frozen {
    /// By a thread's ID.
    #[track_caller]
    pub fn new(id: i32) -> Self {
        // SAFETY: neither call takes a pointer that is used; they stop a thread of another process.
        let stopped = unsafe {
            libc::ptrace(libc::PTRACE_SEIZE, id, 0, 0) == 0
                && libc::ptrace(libc::PTRACE_INTERRUPT, id, 0, 0) == 0
        };
        assert!(stopped, "cannot freeze a thread: {}", std::io::Error::last_os_error());
        // SAFETY: it only waits; nothing is written where the status is null.
        unsafe { libc::waitpid(id, std::ptr::null_mut(), libc::__WALL) };
        Self { id }
    }
}

#[expect(unsafe_code, reason = "no library lets a single thread of another process go on")]
impl Drop for Frozen {
    fn drop(&mut self) {
        // SAFETY: it takes no pointer; a thread that is gone is none to let go on.
        unsafe { libc::ptrace(libc::PTRACE_DETACH, self.id, 0, 0) };
    }
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = Said::read(child.stdout.take().unwrap());
        let stderr = Said::read(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on stderr.
    pub fn stderr(&self) -> String {
        self.stderr.so_far()
    }

    /// Waits until it says something on stderr.
    #[track_caller]
    pub fn until_says(&self, words: &str) {
        until(&format!("{words:?} is said"), || self.stderr().contains(words));
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The IDs of its threads of this name.
    pub fn threads(&self, name: &str) -> Vec<i32> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap();
        let is_named =
            |path: &Path| std::fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.starts_with(name));
        let paths = tasks.map(|task| task.unwrap().path()).filter(|path| is_named(path));
        paths.map(|path| path.file_name().unwrap().to_str().unwrap().parse().unwrap()).collect()
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        until("the program ends", || self.has_ended());
        let status: ExitStatus = self.child.wait().unwrap();
        Ended::of(Output { status, stdout: self.stdout.whole(), stderr: self.stderr.whole() })
    }

    /// `kill -9`, wherever it is.
    pub fn kill(self) {
        self.signal(Signal::KILL);
        assert_eq!(self.end().status.signal(), Some(Signal::KILL.as_raw()));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
