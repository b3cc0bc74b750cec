//! A certificate from an authority that speaks ACME: Pebble, the test server of the people behind Let's Encrypt, with a resolver of names that
//! leads every name to this machine.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::{Authority, Running, ask, empty_house, get};

const DOMAIN: &str = "data.example.org";

/// A program that ends with the test.
struct Helper(Child);

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn helper(command: &mut Command) -> Option<Helper> {
    let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    started.ok().map(Helper)
}

/// Ports that are free and differ. They lie below those that a system gives to whoever asks for any (32768 and up on Linux), so nothing else that
/// runs meanwhile is given one of them before it is used.
fn free_ports<const N: usize>() -> [u16; N] {
    let moment = std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
    let first = u16::try_from(moment / 1_000 % 10_000).unwrap();
    let held: Vec<TcpListener> = (0..10_000)
        .map(|step| 20_000 + (first + step) % 10_000)
        .filter_map(|port| TcpListener::bind(("127.0.0.1", port)).ok())
        .take(N)
        .collect();
    std::array::from_fn(|i| held[i].local_addr().unwrap().port())
}

fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = found() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("no {what} within a minute")
}

fn trusting(pem: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

/// Pebble and its resolver, and what belongs to them.
struct Pebble {
    _programs: [Helper; 2],
    /// Who vouches for Pebble's own door.
    door: Authority,
    /// Where Pebble is asked for certificates.
    api: u16,
    /// Where Pebble looks whether whoever asks for a name has it.
    asked: u16,
    /// The certificate from which all that Pebble gives descend.
    root: String,
}

fn local(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

/// Starts both; [`None`] where they are not installed.
fn pebble() -> Option<Pebble> {
    let [names, told, api, management, asked, plain] = free_ports();
    let resolver = helper(Command::new("pebble-challtestsrv").args([
        "-defaultIPv4",
        "127.0.0.1",
        "-defaultIPv6",
        "",
        "-dns01",
        &local(names),
        "-management",
        &local(told),
        "-http01",
        "",
        "-https01",
        "",
        "-tlsalpn01",
        "",
    ]))?;
    let door = Authority::new();
    door.give(&["localhost"], 1);
    let (cert, key) = door.files();
    let config = serde_json::json!({"pebble": {
        "listenAddress": local(api), "managementListenAddress": local(management),
        "certificate": cert, "privateKey": key, "httpPort": plain, "tlsPort": asked,
        "ocspResponderURL": "", "externalAccountBindingRequired": false,
    }});
    let config_file = door.dir.path().join("pebble.json");
    std::fs::write(&config_file, config.to_string()).unwrap();
    let mut server = helper(
        Command::new("pebble")
            .args([
                "-config",
                config_file.to_str().unwrap(),
                "-dnsserver",
                &local(names),
            ])
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_WFE_NONCEREJECT", "0"),
    )
    .expect("Pebble starts where its resolver does");
    let root = until("authority", || {
        assert_eq!(server.0.try_wait().unwrap(), None, "Pebble has ended");
        let request = get("/roots/0", "localhost");
        let (answer, _) = ask(&door.client(), management, "localhost", &request).ok()?;
        Some(answer.split_once("\r\n\r\n")?.1.to_owned())
    });
    Some(Pebble {
        _programs: [resolver, server],
        door,
        api,
        asked,
        root,
    })
}

#[test]
fn an_authority_gives_a_certificate_which_is_kept() {
    let Some(pebble) = pebble() else {
        eprintln!(
            "SKIPPED an_authority_gives_a_certificate_which_is_kept: Pebble is not there (Debian's package pebble)"
        );
        return;
    };
    let authority = pebble.door.dir.path().join("authority.pem");
    std::fs::write(&authority, pebble.door.pem()).unwrap();
    let house = empty_house();
    let directory = format!("https://localhost:{}/dir", pebble.api);
    let arguments = [
        "--listen",
        &local(pebble.asked),
        "--acme",
        DOMAIN,
        "--acme-contact",
        "team@example.org",
        "--acme-directory",
        &directory,
        "--acme-authority",
        authority.to_str().unwrap(),
    ];
    let client = trusting(&pebble.root);
    let running = Running::start(house.path(), &arguments);
    let (answer, first) = until("certificate", || {
        ask(&client, pebble.asked, DOMAIN, &get("/health", DOMAIN)).ok()
    });
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // Whoever has found the files has the key: nobody else looks into their folder.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::fs::metadata(house.path().join("acme")).unwrap();
        assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    }
    drop(running);
    // Started again, the same certificate serves: authorities give only so many a week.
    let _running = Running::start(house.path(), &arguments);
    let (_, second) = until("certificate", || {
        ask(&client, pebble.asked, DOMAIN, &get("/health", DOMAIN)).ok()
    });
    assert_eq!(first, second);
}
