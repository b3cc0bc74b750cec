//! A PostgreSQL server of the test program's own, from Debian's packages: started when the first test needs it, gone with the test program,
//! however that ends.
#![allow(dead_code, reason = "each test program takes what it needs")]
#![allow(
    clippy::option_env_unwrap,
    reason = "the build script says where the programs are"
)]
#![allow(clippy::zombie_processes, reason = "whoever drops the cluster waits for it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

/// A password that must never be seen anywhere.
pub const PASSWORD: &str = "kraham-7Q@meas";

/// A server. It stops when its input ends, so also when this process is killed.
pub struct Cluster {
    port: u16,
    dir: PathBuf,
    _child: Child,
    talk: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

/// The one that the tests of this program share.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(Cluster::start)
}

/// Where the programs of the newest PostgreSQL are.
fn programs() -> PathBuf {
    PathBuf::from(
        option_env!("PHTEAH_POSTGRES_PROGRAMS").expect("tests of PostgreSQL are built where it is installed"),
    )
}

impl Cluster {
    pub fn start() -> Self {
        Self::start_with("off")
    }

    /// One whose commits wait for the disk, as they should where they are measured.
    pub fn durable() -> Self {
        Self::start_with("on")
    }

    fn start_with(fsync: &str) -> Self {
        // Between the asking and the starting another program may take the port.
        for _ in 0..5 {
            if let Some(cluster) = Self::try_start(fsync) {
                return cluster;
            }
        }
        panic!("no PostgreSQL server could be started");
    }

    fn try_start(fsync: &str) -> Option<Self> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/tests/cluster/start.sh");
        // A session of its own: what is sent to the test program's group is not for the server.
        let mut child = Command::new("setsid")
            .arg("sh")
            .arg(script)
            .arg(programs())
            .arg(port.to_string())
            .arg(fsync)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut talk = (
            child.stdin.take().unwrap(),
            BufReader::new(child.stdout.take().unwrap()),
        );
        let mut line = String::new();
        talk.1.read_line(&mut line).unwrap();
        let dir = line.trim().strip_prefix("ready ")?.into();
        Some(Self {
            port,
            dir,
            _child: child,
            talk: Mutex::new(talk),
        })
    }

    fn say(&self, word: &str, answer: &str) {
        let mut talk = self.talk.lock().unwrap();
        writeln!(talk.0, "{word}").unwrap();
        let mut line = String::new();
        talk.1.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), answer);
    }

    /// Kills the server as a crash would.
    pub fn kill(&self) {
        self.say("kill", "killed");
    }

    /// Starts it again.
    pub fn restart(&self) {
        self.say("start", "started");
    }

    /// The address of a database of this name, with a user and a password.
    pub fn address(&self, user: &str, password: &str, name: &str) -> String {
        let password = password.replace('@', "%40");
        format!("postgres://{user}:{password}@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs statements in a database and answers what came back, one row a line.
    pub fn sql(&self, name: &str, statements: &str) -> Result<String, String> {
        let done = Command::new(programs().join("psql"))
            .args([
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
                "--set=ON_ERROR_STOP=1",
            ])
            .args(["--host=127.0.0.1", "--username=tester"])
            .args([format!("--port={}", self.port), format!("--dbname={name}")])
            .args(["--command", statements])
            .output()
            .unwrap();
        if done.status.success() {
            Ok(String::from_utf8(done.stdout).unwrap())
        } else {
            Err(String::from_utf8_lossy(&done.stderr).into_owned())
        }
    }

    /// A new database, which is removed when it is dropped.
    pub fn database(&'static self) -> Database {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}")).unwrap();
        Database { cluster: self, name }
    }

    /// All bytes that the server keeps of a database, and its journal, which all databases share.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        [self.tables(name), self.read("data/pg_wal")].concat()
    }

    /// All bytes of a database's tables and indices.
    pub fn tables(&self, name: &str) -> Vec<u8> {
        self.sql("postgres", "CHECKPOINT").unwrap();
        let oid = self
            .sql(
                "postgres",
                &format!("SELECT oid FROM pg_database WHERE datname = '{name}'"),
            )
            .unwrap();
        self.read(&format!("data/base/{}", oid.trim()))
    }

    fn read(&self, folder: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for entry in std::fs::read_dir(self.dir.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                // Between the listing and the reading the server may have removed it.
                bytes.extend(std::fs::read(path).unwrap_or_default());
            }
        }
        bytes
    }
}

/// A database of one test.
pub struct Database {
    pub cluster: &'static Cluster,
    pub name: String,
}

impl Database {
    pub fn address(&self) -> String {
        self.cluster.address("tester", PASSWORD, &self.name)
    }

    pub fn sql(&self, statements: &str) -> Result<String, String> {
        self.cluster.sql(&self.name, statements)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // One that cannot be removed goes with the server.
        let _ = self.cluster.sql(
            "postgres",
            &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name),
        );
    }
}
