//! The way to DingTalk: a proxy, and authorities that are trusted besides those of this machine.

use secrecy::ExposeSecret;

use super::super::contents::{self, ContentsError};
use super::super::decode::{Checked, Decoder, Table};
use super::super::secret;
use super::super::tree::Node;
use crate::dingtalk::{CaFile, Certificates, CertificatesError, ProxyUrl, WayOut};

/// The largest file of certificates, several times what a whole system's authorities take.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

pub(super) fn way_out(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<WayOut> {
    let proxy = proxy(decoder, table);
    let ca_file = table.optional("ca_file", |node| ca_file(decoder, node));
    Ok(WayOut { proxy: proxy?, ca_file: ca_file? })
}

fn proxy(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<Option<ProxyUrl>> {
    let Some(secret) = secret::optional(decoder, table, &["proxy_url"])? else { return Ok(None) };
    let proxy = match ProxyUrl::parse(secret.text.expose_secret()) {
        Ok(proxy) => proxy,
        Err(error) => return secret.fail(decoder, &error.to_string()),
    };
    if proxy.has_usual_port() {
        let (_, port) = proxy.place();
        let words =
            format!("has no port, so that {port} is used; most proxies have another, as 3128");
        secret.warn(decoder, &words);
    }
    Ok(Some(proxy))
}

fn ca_file(decoder: Decoder<'_>, node: &Node) -> Checked<CaFile> {
    let path = decoder.expanded(node, "the path")?;
    let from_here = decoder.folder.join(&path);
    let shown = from_here.display();
    let read = match contents::of_file(&from_here, MAX_BYTES) {
        Ok(text) => Certificates::parse(&text),
        // What is no text is a certificate in its binary form, most often.
        Err(ContentsError::NotText(_)) => Err(CertificatesError::None),
        Err(error) => return decoder.fail(node.position, error.about(shown)),
    };
    match read {
        Ok(authorities) => Ok(CaFile { path, authorities }),
        Err(error) => decoder.fail(node.position, format!("{shown} {error}")),
    }
}
