//! `phteah serve`: the map, the API and the tiles until it is told to stop.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use phteah_layers::{Catalogue, LayersError};
use phteah_store::{KeyScope, Role, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::terminal::Log;
use super::{CommandError, say, tell};
use crate::api;
use crate::auth::planner::{is_for_everybody, is_illustrative};
use crate::cli::{self, ListenAddress};
use crate::field::registry::KeyPlace;
use crate::http::limits;
use crate::http::listener::{self, ConnectionLimits, raise_descriptor_limit};
use crate::http::redirect::{self, Target};
use crate::http::tls::{Acme, LOOK_EVERY, Tls, TlsError, USUAL_DIRECTORY};
use crate::partner::state::{Open, PartnerOptions};
use crate::ranking::measure;
use crate::scenarios;
use crate::state::{AppState, Limits};

/// How long requests under way may take once the server has been told to stop.
const GRACE: Duration = Duration::from_secs(10);

pub fn run(args: cli::Serve) -> Result<(), CommandError> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("PHTEAH_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .with_ansi(false)
        .with_writer(|| Log)
        .init();
    // Said once, at the start: it holds for every import on this computer.
    if let Some(lacking) = phteah_layers::reading_process::protection()?.lacking() {
        tracing::warn!("{lacking}");
    }
    let catalogue = Catalogue::open(&args.data.dir)?;
    // Held until the end: the lock goes with the process, however that ends.
    let _lock = catalogue.lock_for_serving()?;
    if let Err(cause) = catalogue.sweep() {
        // A directory that may only be read is served as well.
        tracing::warn!(%cause, "what killed writes have left was not removed");
    }
    scenarios::keep::sweep(&args.data.dir);
    // Tells the request ids of this run from those of another; no more than that.
    let boot = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs() as u32);
    let database = args.data.database()?;
    let store = Store::open_in(catalogue.dir(), &database)?;
    let lock = Lock::of(&args)?;
    let public_url = args.public_url.clone().or_else(|| lock.address());
    let partners = PartnerOptions {
        tls: lock != Lock::None,
        limits: limits::Limits::per_second(f64::from(args.rate.max(1))),
        public_url,
        open: args.open.unwrap_or_default(),
        reached_from_outside: !args.listen.is_loopback(),
        trusted_proxies: args.trusted_proxies.clone(),
        tile_cache_bytes: args.tile_cache << 20,
        database,
        ..PartnerOptions::default()
    };
    let entrance = entrance(&args, &catalogue, &store, &partners)?;
    let doors = Doors {
        map: args.listen,
        partners: args.partners,
        redirect: args.redirect_http,
    };
    let limits = Limits {
        tile_cache_bytes: args.tile_cache << 20,
        ..Limits::default()
    };
    let listeners = 1 + usize::from(doors.partners.is_some()) + usize::from(doors.redirect.is_some());
    let connections = ConnectionLimits::default();
    let connections = ConnectionLimits {
        all: connections.all.min(raise_descriptor_limit() / listeners).max(1),
        proxies: args.trusted_proxies,
        ..connections
    };
    let key = KeyPlace::find(&args.data.dir, args.key_file.as_deref(), |name| {
        std::env::var_os(name)
    });
    let state = AppState::open_for(args.data.dir, limits, boot, measure::survey, partners)?.with_key(key);
    if state.registry.is_wanted()? {
        state.registry.open()?;
    } else if let Err(cause) = state.registry.lacking() {
        tell(format!(
            "Phones and families cannot be kept until this is mended and the server started again; all else works. {cause}"
        ));
    }
    let state = Arc::new(state);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CommandError::Refused(format!("The server cannot start: {e}.")))?;
    let served = runtime.block_on(serve(&doors, &lock, &entrance, connections, state));
    // Work that cannot be interrupted must not keep a stopped server alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

/// What is said at the start about who may come in; an open door for real layers must not be one to the internet.
fn entrance(
    args: &cli::Serve,
    catalogue: &Catalogue,
    store: &Store,
    options: &PartnerOptions,
) -> Result<String, CommandError> {
    let illustrative =
        is_for_everybody(catalogue, store).map_err(|e| CommandError::Refused(e.to_string()))?;
    if args.open.is_some() && illustrative && options.is_for_this_machine() {
        return Ok("The map asks nobody to sign in: all it shows is an illustrative city.".to_owned());
    }
    if args.open == Some(Open::All) {
        if args.public_url.is_some() {
            return Err(CommandError::Usage(
                "--open and --public-url do not go together: everybody would see and change what is not public. Leave --open away and \
                 make accounts with \"phteah account add NAME --role planner\"."
                    .to_owned(),
            ));
        }
        return Ok(format!(
            "OPEN: the map asks nobody to sign in. Whoever reaches {} sees and changes everything, internal layers too.",
            args.listen
        ));
    }
    if illustrative && options.is_for_this_machine() {
        return Ok("The map asks people to sign in. With --open=illustrative it shows the illustrative city to whoever sits at this machine.".to_owned());
    }
    let now = jiff::Timestamp::now();
    let has_key = store
        .keys()?
        .iter()
        .any(|key| key.scope == KeyScope::Team && key.is_valid(now));
    let has_planner = store
        .accounts(&store.command_line())?
        .iter()
        .any(|account| account.disabled_at.is_none() && account.roles.contains(&Role::Planner));
    if has_key || has_planner {
        Ok("The map asks people to sign in; a script sends a key of the team.".to_owned())
    } else {
        Ok(format!(
            "The map asks people to sign in, and nobody can yet: phteah account add NAME --role planner --data {}",
            args.data.dir.display()
        ))
    }
}

/// Where the server listens.
struct Doors {
    map: ListenAddress,
    partners: Option<ListenAddress>,
    redirect: Option<ListenAddress>,
}

/// What the doors are locked with.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lock {
    /// Nothing: a proxy speaks TLS, or nobody does.
    None,
    /// A certificate and its key.
    Files(PathBuf, PathBuf),
    /// A certificate that an authority gives.
    Acme(Acme),
}

impl Lock {
    fn of(args: &cli::Serve) -> Result<Self, CommandError> {
        let usage = |text: &str| Err(CommandError::Usage(text.to_owned()));
        if let (Some(cert), Some(key)) = (&args.tls_cert, &args.tls_key) {
            return Ok(Self::Files(cert.clone(), key.clone()));
        }
        if !args.acme.is_empty() {
            let is_name = |name: &String| {
                let labels = name.split('.').collect::<Vec<_>>();
                let sound = |label: &&str| {
                    !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                };
                labels.len() > 1 && labels.iter().all(sound) && name.parse::<IpAddr>().is_err()
            };
            if !args.acme.iter().all(is_name) {
                return usage(
                    "--acme takes a name that leads to this server, such as data.example.org; no address and no port.",
                );
            }
            return Ok(Self::Acme(Acme {
                domains: args.acme.clone(),
                contacts: args.acme_contact.clone(),
                directory: args
                    .acme_directory
                    .clone()
                    .unwrap_or_else(|| USUAL_DIRECTORY.to_owned()),
                authority: args.acme_authority.clone(),
                kept_in: args.data.dir.join("acme"),
            }));
        }
        if args.redirect_http.is_some() {
            return usage(
                "--redirect-http leads to https, which nobody speaks here: give --tls-cert and --tls-key, or --acme.",
            );
        }
        Ok(Self::None)
    }

    /// The address that follows from it.
    fn address(&self) -> Option<String> {
        match self {
            Self::Acme(acme) => acme.domains.first().map(|name| format!("https://{name}")),
            Self::None | Self::Files(..) => None,
        }
    }

    /// Makes it ready; what it needs goes on beside the answers until `stop` is said.
    fn open(&self, stop: &watch::Receiver<bool>) -> Result<Option<Tls>, TlsError> {
        match self {
            Self::None => Ok(None),
            Self::Files(cert, key) => {
                let tls = Tls::from_files(cert, key)?;
                tokio::spawn(tls.clone().watch(LOOK_EVERY, stop.clone()));
                Ok(Some(tls))
            }
            Self::Acme(acme) => Tls::from_authority(acme, stop.clone()).map(Some),
        }
    }
}

async fn serve(
    doors: &Doors,
    lock: &Lock,
    entrance: &str,
    limits: ConnectionLimits,
    state: Arc<AppState>,
) -> Result<(), CommandError> {
    // Whoever opens the map first need not wait for it.
    let warmed = Arc::clone(&state);
    tokio::task::spawn_blocking(move || {
        warmed.prepare_layers();
        warmed.warm();
    });
    // Nor whoever comes to the desk first.
    if state.registry.is_wanted()? {
        let (registry, now) = (Arc::clone(&state.registry), state.partner.now());
        tokio::task::spawn_blocking(move || {
            if let Err(cause) = registry.open().and_then(|registry| registry.warm_desk(now)) {
                tracing::error!(%cause, "the households were not read for the desk");
            }
        });
    }
    let (stopping, mut stopped) = watch::channel(false);
    let tls = lock
        .open(&stopped)
        .map_err(|cause| CommandError::Refused(format!("No https: {cause}.")))?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let map = listen(&doors.map, "--listen").await?;
    let port = local(&map)?.port();
    let own = format!("{scheme}://{}", local(&map)?);
    let reached = format!("{scheme}://{}", reachable(local(&map)?));
    let known = state.partner.options.public_url.as_deref().unwrap_or(&reached);
    // For the links that commands print. A directory that may only be read is served as well.
    if let Err(cause) = state.partner.store().note_address(known) {
        tracing::warn!(%cause, "the server's address was not noted");
    }
    say(format!("Serving {own}"));
    let beside = match &doors.partners {
        None => None,
        Some(address) => {
            let listener = listen(address, "--partners").await?;
            say(format!("Serving partners {scheme}://{}/data", local(&listener)?));
            Some(listener)
        }
    };
    let plain = match &doors.redirect {
        None => None,
        Some(address) => {
            let listener = listen(address, "--redirect-http").await?;
            say(format!("Sending http://{} on to https", local(&listener)?));
            Some(listener)
        }
    };
    say(entrance);
    if let Some(ways) = ways_in(&state, &reached)? {
        say(ways);
    }
    let target = match &state.partner.options.public_url {
        Some(url) => Target::Url(url.clone()),
        None => Target::Port(port),
    };
    let plain = plain.map(|plain| {
        let app = redirect::app(target);
        listener::serve(plain, app, limits.clone(), None, stopped.clone())
    });
    let app = api::app(Arc::clone(&state));
    let map = listener::serve(map, app, limits.clone(), tls.clone(), stopped.clone());
    let beside =
        beside.map(|beside| listener::serve(beside, api::partner_app(state), limits, tls, stopped.clone()));
    tokio::spawn(async move {
        told_to_stop().await;
        let _ = stopping.send(true);
    });
    let server = async {
        let beside = async {
            if let Some(server) = beside {
                server.await;
            }
        };
        let plain = async {
            if let Some(server) = plain {
                server.await;
            }
        };
        tokio::join!(map, beside, plain);
    };
    let patience = async {
        // A sender that is gone means that the server is gone, which the other branch sees.
        if stopped.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = server => {}
        () = patience => tell(format!("Requests still under way after {} s were cut off.", GRACE.as_secs())),
    }
    Ok(())
}

/// Ways in for whoever tries the illustrative city on this computer; none where anything is real, or where the server has an address outside.
fn ways_in(state: &AppState, own: &str) -> Result<Option<String>, CommandError> {
    let partner = &state.partner;
    if partner.options.public_url.is_some() {
        return Ok(None);
    }
    let catalogue = partner
        .catalogue()
        .map_err(|e| CommandError::Refused(e.to_string()))?;
    if !is_illustrative(&catalogue) {
        return Ok(None);
    }
    let store = partner.store();
    match super::demo::families::are_alone(store, state.dir(), &partner.options.database)? {
        None => Ok(None),
        Some(true) => super::demo::doors::printed(store, own, jiff::Timestamp::now()),
        Some(false) => Ok(Some(
            "Households were recorded here that the illustrative city did not make: no sign-in links are printed. Make accounts with \"phteah \
             account add\", and links with \"phteah account link\"."
                .to_owned(),
        )),
    }
}

/// Of a name that stands for several addresses the first that can be listened on, IPv4 before IPv6.
async fn listen(address: &ListenAddress, option: &str) -> Result<TcpListener, CommandError> {
    let found = tokio::net::lookup_host((address.host.as_str(), address.port))
        .await
        .map_err(|e| {
            CommandError::Usage(format!(
                "{address} is no address: {e}. Choose another with {option}."
            ))
        })?;
    let mut found: Vec<SocketAddr> = found.collect();
    found.sort_by_key(SocketAddr::is_ipv6);
    TcpListener::bind(found.as_slice()).await.map_err(|e| {
        CommandError::Refused(format!(
            "{address} cannot be listened on: {e}. Choose another with {option}."
        ))
    })
}

/// Where whoever sits at this machine reaches a listener: "every address" is none that a browser could go to.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn local(listener: &TcpListener) -> Result<SocketAddr, CommandError> {
    Ok(listener.local_addr().map_err(|e| LayersError::Io {
        doing: "listening".to_owned(),
        source: e,
    })?)
}

async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
