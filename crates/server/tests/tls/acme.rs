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

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
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

#[test]
fn an_authority_gives_a_certificate_which_is_kept() {
    let (names, told, api, management, port) =
        (free_port(), free_port(), free_port(), free_port(), free_port());
    let local = |port: u16| format!("127.0.0.1:{port}");
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
    ]));
    let Some(_resolver) = resolver else {
        eprintln!(
            "SKIPPED an_authority_gives_a_certificate_which_is_kept: Pebble is not there (Debian's package pebble)"
        );
        return;
    };
    let own = Authority::new();
    own.give(&["localhost"], 1);
    let (cert, key) = own.files();
    let config = serde_json::json!({"pebble": {
        "listenAddress": local(api), "managementListenAddress": local(management),
        "certificate": cert, "privateKey": key, "httpPort": free_port(), "tlsPort": port,
        "ocspResponderURL": "", "externalAccountBindingRequired": false,
    }});
    let config_file = own.dir.path().join("pebble.json");
    std::fs::write(&config_file, config.to_string()).unwrap();
    let _pebble = helper(
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
        let (answer, _) = ask(
            &own.client(),
            management,
            "localhost",
            &get("/roots/0", "localhost"),
        )
        .ok()?;
        Some(answer.split_once("\r\n\r\n")?.1.to_owned())
    });
    let authority = own.dir.path().join("authority.pem");
    std::fs::write(&authority, own.pem()).unwrap();
    let house = empty_house();
    let directory = format!("https://localhost:{api}/dir");
    let arguments = [
        "--listen",
        &local(port),
        "--acme",
        DOMAIN,
        "--acme-contact",
        "team@example.org",
        "--acme-directory",
        &directory,
        "--acme-authority",
        authority.to_str().unwrap(),
    ];
    let client = trusting(&root);
    let running = Running::start(house.path(), &arguments);
    let (answer, first) = until("certificate", || {
        ask(&client, port, DOMAIN, &get("/health", DOMAIN)).ok()
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
        ask(&client, port, DOMAIN, &get("/health", DOMAIN)).ok()
    });
    assert_eq!(first, second);
}
