//! Accepting connections, and cutting those that only keep others out.
//!
//! A connection is idle while no request of it is being answered: before its first request, between two, and while the head of one comes in.
//! When there are as many connections as may be, in all or from one address, the one that has been idle longest makes room for the newcomer.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::server::TlsStream;
use tower::Service;

use super::client::Connection;
use super::tls::{self, Tls};

/// Limits of the connections of one listener.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Connections at once.
    pub all: usize,
    /// Of them from one address; a named proxy may have all of them.
    pub each: usize,
    /// How long the head of a request may take, from the moment at which the connection is free for it.
    pub head_time: Duration,
    /// How long a client may leave what is sent to it lying.
    pub write_time: Duration,
    /// Proxies that the operator has named.
    pub proxies: Vec<IpAddr>,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            all: 4096,
            each: 1024,
            head_time: Duration::from_secs(20),
            write_time: Duration::from_secs(120),
            proxies: Vec::new(),
        }
    }
}

/// A connection as the system gives it, with a limit of time for what is written.
type Plain = Pin<Box<TimeoutStream<TcpStream>>>;

/// The largest head of a request: filters with shapes travel in addresses.
const MAX_HEAD_BYTES: usize = 128 * 1024;

/// How long the listener rests when the system has no descriptor to spare.
const REST: Duration = Duration::from_millis(50);

/// Descriptors that are not left to connections: layers' files, the store, files that are made.
#[cfg(unix)]
const KEPT_DESCRIPTORS: u64 = 512;

/// Raises the number of files that the process may have open as far as the system lets it, and says how many connections that leaves.
#[cfg(unix)]
pub fn raise_descriptor_limit() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let left = current.map_or(u64::MAX, |n| (n / 2).max(n.saturating_sub(KEPT_DESCRIPTORS)));
    usize::try_from(left).unwrap_or(usize::MAX)
}

/// Elsewhere nothing is known of such a limit.
#[cfg(not(unix))]
pub fn raise_descriptor_limit() -> usize {
    usize::MAX
}

/// Answers on a listener until `stop` says so, then lets what is being answered end. With `tls` nothing goes over it in clear.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    limits: ConnectionLimits,
    tls: Option<Tls>,
    mut stop: watch::Receiver<bool>,
) {
    let connections = Arc::new(Connections::new(limits));
    let mut tasks = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            // A sender that is gone stops the server as well.
            _ = stop.wait_for(|stop| *stop) => break,
            Some(_) = tasks.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(seat) = connections.admit(peer.ip()) {
                    tasks.spawn(answer(stream, peer, app.clone(), seat, tls.clone(), stop.clone()));
                }
            }
            // The client has gone already.
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted just now");
                tokio::time::sleep(REST).await;
            }
        }
    }
    drop(listener);
    while tasks.join_next().await.is_some() {}
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

async fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    seat: Seat,
    tls: Option<Tls>,
    stop: watch::Receiver<bool>,
) {
    let Ok(local) = stream.local_addr() else { return };
    // What is written is written at once; where that cannot be had it is only slower.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(seat.connections.limits.write_time));
    let stream = Box::pin(stream);
    let connection = Connection {
        peer,
        local,
        secure: tls.is_some(),
    };
    match tls {
        None => converse(TokioIo::new(stream), connection, app, &seat, stop).await,
        Some(tls) => {
            // Until hands are shaken the connection is an idle one: it has as long as a head, and makes room for others.
            let shaken = tokio::select! {
                shaken = tokio::time::timeout(seat.connections.limits.head_time, shake_hands(&tls, stream)) => shaken,
                () = seat.state.close.notified() => return,
            };
            if let Ok(Some(stream)) = shaken {
                converse(TokioIo::new(stream), connection, app, &seat, stop).await;
            }
        }
    }
}

/// The sealed connection; `None` where there is nothing to be answered.
async fn shake_hands(tls: &Tls, mut stream: Plain) -> Option<TlsStream<Plain>> {
    let tcp = stream.as_ref().get_ref().get_ref();
    let mut first = [0];
    if tcp.peek(&mut first).await.ok()? == 0 {
        return None;
    }
    if tls::begins_with(first[0]) {
        return tls.accept(stream).await;
    }
    take_what_was_sent(tcp);
    tls::refuse_plain(&mut stream).await;
    None
}

/// A connection that is closed over unread bytes is reset, and the answer with it.
fn take_what_was_sent(tcp: &TcpStream) {
    let mut sent = [0; 4096];
    while tcp.try_read(&mut sent).is_ok_and(|n| n > 0) {}
}

/// Answers what comes on a connection until it ends.
async fn converse<IO: hyper::rt::Read + hyper::rt::Write + Unpin>(
    io: IO,
    ends: Connection,
    app: Router,
    seat: &Seat,
    mut stop: watch::Receiver<bool>,
) {
    let limits = &seat.connections.limits;
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(MAX_HEAD_BYTES);
    let state = Arc::clone(&seat.state);
    let service = service_fn(move |request: Request<Incoming>| {
        let busy = Busy::begin(&state);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ends);
        let answer = app.clone().call(request);
        async move {
            let response: Response<Body> = answer.await?;
            Ok::<_, Infallible>(response.map(|body| WhileBusy { body, _busy: busy }))
        }
    });
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut stopping = false;
    loop {
        tokio::select! {
            // However it ends, it has ended: a client that went away is nothing to tell.
            _ = connection.as_mut() => return,
            () = seat.state.close.notified() => return,
            _ = stop.wait_for(|stop| *stop), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// All connections of a listener.
#[derive(Debug)]
struct Connections {
    limits: ConnectionLimits,
    seats: Mutex<Seats>,
}

#[derive(Debug, Default)]
struct Seats {
    next: u64,
    taken: HashMap<u64, (IpAddr, Arc<State>)>,
    by_address: HashMap<IpAddr, usize>,
}

/// What a connection is doing.
#[derive(Debug)]
struct State {
    activity: Mutex<Activity>,
    close: Notify,
}

#[derive(Debug)]
struct Activity {
    answering: usize,
    idle_since: Instant,
}

impl State {
    fn activity(&self) -> std::sync::MutexGuard<'_, Activity> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle_since(&self) -> Option<Instant> {
        let activity = self.activity();
        (activity.answering == 0).then_some(activity.idle_since)
    }
}

/// A connection's seat; free when dropped.
#[derive(Debug)]
struct Seat {
    number: u64,
    state: Arc<State>,
    connections: Arc<Connections>,
}

impl Connections {
    fn new(limits: ConnectionLimits) -> Self {
        Self {
            limits,
            seats: Mutex::default(),
        }
    }

    /// A seat, if need be that of the connection which has been idle longest; `None` where every one is being answered.
    fn admit(self: &Arc<Self>, ip: IpAddr) -> Option<Seat> {
        let ip = ip.to_canonical();
        let is_proxy = self.limits.proxies.iter().any(|proxy| proxy.to_canonical() == ip);
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = seats.by_address.get(&ip).copied().unwrap_or(0);
        if !is_proxy && mine >= self.limits.each && !seats.close_idlest(Some(ip)) {
            return None;
        }
        if seats.taken.len() >= self.limits.all && !seats.close_idlest(None) {
            return None;
        }
        seats.next += 1;
        let number = seats.next;
        let state = Arc::new(State {
            activity: Mutex::new(Activity {
                answering: 0,
                idle_since: Instant::now(),
            }),
            close: Notify::new(),
        });
        seats.taken.insert(number, (ip, Arc::clone(&state)));
        *seats.by_address.entry(ip).or_default() += 1;
        Some(Seat {
            number,
            state,
            connections: Arc::clone(self),
        })
    }
}

impl Seats {
    /// Closes the connection that has been idle longest, of one address or of all; `false` where none is idle.
    fn close_idlest(&mut self, of: Option<IpAddr>) -> bool {
        let idlest = self
            .taken
            .iter()
            .filter(|(_, (ip, _))| of.is_none_or(|of| of == *ip))
            .filter_map(|(number, (_, state))| Some((state.idle_since()?, *number)))
            .min();
        let Some((_, number)) = idlest else { return false };
        if let Some(state) = self.leave(number) {
            state.close.notify_one();
        }
        true
    }

    fn leave(&mut self, number: u64) -> Option<Arc<State>> {
        let (ip, state) = self.taken.remove(&number)?;
        if let Some(mine) = self.by_address.get_mut(&ip) {
            *mine -= 1;
            if *mine == 0 {
                self.by_address.remove(&ip);
            }
        }
        Some(state)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self
            .connections
            .seats
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        seats.leave(self.number);
    }
}

/// A request that is being answered.
#[derive(Debug)]
struct Busy(Arc<State>);

impl Busy {
    fn begin(state: &Arc<State>) -> Self {
        state.activity().answering += 1;
        Self(Arc::clone(state))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut activity = self.0.activity();
        activity.answering -= 1;
        activity.idle_since = Instant::now();
    }
}

/// A body whose connection is busy until all of it has been handed over.
struct WhileBusy {
    body: Body,
    _busy: Busy,
}

impl http_body::Body for WhileBusy {
    type Data = axum::body::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream as Client;

    use super::*;
    use axum::http::Uri;

    struct Running {
        address: SocketAddr,
        stop: watch::Sender<bool>,
        task: tokio::task::JoinHandle<()>,
    }

    async fn start(limits: ConnectionLimits) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(async |uri: Uri| {
            if uri.path() == "/slow" {
                tokio::time::sleep(Duration::from_millis(300)).await;
                "slow"
            } else {
                "here"
            }
        });
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(serve(listener, app, limits, None, stopped));
        Running { address, stop, task }
    }

    fn connect(address: SocketAddr) -> Client {
        let stream = Client::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// What comes until the connection ends; empty where it is cut.
    fn rest(mut stream: &Client) -> String {
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(e) => assert!(e.kind() != io::ErrorKind::WouldBlock, "the server hangs"),
        }
        String::from_utf8(answer).unwrap()
    }

    /// One request over a connection of its own; empty where the connection is cut.
    async fn ask(address: SocketAddr, path: &'static str) -> String {
        let asking = move || {
            let mut stream = connect(address);
            let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
            match stream.write_all(head.as_bytes()) {
                Ok(()) => rest(&stream),
                Err(_) => String::new(),
            }
        };
        tokio::task::spawn_blocking(asking).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn idle_connections_keep_nobody_out() {
        raise_descriptor_limit();
        let limits = ConnectionLimits {
            all: 200,
            each: 200,
            ..ConnectionLimits::default()
        };
        let server = start(limits).await;
        let mut idle = Vec::new();
        for _ in 0..1100 {
            idle.push(connect(server.address));
        }
        for _ in 0..5 {
            assert!(ask(server.address, "/").await.ends_with("here"));
        }
        // The first of them has made room.
        let first = idle.swap_remove(0);
        assert_eq!(
            tokio::task::spawn_blocking(move || rest(&first)).await.unwrap(),
            ""
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_connection_that_is_being_answered_is_not_cut() {
        let limits = ConnectionLimits {
            all: 10,
            each: 1,
            ..ConnectionLimits::default()
        };
        let server = start(limits).await;
        let slow = tokio::spawn(ask(server.address, "/slow"));
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(ask(server.address, "/").await, "", "one from each address");
        assert!(slow.await.unwrap().ends_with("slow"));
        assert!(ask(server.address, "/").await.ends_with("here"));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn slow_heads_are_cut() {
        let limits = ConnectionLimits {
            head_time: Duration::from_millis(200),
            ..ConnectionLimits::default()
        };
        let server = start(limits).await;
        let dribbling = move || {
            let mut stream = connect(server.address);
            stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
            let mut answer = [0; 64];
            // A byte now and then, for as long as the server bears it.
            let mut bytes = b"GET / HTTP/1.1\r\nx-slow: ".iter().cycle().take(200);
            bytes.any(|byte| {
                let is_cut = match stream.read(&mut answer) {
                    Ok(n) => n == 0,
                    Err(e) => e.kind() != io::ErrorKind::WouldBlock,
                };
                is_cut || stream.write_all(&[*byte]).is_err()
            })
        };
        let ended = tokio::task::spawn_blocking(dribbling).await.unwrap();
        assert!(ended);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_stops_when_told_and_finishes_what_it_does() {
        let server = start(ConnectionLimits::default()).await;
        let _idle = connect(server.address);
        let slow = tokio::spawn(ask(server.address, "/slow"));
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.stop.send(true).unwrap();
        assert!(slow.await.unwrap().ends_with("slow"));
        tokio::time::timeout(Duration::from_secs(10), server.task)
            .await
            .unwrap()
            .unwrap();
    }
}
