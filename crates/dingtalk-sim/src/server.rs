//! The listener and its connections.
//!
//! Connections are accepted here and not by axum, because a fault can reset one: hyper gives the
//! socket back, and closing it with a linger time of zero sends RST in place of FIN.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// How long to wait when the system has no socket left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// The connection of a call.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) peer: IpAddr,
    reset: Arc<Notify>,
}

impl Connection {
    /// Has the connection reset; the call that asks for it gets no answer.
    pub(crate) fn reset(&self) {
        self.reset.notify_one();
    }
}

/// Serves until the task is aborted, which closes every connection.
pub(crate) async fn run(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(serve(stream, peer.ip(), router.clone()));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, peer: IpAddr, router: Router) {
    // A slow answer is a matter of the faults, not of Nagle's algorithm.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(Notify::new());
    let connection = Connection { peer, reset: Arc::clone(&reset) };
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(connection.clone());
        router.call(request)
    });
    let mut serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // What a client does to its connection is its own affair.
        _ = &mut serving => {}
        () = reset.notified() => {
            let stream = serving.into_parts().io.into_inner();
            let _ = stream.set_zero_linger();
        }
    }
}
