//! The accept loop: connections, their limits, and their end.
//!
//! Accepting never stops because of slow clients: a new connection is let in, and one whose client keeps
//! us waiting is closed for it. Only HTTP/1.1 is spoken: Alertmanager speaks HTTP/2 over TLS alone,
//! which a reverse proxy ends.

mod answers;
mod bodies;
mod connection;
mod limits;
mod measured;
mod progress;
mod table;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulConnection;
use rustix::net::sockopt::set_socket_send_buffer_size;
use rustix::process::{Resource, getrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::AppState;
use super::edge::Edge;
use crate::clock::Clock;
use answers::Answers;
pub(super) use bodies::Announced;
use bodies::Bodies;
use connection::Shared;
pub(super) use connection::{Connection, RoomForBody};
use limits::{ANSWERS_BYTES, BUFFER_BYTES, HEAD_BYTES, LOOK_WHILE_SHORT, Most, READ_BYTES};
use measured::Measured;
use table::{Place, Table};

/// How long it takes the listener or a connection, at most, to notice what arrived before the server stopped;
/// in real time, since it is the system that tells.
const NOTICE: Duration = Duration::from_millis(20);
/// How long requests under way may take to end when the server stops.
const DRAIN: Duration = Duration::from_secs(3);
/// How long the connections that are cut off then may take to close.
const CLOSE: Duration = Duration::from_secs(1);
/// The wait after a failed accept, as when no file descriptor is left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// How often it is looked whose time is over.
const LOOK: Duration = Duration::from_millis(500);

/// Serves until `stop` is set, then lets the requests under way end, those that have arrived unread too.
///
/// # Errors
///
/// None: a connection that fails concerns only its client.
pub async fn serve(
    listener: TcpListener,
    app: Arc<AppState>,
    stop: watch::Receiver<bool>,
) -> Result<(), Infallible> {
    let clock = Arc::clone(&app.core.clock);
    let most = most(&app);
    let longest = app.core.settings.load().process.max_body_bytes;
    let shared = Shared {
        bodies: Arc::new(Bodies::new(longest, most.total)),
        answers: Arc::new(Answers::new(ANSWERS_BYTES)),
    };
    let table = Table::new(Arc::clone(&app.core), most, shared);
    let looking = tokio::spawn(look(Arc::clone(&clock), Arc::clone(&table)));
    let (last, is_last) = watch::channel(false);
    accept_until(stop, listener, &table, &*clock, &is_last, &Arc::new(Edge::new(app))).await;
    sleep(NOTICE).await;
    last.send_replace(true);
    drop(is_last);
    // Each connection holds a receiver to its end.
    let mut ended = pin!(last.closed());
    // A request that is not done by then is cut off; nothing was answered, so nothing is lost.
    if timeout(DRAIN, &mut ended).await.is_err() {
        table.close_all();
        let _ = timeout(CLOSE, ended).await;
    }
    looking.abort();
    Ok(())
}

/// How many connections may be open; says so when it is fewer than the settings ask for.
fn most(app: &AppState) -> Most {
    let wanted = app.core.settings.load().process.max_connections;
    let files = getrlimit(Resource::Nofile).current;
    let most = Most::of(wanted, files);
    if most.total < wanted {
        tracing::warn!(
            wanted,
            served = most.total,
            files,
            "web.max_connections is lowered, since too few files may be open (ulimit -n, LimitNOFILE)"
        );
    }
    most
}

/// Looks again and again whose time is over, and as soon as unread answers hold too much, whose gives way.
async fn look(clock: Arc<dyn Clock>, table: Arc<Table>) {
    loop {
        let pause = if table.bodies_wait() { LOOK_WHILE_SHORT } else { LOOK };
        let again = clock.sleep_until(clock.now().boot + pause);
        let answers = async {
            loop {
                table.answers_are_full().await;
                table.make_room_for_answers();
            }
        };
        tokio::select! { () = again => table.look(), () = answers => {} }
    }
}

/// Accepts connections until `stop` is set, and closes the listener.
async fn accept_until(
    mut stop: watch::Receiver<bool>,
    listener: TcpListener,
    table: &Arc<Table>,
    clock: &dyn Clock,
    is_last: &watch::Receiver<bool>,
    edge: &Arc<Edge>,
) {
    let accepting = async {
        loop {
            table.has_room().await;
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let place = table.admit(peer.ip());
                    let connection = connection(stream, peer, &place, Arc::clone(edge));
                    tokio::spawn(until_cut(place, until_last(connection, is_last.clone())));
                }
                Err(error) => {
                    tracing::warn!("a connection was not accepted: {error}");
                    table.free_files();
                    let again = clock.sleep_until(clock.now().boot + ACCEPT_AGAIN);
                    tokio::select! { () = again => {}, () = table.left() => {} }
                }
            }
        }
    };
    // Who waits is let in: the system resets what it still holds when the listener is closed, and a request
    // may have arrived with it. Not for longer, since more may come without end.
    let stopping = async {
        let _ = stop.wait_for(|stop| *stop).await;
        sleep(NOTICE).await;
    };
    tokio::select! { () = accepting => {}, () = stopping => {} }
}

/// Drives a connection to its end, or until it has to be closed.
async fn until_cut(place: Place, connection: impl Future<Output = hyper::Result<()>>) {
    tokio::select! {
        // A client that breaks its connection concerns nobody else.
        _ = connection => {}
        () = place.is_cut() => {}
    }
}

/// Drives a connection to its end, which is its last answer once `is_last` is set.
///
/// It reads first: hyper closes a connection that is told to end while it has no request, and a request
/// that has arrived would have no answer.
async fn until_last<C: GracefulConnection>(
    connection: C,
    mut is_last: watch::Receiver<bool>,
) -> C::Output {
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        ended = connection.as_mut() => return ended,
        _ = is_last.wait_for(|is_last| *is_last) => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

/// One connection, whose stream and requests are noted in its place.
fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    place: &Place,
    edge: Arc<Edge>,
) -> impl GracefulConnection<Error = hyper::Error> + Send + use<> {
    // What a client does not read stays with us, and does not fill the system's memory. Where it cannot be
    // set, the connection works as well.
    let _ = set_socket_send_buffer_size(&stream, BUFFER_BYTES);
    let connection = Arc::clone(place.connection());
    let stream = Measured::new(stream, Arc::clone(&connection));
    let service = service_fn(move |request: Request<Incoming>| {
        let (edge, connection) = (Arc::clone(&edge), Arc::clone(&connection));
        // Who sends requests without waiting for answers may read none of them, and keeps us busy for nobody.
        let last = connection.request();
        async move {
            let mut response = edge.answer(peer, &connection, request).await;
            if last {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            connection.answer(response.body().size_hint().exact().unwrap_or_default());
            Ok::<_, Infallible>(response)
        }
    });
    http1::Builder::new()
        // Our own limits hold, by the clock that is passed in.
        .header_read_timeout(None)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(READ_BYTES)
        .serve_connection(TokioIo::new(stream), service)
}
