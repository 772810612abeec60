//! Certificates of authorities that are trusted besides those of this machine, in PEM.

use std::fmt;

use reqwest::Certificate;

/// How a certificate begins in PEM (RFC 7468, 5.1).
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// How it ends.
const END: &str = "-----END CERTIFICATE-----";

/// One or several certificates, each of which is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificates(Vec<String>);

/// Why a text holds no certificates, or a bad one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificatesError {
    /// It holds a private key.
    #[error(
        "holds a private key and no certificate; name the file with the authority's certificate"
    )]
    Key,
    /// It holds none.
    #[error(
        "holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----; `openssl x509 \
         -inform der -in FILE -out FILE.pem` writes a binary one so"
    )]
    None,
    /// This one, counted from 1, of so many is none.
    #[error("holds {1} certificates, of which number {0} is damaged; copy it again as a whole")]
    Damaged(usize, usize),
}

impl Certificates {
    /// The certificates in `text`; whatever stands between them is left out.
    ///
    /// # Errors
    ///
    /// When there is none, or one of them cannot be read.
    pub fn parse(text: &str) -> Result<Self, CertificatesError> {
        let blocks: Vec<String> = text.split(BEGIN).skip(1).map(block).collect();
        if blocks.is_empty() {
            let is_key = text.contains("PRIVATE KEY-----");
            return Err(if is_key { CertificatesError::Key } else { CertificatesError::None });
        }
        let damaged = blocks.iter().position(|block| !is_certificate(block));
        match damaged {
            Some(index) => Err(CertificatesError::Damaged(index + 1, blocks.len())),
            None => Ok(Self(blocks)),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The same for the HTTP client.
    pub(super) fn of_client(&self) -> impl Iterator<Item = Certificate> {
        self.0.iter().filter_map(|block| Certificate::from_pem(block.as_bytes()).ok())
    }
}

/// What follows a beginning, up to its end, as a whole certificate.
fn block(rest: &str) -> String {
    let inner = rest.split(END).next().unwrap_or_default();
    format!("{BEGIN}{inner}{END}\n")
}

/// Whether the TLS library takes it as that of an authority. It reads one only when a client is built.
fn is_certificate(block: &str) -> bool {
    let Ok(certificate) = Certificate::from_pem(block.as_bytes()) else { return false };
    reqwest::Client::builder().no_proxy().tls_certs_only([certificate]).build().is_ok()
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificates({})", self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The authority of the tests' TLS servers.
    const AUTHORITY: &str = include_str!("../../crates/test-support/src/tls/authority.pem");

    #[test]
    fn one_and_several_certificates_are_read_and_the_text_around_them_is_left() {
        let several = format!("# company\n{AUTHORITY}\nsubject=x\r\n{AUTHORITY}");
        for (text, count) in [(AUTHORITY, 1), (several.as_str(), 2)] {
            let certificates = Certificates::parse(text).unwrap();
            assert_eq!((certificates.count(), certificates.of_client().count()), (count, count));
        }
        let windows = AUTHORITY.replace('\n', "\r\n");
        assert_eq!(Certificates::parse(&windows).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_certificate_is_told_in_words() {
        let cut = AUTHORITY.replacen("\nMII", "\nMI", 1);
        let empty = format!("{BEGIN}\n{END}");
        let second = format!("{AUTHORITY}{cut}");
        for (text, expected) in [
            ("", CertificatesError::None),
            ("-----BEGIN TRUSTED CERTIFICATE-----", CertificatesError::None),
            ("-----BEGIN RSA PRIVATE KEY-----\ncanary", CertificatesError::Key),
            (cut.as_str(), CertificatesError::Damaged(1, 1)),
            (empty.as_str(), CertificatesError::Damaged(1, 1)),
            (&AUTHORITY[..200], CertificatesError::Damaged(1, 1)),
            (second.as_str(), CertificatesError::Damaged(2, 2)),
        ] {
            assert_eq!(Certificates::parse(text).unwrap_err(), expected, "{text}");
        }
    }
}
