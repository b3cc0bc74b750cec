//! This process's side: starts a reading process, asks it, and says in a sentence what became of it.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use super::confine::Confined;
use super::frame::{self, Kind};
use super::handed::Handed;
use super::message::{Failure, Order, Request, Start};
use super::{ARGUMENTS, limits};
use crate::error::{LayersError, Result, base_name};

/// Set in a reading process, which starts no other.
const MARK: &str = "PHTEAH_READING_PROCESS";

/// What of this process's surroundings a reading process gets: where libraries and data are, nothing that could be a secret.
const KEPT_VARIABLES: [&str; 6] = [
    "LD_LIBRARY_PATH",
    "GDAL_DATA",
    "PROJ_LIB",
    "PROJ_DATA",
    "LANG",
    "TZ",
];

/// How far strangers' files are kept apart on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// The process that reads a file reaches no other file.
    pub files: bool,
    /// It reaches no network and no other program.
    pub network: bool,
}

impl Protection {
    /// What is missing, as a sentence; `None` where nothing is.
    pub fn lacking(self) -> Option<String> {
        let what = match (self.files, self.network) {
            (true, true) => return None,
            (false, true) => "keep a process away from files (Landlock, Linux 5.13)",
            (true, false) => "keep a process away from the network (seccomp)",
            (false, false) => "keep a process away from files and the network (Landlock and seccomp)",
        };
        Some(format!(
            "The system of this computer cannot {what}: files of strangers are only checked before they are read. Read files of people you trust."
        ))
    }
}

/// Starts a reading process that opens nothing, to learn how far it is confined.
pub fn protection() -> Result<Protection> {
    let process = Process::start(Order::Nothing, &std::env::temp_dir(), 0)?;
    Ok(process.protection)
}

/// A reading process. Ends when it is dropped.
pub(crate) struct Process {
    child: Child,
    channel: UnixStream,
    /// Base name of the file, for messages.
    file: String,
    silence: Duration,
    seconds: u64,
    protection: Protection,
    work: Option<TempDir>,
}

impl Process {
    /// Starts one for an order; it works in a new directory in `work`, where it may write files up to `file_bytes` each.
    pub fn start(order: Order, work: &Path, file_bytes: u64) -> Result<Self> {
        let file = match &order {
            Order::Shapes => "a shape".to_owned(),
            order => order.path().map_or_else(String::new, |path| base_name(path)),
        };
        if std::env::var_os(MARK).is_some() {
            return Err(LayersError::refused(
                "A process that reads a file does not start another.",
            ));
        }
        let (order, readable, bytes) = match order.path().map(|path| Handed::new(path)) {
            None => (order, Vec::new(), 0),
            Some(handed) => {
                let handed = handed?;
                (order.at(handed.path), handed.readable, handed.bytes)
            }
        };
        let made = tempfile::Builder::new().prefix("phteah-").tempdir_in(work);
        let work = made.map_err(|e| LayersError::io(work, "writing to", e))?;
        let start = Start {
            order,
            readable,
            work: std::path::absolute(work.path()).unwrap_or_else(|_| work.path().to_owned()),
            file_bytes,
            seconds: limits::computing_seconds(bytes),
        };
        let failed = |e: io::Error| LayersError::Io {
            doing: "starting the process that reads files".into(),
            source: e,
        };
        let (channel, other) = UnixStream::pair().map_err(failed)?;
        let child = command(&start.work)
            .stdin(Stdio::from(OwnedFd::from(other)))
            .spawn()
            .map_err(failed)?;
        let silence = limits::silence(bytes);
        channel.set_read_timeout(Some(silence)).map_err(failed)?;
        let mut process = Self {
            child,
            channel,
            file,
            silence,
            seconds: start.seconds,
            protection: Protection {
                files: false,
                network: false,
            },
            work: Some(work),
        };
        process.say(Kind::Order, &start)?;
        let confined: Confined = process.hear(Kind::Confined)?;
        process.protection = Protection {
            files: confined.files,
            network: confined.calls,
        };
        Ok(process)
    }

    /// Unpacks an archive in a process apart, into a new directory in `work`, and returns the files.
    pub fn unpack(path: &Path, work: &Path, limit: u64) -> Result<Vec<PathBuf>> {
        let order = Order::Unpack {
            path: path.to_owned(),
            limit,
        };
        let mut process = Self::start(order, work, limit)?;
        let inside: Vec<PathBuf> = process.opened()?;
        let into = match process.work.take() {
            Some(work) => work.keep(),
            None => return Err(process.talks_nonsense()),
        };
        let real = |path: &Path| {
            path.canonicalize()
                .map_err(|e| LayersError::io(&into, "reading", e))
        };
        let whole = real(&into)?;
        for file in &inside {
            // Taken over, it could name a file elsewhere, or make a link that leads there.
            let plain = file
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)));
            if !plain || real(&into.join(file))? != whole.join(file) {
                return Err(process.talks_nonsense());
            }
        }
        Ok(inside.iter().map(|file| into.join(file)).collect())
    }

    /// How long an answer may take.
    pub(super) fn wait_at_most(&mut self, time: Duration) -> Result<()> {
        self.channel
            .set_read_timeout(Some(time))
            .map_err(|e| LayersError::Io {
                doing: "waiting for the process that reads files".into(),
                source: e,
            })
    }

    /// Hands over bytes to be worked on.
    pub(super) fn hand(&mut self, bytes: &[u8]) -> Result<()> {
        frame::write(&mut self.channel, Kind::Records, bytes).map_err(|_| self.ended())
    }

    /// How far it is confined.
    pub fn protection(&self) -> Protection {
        self.protection
    }

    /// What it opened.
    pub fn opened<T: DeserializeOwned>(&mut self) -> Result<T> {
        self.hear(Kind::Opened)
    }

    /// Asks for something.
    pub fn ask(&mut self, request: &Request) -> Result<()> {
        self.say(Kind::Request, request)
    }

    /// The next frame of records; `None` after the last.
    pub fn records(&mut self) -> Result<Option<Vec<u8>>> {
        match self.receive()? {
            (Kind::Records, bytes) => Ok(Some(bytes)),
            (Kind::End, _) => Ok(None),
            _ => Err(self.talks_nonsense()),
        }
    }

    /// Cells that were asked for, of which there must be as many as `values` takes.
    pub fn cells(&mut self, values: &mut [f32]) -> Result<()> {
        let (kind, bytes) = self.receive()?;
        let (cells, rest) = bytes.as_chunks::<4>();
        if kind != Kind::Cells || cells.len() != values.len() || !rest.is_empty() {
            return Err(self.talks_nonsense());
        }
        for (value, cell) in values.iter_mut().zip(cells) {
            let cell = f32::from_le_bytes(*cell);
            *value = if cell.is_finite() { cell } else { f32::NAN };
        }
        Ok(())
    }

    /// The error for an answer that cannot be understood.
    pub fn talks_nonsense(&self) -> LayersError {
        self.unreadable("the process that reads it gave something that cannot be understood")
    }

    fn unreadable(&self, cause: impl Into<String>) -> LayersError {
        LayersError::Unreadable {
            file: self.file.clone(),
            cause: cause.into(),
        }
    }

    fn say(&mut self, kind: Kind, what: &impl Serialize) -> Result<()> {
        let bytes = serde_json::to_vec(what).map_err(|e| LayersError::refused(e.to_string()))?;
        frame::write(&mut self.channel, kind, &bytes).map_err(|_| self.ended())
    }

    fn hear<T: DeserializeOwned>(&mut self, wanted: Kind) -> Result<T> {
        let (kind, bytes) = self.receive()?;
        if kind != wanted {
            return Err(self.talks_nonsense());
        }
        serde_json::from_slice(&bytes).map_err(|_| self.talks_nonsense())
    }

    fn receive(&mut self) -> Result<(Kind, Vec<u8>)> {
        match frame::read(&mut self.channel) {
            Ok(Some((Kind::Failed, bytes))) => {
                let failure: std::result::Result<Failure, _> = serde_json::from_slice(&bytes);
                Err(failure.map_or_else(|_| self.talks_nonsense(), LayersError::from))
            }
            Ok(Some(frame)) => Ok(frame),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                let _ = self.child.kill();
                Err(self.unreadable(format!(
                    "nothing came of it for {} seconds, the most that a file of its size may take: it is damaged, or made to keep programs busy",
                    self.silence.as_secs()
                )))
            }
            Err(e) if e.kind() == io::ErrorKind::InvalidData => Err(self.unreadable(e.to_string())),
            Ok(None) | Err(_) => Err(self.ended()),
        }
    }

    /// Says why the process has ended.
    fn ended(&mut self) -> LayersError {
        // It has closed its channel, so it is ending; one that does not is ended.
        let status = (0..100).find_map(|_| match self.child.try_wait() {
            Ok(None) => {
                std::thread::sleep(Duration::from_millis(10));
                None
            }
            Ok(Some(status)) => Some(status),
            Err(_) => Some(ExitStatus::default()),
        });
        let _ = self.child.kill();
        let why = self.cause(status);
        if self.file.is_empty() {
            return LayersError::refused(format!(
                "The process that reads files could not be started: {why}."
            ));
        }
        self.unreadable(why)
    }

    fn cause(&self, status: Option<ExitStatus>) -> String {
        const ABORT: i32 = 6;
        const KILL: i32 = 9;
        const CPU: i32 = 24;
        const SIZE: i32 = 25;
        let signal = status.and_then(|status| status.signal());
        match signal {
            Some(CPU) => format!(
                "reading it took more than {} seconds of computing, the most that a file of its size may take: it is damaged, or made to keep programs busy",
                self.seconds
            ),
            Some(SIZE) => "it needs a larger file to unpack into than this deployment allows (max_unpacked_bytes in deployment.toml)".into(),
            Some(KILL) => "the system ended the process that reads it, perhaps for want of memory".into(),
            Some(ABORT) => format!(
                "it needs more than {} GB of memory, the most that reading may take, or it is damaged",
                limits::MEMORY_BYTES >> 30
            ),
            Some(signal) => format!(
                "the process that reads it crashed (signal {signal}): it is damaged, or made to do harm"
            ),
            None => "the process that reads it ended before it had an answer".into(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same program once more, with nothing of this one's surroundings.
fn command(work: &Path) -> Command {
    // The very file that runs, though another of its name may have taken its place since.
    let itself = PathBuf::from("/proc/self/exe");
    let program = if itself.exists() {
        itself
    } else {
        std::env::current_exe().unwrap_or(itself)
    };
    let mut command = Command::new(program);
    command
        .arg0("phteah")
        .args(ARGUMENTS)
        .env_clear()
        .envs(
            KEPT_VARIABLES
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .env(MARK, "1")
        .env("TMPDIR", work)
        .env("PROJ_NETWORK", "OFF")
        // No plug-ins: a driver that is not in the library is not needed.
        .env("GDAL_DRIVER_PATH", "disable")
        .current_dir(work)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::super::message::Attempt;
    use super::*;

    fn attempt(attempt: Attempt) -> Process {
        Process::start(Order::Attempt(attempt), &std::env::temp_dir(), 1 << 20).unwrap()
    }

    #[test]
    fn a_process_that_was_taken_over_reaches_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        std::fs::write(&file, "secret").unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let mut process = attempt(Attempt::ReachOut { file, address });
        let done: Vec<String> = process.opened().unwrap();
        let mut allowed = vec!["started a thread", "wrote where it may"];
        // A system that cannot keep it away says so.
        if !process.protection().files {
            allowed.extend([
                "read a file",
                "read the accounts",
                "read another process",
                "listed a directory",
                "wrote a file",
            ]);
        }
        if !process.protection().network {
            allowed.extend([
                "changed rights",
                "reached an address",
                "listened",
                "started a program",
            ]);
        }
        assert!(
            done.iter().all(|what| allowed.contains(&what.as_str())),
            "{done:?}"
        );
        assert!(done.iter().any(|what| what == "started a thread"));
        assert!(done.iter().any(|what| what == "wrote where it may"));
        if process.protection().network {
            assert!(listener.accept().is_err());
        }
        assert_eq!(
            process.protection().lacking().is_none(),
            process.protection().files && process.protection().network
        );
    }

    #[test]
    fn an_end_that_nobody_wanted_is_told_in_a_sentence() {
        for (tried, said) in [(Attempt::Memory, "memory"), (Attempt::Crash, "damaged")] {
            let mut process = attempt(tried);
            process.file = "a.gpkg".into();
            let told = process.opened::<Vec<String>>().unwrap_err().to_string();
            assert!(
                told.starts_with("a.gpkg cannot be read: ") && told.contains(said),
                "{told}"
            );
        }
    }

    #[test]
    fn a_process_that_says_nothing_is_ended() {
        let mut process = attempt(Attempt::Idle);
        process.file = "a.gpkg".into();
        process
            .channel
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let told = process.opened::<Vec<String>>().unwrap_err().to_string();
        assert!(told.contains("nothing came of it for 60 seconds"), "{told}");
        assert!(process.child.wait().unwrap().signal().is_some());
    }
}
