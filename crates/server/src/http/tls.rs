//! TLS: which certificate the server shows, and how it comes by a new one without being started again.
//!
//! Either the operator brings a certificate and its key as files, which are read again when they change, or an authority that speaks ACME (RFC
//! 8555) gives one for the deployment's domain, which is renewed by itself.

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use std::{fs, io};

use futures_util::StreamExt;
use rustls_acme::caches::DirCache;
use rustls_acme::{AcmeConfig, is_tls_alpn_challenge};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{Acceptor, ResolvesServerCert};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

/// How often the files of a certificate are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The authority that is asked where none is named.
pub const USUAL_DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// What a client gets that speaks HTTP where TLS is spoken.
const NOT_HERE: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n\r\n\
    This port speaks https. Write https:// in front of the address.\n";

/// Why there is no TLS. Sentences that say what to do.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// A file holds something else.
    #[error("{} holds no {what} in PEM form: it is a text with a line -----BEGIN …-----", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What should be in it.
        what: &'static str,
    },
    /// Certificate and key cannot be used together.
    #[error("the certificate and the key do not go together: {0}")]
    Pair(rustls::Error),
    /// The directory for keys cannot be made.
    #[error("{} cannot be made: {cause}", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

/// How an authority is asked for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    /// Names that the certificate is for.
    pub domains: Vec<String>,
    /// Whom the authority writes to about it.
    pub contacts: Vec<String>,
    /// The address of the authority's directory.
    pub directory: String,
    /// Certificates by which the authority itself is known, where the usual ones do not do.
    pub authority: Option<PathBuf>,
    /// Where keys and certificates are kept.
    pub kept_in: PathBuf,
}

/// What TLS is spoken with. Cloned for each listener.
#[derive(Clone)]
pub struct Tls(Arc<Inner>);

struct Inner {
    config: Mutex<Arc<ServerConfig>>,
    source: Source,
}

enum Source {
    Files {
        cert: PathBuf,
        key: PathBuf,
        seen: Mutex<Stamps>,
    },
    Acme {
        challenge: Arc<ServerConfig>,
    },
}

/// When two files were last changed and how long they are.
type Stamps = [Option<(SystemTime, u64)>; 2];

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(…)")
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

impl Tls {
    /// With a certificate (and those that lead from it to an authority) and its key, both in PEM form.
    pub fn from_files(cert: &Path, key: &Path) -> Result<Self, TlsError> {
        let seen = stamps(cert, key);
        Ok(Self(Arc::new(Inner {
            config: Mutex::new(read(cert, key)?),
            source: Source::Files {
                cert: cert.to_owned(),
                key: key.to_owned(),
                seen: Mutex::new(seen),
            },
        })))
    }

    /// With a certificate that an authority gives. Must be called within a runtime: asking goes on beside the answers for as long as `stop` has
    /// not been said. Until the first one has come, clients find no certificate.
    pub fn from_authority(acme: &Acme, mut stop: watch::Receiver<bool>) -> Result<Self, TlsError> {
        private_directory(&acme.kept_in)?;
        let contacts = acme.contacts.iter().map(|address| format!("mailto:{address}"));
        let config = match &acme.authority {
            None => AcmeConfig::new_with_provider(&acme.domains, provider()),
            Some(file) => AcmeConfig::new_with_client_config(&acme.domains, trusting(file)?),
        };
        let mut state = config
            .contact(contacts)
            .cache(DirCache::new(acme.kept_in.clone()))
            .directory(&acme.directory)
            .state();
        let tls = Self(Arc::new(Inner {
            config: Mutex::new(Arc::new(with_resolver(state.resolver())?)),
            source: Source::Acme {
                challenge: state.challenge_rustls_config_with_provider(provider()),
            },
        }));
        tokio::spawn(async move {
            loop {
                let event = tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => return,
                    event = state.next() => event,
                };
                match event {
                    Some(Ok(done)) => tracing::warn!(?done, "certificate"),
                    Some(Err(cause)) => {
                        tracing::error!(%cause, "no certificate could be had from the authority; it is tried again");
                    }
                    None => return,
                }
            }
        });
        Ok(tls)
    }

    /// Reads the files again whenever they have changed, until `stop` is said. A pair that cannot be used is told once, and the former one stays in
    /// use: programs that renew certificates write one file after the other.
    pub async fn watch(self, every: Duration, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(every) => {}
            }
            let looking = self.clone();
            // Files are read off the threads that answer.
            let _ = tokio::task::spawn_blocking(move || looking.look()).await;
        }
    }

    /// Reads the files again if they have changed.
    pub fn look(&self) {
        let Source::Files { cert, key, seen } = &self.0.source else {
            return;
        };
        let now = stamps(cert, key);
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == now {
            return;
        }
        *seen = now;
        match read(cert, key) {
            Ok(config) => {
                *self.0.config.lock().unwrap_or_else(PoisonError::into_inner) = config;
                tracing::warn!("the certificate has changed and is in use");
            }
            Err(cause) => {
                tracing::error!(%cause, "the changed certificate cannot be used; the former one stays");
            }
        }
    }

    fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.config.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Shakes hands with a client. `None` where there is nothing to be answered: the authority has looked whether the domain leads here, or the
    /// client speaks no TLS.
    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> Option<TlsStream<S>> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await.ok()?;
        if let Source::Acme { challenge } = &self.0.source
            && is_tls_alpn_challenge(&start.client_hello())
        {
            if let Ok(mut stream) = start.into_stream(Arc::clone(challenge)).await {
                say_and_close(&mut stream, b"").await;
            }
            return None;
        }
        start.into_stream(self.config()).await.ok()
    }
}

/// Whether a connection that begins with this byte speaks TLS: the first record of a handshake does.
pub fn begins_with(first: u8) -> bool {
    first == 0x16
}

/// Tells a client that speaks HTTP where TLS is spoken what to do, and ends the connection.
pub async fn refuse_plain<S: AsyncWrite + Unpin>(stream: &mut S) {
    say_and_close(stream, NOT_HERE).await;
}

/// Writes what there is to say and ends the connection. Whoever has gone is not to be told.
async fn say_and_close<S: AsyncWrite + Unpin>(stream: &mut S, mut rest: &[u8]) {
    while !rest.is_empty() {
        match poll_fn(|context| Pin::new(&mut *stream).poll_write(context, rest)).await {
            Ok(n) if n > 0 => rest = &rest[n..],
            _ => return,
        }
    }
    let _ = poll_fn(|context| Pin::new(&mut *stream).poll_shutdown(context)).await;
}

fn with_resolver(resolver: Arc<dyn ResolvesServerCert>) -> Result<ServerConfig, TlsError> {
    Ok(finished(builder()?.with_cert_resolver(resolver)))
}

fn builder() -> Result<rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>, TlsError> {
    let versions = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)
        .map_err(TlsError::Pair)?;
    Ok(versions.with_no_client_auth())
}

fn finished(mut config: ServerConfig) -> ServerConfig {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

fn read(cert: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let content = |path: &Path, what| TlsError::Content {
        path: path.to_owned(),
        what,
    };
    let certs: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&bytes(cert)?)
        .collect::<Result<_, _>>()
        .map_err(|_| content(cert, "certificate"))?;
    if certs.is_empty() {
        return Err(content(cert, "certificate"));
    }
    let secret = PrivateKeyDer::from_pem_slice(&bytes(key)?).map_err(|_| content(key, "private key"))?;
    let config = builder()?
        .with_single_cert(certs, secret)
        .map_err(TlsError::Pair)?;
    Ok(Arc::new(finished(config)))
}

fn bytes(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|cause| TlsError::File {
        path: path.to_owned(),
        cause: cause.to_string(),
    })
}

fn stamps(cert: &Path, key: &Path) -> Stamps {
    [cert, key].map(|path| {
        let file = fs::metadata(path).ok()?;
        Some((file.modified().ok()?, file.len()))
    })
}

/// A client that knows an authority by the certificates in a file.
fn trusting(file: &Path) -> Result<Arc<ClientConfig>, TlsError> {
    let content = || TlsError::Content {
        path: file.to_owned(),
        what: "certificate",
    };
    let mut roots = RootCertStore::empty();
    for cert in CertificateDer::pem_slice_iter(&bytes(file)?) {
        roots.add(cert.map_err(|_| content())?).map_err(|_| content())?;
    }
    if roots.is_empty() {
        return Err(content());
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)
        .map_err(TlsError::Pair)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// A directory that nobody else looks into: keys lie in it.
fn private_directory(path: &Path) -> Result<(), TlsError> {
    let failed = |cause| TlsError::Directory {
        path: path.to_owned(),
        cause,
    };
    fs::create_dir_all(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}
