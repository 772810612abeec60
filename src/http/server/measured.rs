//! A connection's stream, which notes what comes and what goes, and keeps the client's end back while an
//! answer is under way: hyper takes a client that sends no more for one that is gone.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connection::Connection;
use super::progress::Phase;
use crate::clock::Sleep;

/// A stream whose bytes are counted.
pub(super) struct Measured {
    stream: TcpStream,
    connection: Arc<Connection>,
    end: End,
}

/// Whether the client sends no more.
enum End {
    /// It may still send.
    Open,
    /// It has closed its side.
    HalfClosed {
        /// How long work goes on for it.
        patience: Sleep<'static>,
        /// Whether the handler has been asked since then.
        is_asked: bool,
    },
    /// Nothing is done for it any more.
    Gone,
}

impl Measured {
    pub(super) fn new(stream: TcpStream, connection: Arc<Connection>) -> Self {
        Self { stream, connection, end: End::Open }
    }

    /// The client has closed its side; ready when hyper may know.
    fn ends(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if matches!(self.end, End::Open) {
            self.end = End::HalfClosed { patience: self.connection.patience(), is_asked: false };
        }
        let End::HalfClosed { patience, is_asked } = &mut self.end else { return Poll::Ready(()) };
        match self.connection.half_closed_in(context.waker()) {
            Phase::Serving => ready!(patience.as_mut().poll(context)),
            // How long that may take is looked at elsewhere.
            Phase::Answer => return Poll::Pending,
            // hyper reads on before the handler gets the end of its body.
            Phase::Body if !*is_asked => {
                *is_asked = true;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Phase::Body | Phase::Idle | Phase::Head => {}
        }
        self.end = End::Gone;
        Poll::Ready(())
    }

    fn wrote(&self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Ready(Ok(bytes)) => self.connection.wrote(*bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.connection.blocked(),
        }
    }
}

impl Drop for Measured {
    /// What a client does not read would stay in the system's memory after the end of the connection.
    fn drop(&mut self) {
        if self.connection.is_cut_unread() {
            // It fails only where the client is gone, and then nothing is left to free.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Measured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let bytes = buffer.filled().len() - before;
        if bytes > 0 {
            self.connection.read(bytes);
        } else {
            ready!(self.ends(context));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Measured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.wrote(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called when nothing is left to write.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if flushed.is_ready() {
            self.connection.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
