//! `phteah serve`: the map, the API and the tiles until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use phteah_layers::{Catalogue, LayersError};
use tokio::net::TcpListener;

use super::{CommandError, say};
use crate::api;
use crate::cli;
use crate::partner;
use crate::partner::state::PartnerOptions;
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
        .with_writer(std::io::stderr)
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
    let partners = PartnerOptions {
        limits: partner::limits::Limits::per_second(f64::from(args.rate.max(1))),
        public_url: args.public_url,
        team_only: !args.listen.ip().is_loopback(),
        tile_cache_bytes: args.tile_cache << 20,
        ..PartnerOptions::default()
    };
    let limits = Limits {
        tile_cache_bytes: args.tile_cache << 20,
        ..Limits::default()
    };
    let state = Arc::new(AppState::open_for(
        args.data.dir,
        limits,
        boot,
        measure::survey,
        partners,
    )?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CommandError::Refused(format!("The server cannot start: {e}.")))?;
    let served = runtime.block_on(serve(args.listen, args.partners, state));
    // Work that cannot be interrupted must not keep a stopped server alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

async fn serve(
    address: SocketAddr,
    partners: Option<SocketAddr>,
    state: Arc<AppState>,
) -> Result<(), CommandError> {
    // Whoever opens the map first need not wait for it.
    let warmed = Arc::clone(&state);
    tokio::task::spawn_blocking(move || {
        warmed.prepare_layers();
        warmed.warm();
    });
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let listener = listen(address, "--listen").await?;
    say(format!("Serving http://{}", local(&listener)?));
    let until_stopped = || {
        let mut stopped = stopped.clone();
        async move {
            // A sender that is gone stops the server as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        }
    };
    // Limits by address need the client's.
    let app = api::app(Arc::clone(&state)).into_make_service_with_connect_info::<SocketAddr>();
    let map = axum::serve(listener, app).with_graceful_shutdown(until_stopped());
    let beside = match partners {
        None => None,
        Some(address) => {
            let listener = listen(address, "--partners").await?;
            say(format!("Serving partners http://{}/data", local(&listener)?));
            let app = api::partner_app(state).into_make_service_with_connect_info::<SocketAddr>();
            Some(axum::serve(listener, app).with_graceful_shutdown(until_stopped()))
        }
    };
    tokio::spawn(async move {
        told_to_stop().await;
        let _ = stopping.send(true);
    });
    let server = async {
        let beside = async {
            match beside {
                Some(server) => server.await,
                None => Ok(()),
            }
        };
        let (map, beside) = tokio::join!(map, beside);
        map.and(beside)
    };
    let patience = async {
        // A sender that is gone means that the server is gone, which the other branch sees.
        if stopped.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server => ended.map_err(|e| LayersError::Io { doing: "serving".to_owned(), source: e })?,
        () = patience => eprintln!("Requests still under way after {} s were cut off.", GRACE.as_secs()),
    }
    Ok(())
}

async fn listen(address: SocketAddr, option: &str) -> Result<TcpListener, CommandError> {
    TcpListener::bind(address).await.map_err(|e| {
        CommandError::Refused(format!(
            "{address} cannot be listened on: {e}. Choose another with {option}."
        ))
    })
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
