//! The accept loop: connections, their limits, and their end.
//!
//! Our own loop over hyper, because a server that waits for a request's headers without a limit can
//! be held open by anyone (`axum::serve` sets no such timer).

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::AppState;
use super::edge::Edge;

/// The longest that a request's headers may take.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How many connections are served at once; further ones wait to be accepted.
const CONNECTIONS: usize = 1024;
/// How long requests under way may take to end when the server stops.
const DRAIN: Duration = Duration::from_secs(3);
/// The wait after a failed accept, as when no file descriptor is left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Serves until `stop` is set, then lets the requests under way end.
///
/// # Errors
///
/// None: a connection that fails concerns only its client.
pub async fn serve(
    listener: TcpListener,
    app: Arc<AppState>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), Infallible> {
    let edge = Arc::new(Edge::new(app));
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while !*stop.borrow() {
        let place = tokio::select! {
            _ = stop.changed() => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let Ok(place) = place else { break };
        tokio::select! {
            _ = stop.changed() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let connection = graceful.watch(connection(stream, peer, Arc::clone(&edge)));
                    tokio::spawn(async move {
                        // A client that breaks its connection concerns nobody else.
                        let _ = connection.await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!("a connection was not accepted: {error}");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                }
            },
        }
    }
    drop(listener);
    // A request that is not done by then is cut off; nothing was answered, so nothing is lost.
    let _ = tokio::time::timeout(DRAIN, graceful.shutdown()).await;
    Ok(())
}

/// One connection, whose requests' headers have a time limit.
fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    edge: Arc<Edge>,
) -> impl GracefulConnection<Error = hyper::Error> + Send {
    let service = service_fn(move |request: Request<Incoming>| {
        let edge = Arc::clone(&edge);
        async move { Ok::<_, Infallible>(edge.answer(peer, request).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), service)
}
