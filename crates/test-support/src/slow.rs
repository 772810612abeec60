//! Clients that keep a server waiting, each in its way, and a good one that speaks bare HTTP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// How a client keeps a server waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slowness {
    /// It says nothing.
    Idle,
    /// It was answered once, and says nothing more.
    KeptAlive,
    /// It sends half a head.
    HalfHead,
    /// It sends half a body.
    HalfBody,
    /// It sends a body byte by byte; the bytes are sent by [`SlowClient::drip`].
    Drip,
    /// It sends requests at once, and waits for no answer.
    Pipelined,
    /// It does not read its answer.
    Unread,
}

impl Slowness {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Idle,
        Self::KeptAlive,
        Self::HalfHead,
        Self::HalfBody,
        Self::Drip,
        Self::Pipelined,
        Self::Unread,
    ];

    /// What such a client sends first.
    fn begins_with(self) -> String {
        const GET: &str = "GET /api/v1/status/flags HTTP/1.1\r\nhost: h\r\n\r\n";
        const POST: &str = "POST /api/v1/alerts HTTP/1.1\r\nhost: h\r\n";
        match self {
            Self::Idle => String::new(),
            Self::KeptAlive => GET.to_owned(),
            Self::HalfHead => POST.to_owned(),
            Self::HalfBody | Self::Drip => format!("{POST}content-length: 4000\r\n\r\n{{"),
            Self::Pipelined => GET.repeat(1_500),
            // The answer repeats the label, and fills every buffer on its way.
            Self::Unread => {
                let body = format!("{{\"labels\": {{\"a\": \"{}\"}}}}", "x".repeat(250_000));
                let length = body.len();
                format!(
                    "POST /api/v1/conditions/test HTTP/1.1\r\nhost: h\r\n\
                     content-length: {length}\r\n\r\n{body}"
                )
            }
        }
    }

    /// Connects from this address, and begins.
    ///
    /// # Panics
    ///
    /// When the system makes no connection.
    pub async fn connect(self, server: SocketAddr, from: Ipv4Addr) -> SlowClient {
        let mut stream = connect(server, from, Some(4_096)).await;
        // It may have been closed by now; that is what the tests are about.
        let _ = stream.write_all(self.begins_with().as_bytes()).await;
        if self == Self::KeptAlive {
            let _ = stream.read(&mut [0; 1_024]).await;
        }
        SlowClient { slowness: self, stream }
    }
}

/// A client that keeps a server waiting.
#[derive(Debug)]
pub struct SlowClient {
    slowness: Slowness,
    /// Its connection.
    pub stream: TcpStream,
}

impl SlowClient {
    /// Sends the next byte, if it is one that sends bytes.
    pub fn drip(&self) {
        match self.slowness {
            Slowness::Drip | Slowness::HalfHead => {
                let _ = self.stream.try_write(b"x");
            }
            Slowness::Idle
            | Slowness::KeptAlive
            | Slowness::HalfBody
            | Slowness::Pipelined
            | Slowness::Unread => {}
        }
    }
}

/// Connects from an address of this machine.
///
/// # Panics
///
/// When the system makes no connection.
pub async fn connect(server: SocketAddr, from: Ipv4Addr, buffer: Option<u32>) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    if let Some(bytes) = buffer {
        socket.set_recv_buffer_size(bytes).expect("a buffer");
    }
    socket.bind(SocketAddr::new(IpAddr::V4(from), 0)).expect("an address of this machine");
    socket.connect(server).await.expect("it is accepted")
}

/// Makes one request on a connection of its own; the whole answer, head and body, or what came of it.
pub async fn request(
    server: SocketAddr,
    from: Ipv4Addr,
    method: &str,
    path: &str,
    body: &str,
) -> String {
    let mut stream = connect(server, from, None).await;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    let mut answer = Vec::new();
    if stream.write_all(request.as_bytes()).await.is_ok() {
        let _ = stream.read_to_end(&mut answer).await;
    }
    String::from_utf8_lossy(&answer).into_owned()
}
