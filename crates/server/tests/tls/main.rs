//! The door with a lock: a real server with a certificate of its own, and a client that checks it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[path = "../common/mod.rs"]
mod common;

mod acme;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use phteah_server::http::listener::{self, ConnectionLimits};
use phteah_server::http::tls::Tls;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring};

/// An authority that gives certificates, and where they are put.
struct Authority {
    dir: tempfile::TempDir,
    cert: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let cert = params.self_signed(&key).unwrap();
        Self {
            dir: tempfile::tempdir().unwrap(),
            cert,
            key,
        }
    }

    /// The authority's own certificate.
    fn pem(&self) -> String {
        self.cert.pem()
    }

    fn files(&self) -> (PathBuf, PathBuf) {
        (self.dir.path().join("cert.pem"), self.dir.path().join("key.pem"))
    }

    /// Writes a new certificate for these names; answers its serial number.
    fn give(&self, names: &[&str], serial: u64) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.serial_number = Some(serial.into());
        let cert = params.signed_by(&key, &self.cert, &self.key).unwrap();
        let (cert_file, key_file) = self.files();
        std::fs::write(cert_file, cert.pem()).unwrap();
        std::fs::write(key_file, key.serialize_pem()).unwrap();
    }

    fn client(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(self.cert.der().to_vec())).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Arc::new(config)
    }
}

/// What a client that checks certificates gets, and the certificate that it was shown; an error in words.
fn ask(
    client: &Arc<ClientConfig>,
    port: u16,
    name: &str,
    request: &str,
) -> Result<(String, Vec<u8>), String> {
    let server = ServerName::try_from(name.to_owned()).unwrap();
    let connection = ClientConnection::new(Arc::clone(client), server).unwrap();
    let tcp = TcpStream::connect(("127.0.0.1", port)).map_err(|e| e.to_string())?;
    tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut stream = StreamOwned::new(connection, tcp);
    stream.write_all(request.as_bytes()).map_err(|e| e.to_string())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(|e| e.to_string())?;
    let shown = stream.conn.peer_certificates().unwrap()[0].to_vec();
    Ok((String::from_utf8_lossy(&answer).into_owned(), shown))
}

fn get(path: &str, host: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")
}

/// What a client gets that speaks no TLS.
fn ask_plainly(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The end of a connection that is cut is an end as well.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The program as an operator starts it.
struct Running {
    child: Child,
    lines: Vec<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(data: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_phteah"))
            .args(["serve", "--data", data.to_str().unwrap()])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = Vec::new();
        for line in BufReader::new(child.stdout.as_mut().unwrap()).lines() {
            let line = line.unwrap();
            let is_last = line.contains("sign in");
            lines.push(line);
            if is_last {
                break;
            }
        }
        Self { child, lines }
    }

    /// The port in the line that begins so.
    fn port(&self, beginning: &str) -> u16 {
        let line = self.lines.iter().find(|line| line.starts_with(beginning));
        let line = line.unwrap_or_else(|| panic!("no {beginning} in {:?}", self.lines));
        let digits: String = line
            .split("127.0.0.1:")
            .nth(1)
            .unwrap()
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().unwrap()
    }
}

fn empty_house() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    phteah_layers::Catalogue::open_or_create(dir.path()).unwrap();
    dir
}

#[test]
fn the_program_speaks_tls_and_sends_plain_http_there() {
    let authority = Authority::new();
    authority.give(&["localhost"], 1);
    let (cert, key) = authority.files();
    let house = empty_house();
    let running = Running::start(
        house.path(),
        &[
            "--listen",
            "127.0.0.1:0",
            "--tls-cert",
            cert.to_str().unwrap(),
            "--tls-key",
            key.to_str().unwrap(),
            "--partners",
            "127.0.0.1:0",
            "--redirect-http",
            "127.0.0.1:0",
        ],
    );
    let (port, partners, plain) = (
        running.port("Serving https"),
        running.port("Serving partners https"),
        running.port("Sending http"),
    );
    let client = authority.client();
    let (answer, _) = ask(&client, port, "localhost", &get("/health", "localhost")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let head = answer.to_lowercase();
    assert!(
        head.contains("strict-transport-security: max-age=31536000"),
        "{head}"
    );
    let (answer, _) = ask(&client, partners, "localhost", &get("/data", "localhost")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // Somebody signs in: the cookie never leaves the lock.
    let body = "name=nobody&password=nothing";
    let post = format!(
        "POST /sign-in HTTP/1.1\r\nhost: localhost:{port}\r\norigin: https://localhost:{port}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let (answer, _) = ask(&client, port, "localhost", &post).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 401"),
        "the page of this server may write: {answer}"
    );
    // Another name, and an authority that the client does not know.
    let error = ask(&client, port, "example.org", &get("/", "localhost")).unwrap_err();
    assert!(error.contains("certificate") || error.contains("name"), "{error}");
    let stranger = Authority::new().client();
    assert!(ask(&stranger, port, "localhost", &get("/", "localhost")).is_err());
    // Plain HTTP at the wrong port is told where it belongs; nothing of the server comes over it.
    let told = ask_plainly(port, &get("/health", "localhost"));
    assert!(
        told.starts_with("HTTP/1.1 400") && told.contains("https"),
        "{told}"
    );
    let led = ask_plainly(plain, &get("/data?lang=km", "localhost:1"));
    assert!(led.starts_with("HTTP/1.1 308"), "{led}");
    assert!(
        led.contains(&format!("location: https://localhost:{port}/data?lang=km\r\n")),
        "{led}"
    );
    assert!(
        !led.to_lowercase().contains("strict-transport"),
        "plain HTTP may not say so: {led}"
    );
    let sent = ask_plainly(
        plain,
        "POST /sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    assert!(sent.starts_with("HTTP/1.1 403"), "{sent}");
}

#[test]
fn what_cannot_be_locked_does_not_open() {
    let authority = Authority::new();
    authority.give(&["localhost"], 1);
    let (cert, key) = authority.files();
    let other = Authority::new();
    other.give(&["localhost"], 2);
    let (_, other_key) = other.files();
    let house = empty_house();
    let refused = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_phteah"))
            .args([
                "serve",
                "--data",
                house.path().to_str().unwrap(),
                "--listen",
                "127.0.0.1:0",
            ])
            .args(arguments)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && !error.contains("panicked"), "{error}");
        assert!(output.stdout.is_empty(), "nothing was served");
        error
    };
    let (cert, key) = (cert.to_str().unwrap(), key.to_str().unwrap());
    let other_key = other_key.to_str().unwrap();
    for (arguments, said) in [
        (vec!["--tls-cert", cert], "--tls-key"),
        (
            vec!["--tls-cert", cert, "--tls-key", "/nowhere/key.pem"],
            "cannot be read",
        ),
        (
            vec!["--tls-cert", cert, "--tls-key", other_key],
            "do not go together",
        ),
        (vec!["--tls-cert", cert, "--tls-key", cert], "no private key"),
        (vec!["--tls-cert", key, "--tls-key", key], "no certificate"),
        (vec!["--redirect-http", "127.0.0.1:0"], "--tls-cert"),
        (vec!["--acme", "127.0.0.1"], "a name"),
        (vec!["--acme", "localhost"], "a name"),
        (vec!["--acme", "data.example.org:443"], "a name"),
        (
            vec!["--acme", "data.example.org", "--tls-cert", cert, "--tls-key", key],
            "cannot be used with",
        ),
        (vec!["--acme-contact", "a@example.org"], "--acme"),
        (
            vec!["--acme", "data.example.org", "--acme-authority", key],
            "no certificate",
        ),
    ] {
        let error = refused(&arguments);
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}

/// A listener of this process, so that its limits can be small.
struct Here {
    port: u16,
    tls: Tls,
    _stop: tokio::sync::watch::Sender<bool>,
}

async fn here(authority: &Authority, limits: ConnectionLimits) -> Here {
    let (cert, key) = authority.files();
    let tls = Tls::from_files(&cert, &key).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let app = Router::new().fallback(async || "here");
    tokio::spawn(listener::serve(listener, app, limits, Some(tls.clone()), stopped));
    Here {
        port,
        tls,
        _stop: stop,
    }
}

async fn off_thread<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(job).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_certificate_is_used_and_a_broken_one_is_not() {
    let authority = Authority::new();
    authority.give(&["localhost"], 1);
    let here = here(&authority, ConnectionLimits::default()).await;
    let client = authority.client();
    let shown = async || {
        let (client, port) = (Arc::clone(&client), here.port);
        off_thread(move || ask(&client, port, "localhost", &get("/", "localhost")).unwrap().1).await
    };
    let first = shown().await;
    here.tls.look();
    assert_eq!(shown().await, first, "nothing has changed");
    // The certificate has been written and the key not yet.
    let (cert, key) = authority.files();
    let old_key = std::fs::read(&key).unwrap();
    authority.give(&["localhost", "data.example.org"], 2);
    let new_key = std::fs::read(&key).unwrap();
    std::fs::write(&key, &old_key).unwrap();
    here.tls.look();
    assert_eq!(shown().await, first, "a pair that does not fit changes nothing");
    std::fs::write(&key, [new_key.as_slice(), b"\n"].concat()).unwrap();
    here.tls.look();
    let second = shown().await;
    assert_ne!(second, first);
    std::fs::remove_file(&cert).unwrap();
    here.tls.look();
    assert_eq!(shown().await, second, "a file that is gone takes nothing away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_of_connections_hold_under_tls() {
    let authority = Authority::new();
    authority.give(&["localhost"], 1);
    let limits = ConnectionLimits {
        all: 20,
        each: 20,
        head_time: Duration::from_millis(300),
        ..ConnectionLimits::default()
    };
    let here = here(&authority, limits).await;
    let (client, port) = (authority.client(), here.port);
    let (asking, silent) = off_thread(move || {
        // More silent connections than there may be: none of them keeps a client out.
        let mut silent: Vec<TcpStream> = (0..60)
            .map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap())
            .collect();
        let asking = ask(&client, port, "localhost", &get("/", "localhost")).map(|(answer, _)| answer);
        // Whoever never begins to shake hands is cut after the time of a head; those that made room were cut at once.
        let ends: Vec<usize> = silent
            .iter_mut()
            .map(|stream| {
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                let mut rest = Vec::new();
                match stream.read_to_end(&mut rest) {
                    Ok(n) => n,
                    Err(e) => {
                        assert!(e.kind() != std::io::ErrorKind::WouldBlock, "the server holds it");
                        0
                    }
                }
            })
            .collect();
        (asking, ends)
    })
    .await;
    assert!(asking.unwrap().ends_with("here"));
    assert!(silent.iter().all(|bytes| *bytes == 0), "{silent:?}");
    // Shaken hands and then silence, and a head that dribbles in.
    let client = authority.client();
    let cut = off_thread(move || {
        let server = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(client, server).unwrap();
        let tcp = TcpStream::connect(("127.0.0.1", port)).unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut stream = StreamOwned::new(connection, tcp);
        stream.write_all(b"GET / HTTP/1.1\r\nx-slow: ").unwrap();
        let mut rest = Vec::new();
        match stream.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(e) => e.kind() != std::io::ErrorKind::WouldBlock,
        }
    })
    .await;
    assert!(cut, "a slow head is cut");
}
