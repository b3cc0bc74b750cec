//! `phteah serve`: the map, the API and the tiles until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use phteah_layers::{Catalogue, LayersError};
use tokio::net::TcpListener;

use super::{CommandError, say};
use crate::api;
use crate::cli;
use crate::ranking::measure;
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
    let catalogue = Catalogue::open(&args.data.dir)?;
    // Held until the end: the lock goes with the process, however that ends.
    let _lock = catalogue.lock_for_serving()?;
    // Tells the request ids of this run from those of another; no more than that.
    let boot = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs() as u32);
    let state = AppState::open(args.data.dir, Limits::default(), boot, measure::measure)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CommandError::Refused(format!("The server cannot start: {e}.")))?;
    let served = runtime.block_on(serve(args.listen, state));
    // Work that cannot be interrupted must not keep a stopped server alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

async fn serve(address: SocketAddr, state: AppState) -> Result<(), CommandError> {
    let failed = |e: std::io::Error| {
        CommandError::Refused(format!(
            "{address} cannot be listened on: {e}. Choose another with --listen."
        ))
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    say(format!("Serving http://{address}"));
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let server = axum::serve(
        listener,
        // Limits by address need the client's.
        api::app(Arc::new(state)).into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(async move {
        told_to_stop().await;
        let _ = stopping.send(true);
    });
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
