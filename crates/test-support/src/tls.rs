//! TLS before a server that has none, with a certificate of an authority that no machine knows.
//!
//! The certificate is for `127.0.0.1`, `localhost` and `oapi.dingtalk.test`, until the year 2120.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The certificate of the authority, in PEM.
pub const AUTHORITY: &str = include_str!("tls/authority.pem");

const CERTIFICATE: &str = include_str!("tls/server.pem");
const KEY: &str = include_str!("tls/server.key");

/// A listener that speaks TLS and leads to a server that does not; it ends when it is dropped.
#[derive(Debug)]
pub struct TlsFront {
    /// Where it listens.
    pub address: SocketAddr,
    listener: JoinHandle<()>,
}

impl TlsFront {
    /// Before the server at `behind`, as in `http://127.0.0.1:8070`.
    ///
    /// # Panics
    ///
    /// When there is no port.
    pub async fn before(behind: &str) -> Self {
        let behind: SocketAddr = behind.trim_start_matches("http://").parse().expect("an address");
        let acceptor = TlsAcceptor::from(Arc::new(config()));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("its port");
        let listener = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(lead(acceptor.clone(), stream, behind));
            }
        });
        Self { address, listener }
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// One connection. What a client does to it is its own affair.
async fn lead(acceptor: TlsAcceptor, stream: TcpStream, behind: SocketAddr) {
    if let Ok(mut client) = acceptor.accept(stream).await
        && let Ok(mut server) = TcpStream::connect(behind).await
    {
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}

fn config() -> ServerConfig {
    let certificate =
        CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).expect("a key");
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("the key is the certificate's")
}
