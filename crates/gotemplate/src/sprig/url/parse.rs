//! Go's `net/url.Parse` and `URL.String`, as far as sprig's dicts show of them.

use std::net::Ipv6Addr;

use super::escape::Part;
use crate::fmt;

/// The parts of an address, unescaped but for the query.
#[derive(Debug, Default)]
pub(super) struct Url {
    pub(super) scheme: Vec<u8>,
    pub(super) opaque: Vec<u8>,
    pub(super) user: Option<User>,
    pub(super) host: Vec<u8>,
    pub(super) path: Vec<u8>,
    pub(super) query: Vec<u8>,
    pub(super) fragment: Vec<u8>,
}

/// The name before an `@`, and the password where there is one.
#[derive(Debug)]
pub(super) struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl User {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Part::User.escape(&self.name);
        if let Some(password) = &self.password {
            out.push(b':');
            out.extend(Part::User.escape(password));
        }
        out
    }
}

/// What is before the first `byte`, and what behind.
fn cut(text: &[u8], byte: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|own| *own == byte) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    }
}

impl Url {
    /// Reads an address.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let (address, fragment) = cut(text, b'#');
        let wrong = |part: &[u8], wrong: String| format!("parse {}: {wrong}", fmt::quote(part));
        let mut url = Self::without_fragment(address).map_err(|why| wrong(address, why))?;
        let fragment = Part::Fragment.unescape(fragment.unwrap_or_default());
        url.fragment = fragment.map_err(|why| wrong(text, why))?;
        Ok(url)
    }

    fn without_fragment(text: &[u8]) -> Result<Self, String> {
        if text.iter().any(|byte| *byte < b' ' || *byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Self::default();
        if text == b"*" {
            url.path = text.to_vec();
            return Ok(url);
        }
        let (scheme, rest) = scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (rest, query) = cut(rest, b'?');
        url.query = query.unwrap_or_default().to_vec();
        if !rest.starts_with(b"/") {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let has_authority = !url.scheme.is_empty() || !rest.starts_with(b"///");
        let path = match rest.strip_prefix(b"//") {
            Some(authority) if has_authority => url.read_authority(authority)?,
            _ => rest,
        };
        url.path = Part::Path.unescape(path)?;
        Ok(url)
    }

    /// Reads `user:password@host:port`, and gives the path behind it.
    fn read_authority<'t>(&mut self, text: &'t [u8]) -> Result<&'t [u8], String> {
        let end = text.iter().position(|byte| *byte == b'/').unwrap_or(text.len());
        let (authority, path) = text.split_at_checked(end).unwrap_or((text, b""));
        let at = authority.iter().rposition(|byte| *byte == b'@');
        let host = authority.get(at.map_or(0, |at| at + 1)..).unwrap_or_default();
        self.host = read_host(&self.scheme, host)?;
        if let Some(user) = at.and_then(|at| authority.get(..at)) {
            self.user = Some(read_user(user)?);
        }
        Ok(path)
    }

    /// The host without its port and brackets.
    pub(super) fn hostname(&self) -> &[u8] {
        let colon = self.host.iter().rposition(|byte| *byte == b':');
        let port = colon.and_then(|at| self.host.get(at..)).filter(|port| is_port(port));
        let length = self.host.len().saturating_sub(port.map_or(0, <[u8]>::len));
        let host = self.host.get(..length).unwrap_or_default();
        host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(host)
    }

    /// The address that has these parts.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.scheme.clone();
        if !self.scheme.is_empty() {
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut out);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend(Part::Fragment.escape(&self.fragment));
        }
        out
    }

    fn write_hierarchy(&self, out: &mut Vec<u8>) {
        let is_somewhere = !self.host.is_empty() || self.user.is_some();
        if is_somewhere || !self.scheme.is_empty() && !self.path.is_empty() {
            out.extend_from_slice(b"//");
        }
        if let Some(user) = &self.user {
            out.extend(user.to_bytes());
            out.push(b'@');
        }
        out.extend(Part::Host.escape(&self.host));
        let path = if self.path == b"*" { b"*".to_vec() } else { Part::Path.escape(&self.path) };
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            out.push(b'/');
        }
        // Without the dot, a colon would end a scheme.
        if out.is_empty() && cut(&path, b'/').0.contains(&b':') {
            out.extend_from_slice(b"./");
        }
        out.extend(path);
    }
}

fn scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let end = text.iter().position(|byte| !is_part(byte)).unwrap_or(text.len());
    if text.get(end) != Some(&b':') {
        return Ok((b"", text));
    }
    match text.first() {
        Some(b':') => Err("missing protocol scheme".to_owned()),
        Some(first) if first.is_ascii_alphabetic() => {
            let (scheme, rest) = cut(text, b':');
            Ok((scheme, rest.unwrap_or_default()))
        }
        _ => Ok((b"", text)),
    }
}

fn read_user(text: &[u8]) -> Result<User, String> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
    if !text.iter().all(is_plain) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = cut(text, b':');
    let name = Part::User.unescape(name)?;
    let password = password.map(|password| Part::User.unescape(password)).transpose()?;
    Ok(User { name, password })
}

fn read_host(scheme: &[u8], text: &[u8]) -> Result<Vec<u8>, String> {
    match text.iter().rposition(|byte| *byte == b'[') {
        Some(0) => return read_bracketed(text),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    let is_web = matches!(scheme, b"http" | b"https");
    let is_colon = |byte: &u8| *byte == b':';
    let colon =
        if is_web { text.iter().position(is_colon) } else { text.iter().rposition(is_colon) };
    check_port(colon.and_then(|at| text.get(at..)).unwrap_or_default())?;
    Part::Host.unescape(text)
}

/// `[::1%25zone]:80`.
fn read_bracketed(text: &[u8]) -> Result<Vec<u8>, String> {
    let close = text.iter().rposition(|byte| *byte == b']');
    let close = close.ok_or("missing ']' in host")?;
    let (name, port) = (text.get(1..close), text.get(close + 1..).unwrap_or_default());
    check_port(port)?;
    let name = name.unwrap_or_default();
    let zone = name.windows(3).position(|part| part == b"%25").unwrap_or(name.len());
    let (address, zone) = name.split_at_checked(zone).unwrap_or((name, b""));
    let name = [Part::Host.unescape(address)?, Part::Zone.unescape(zone)?].concat();
    check_address(&String::from_utf8_lossy(&name))?;
    Ok([b"[", &*name, b"]", port].concat())
}

/// Whether it is an IPv6 address, perhaps with a zone. Go says more of what is wrong with one.
fn check_address(name: &str) -> Result<(), String> {
    let (address, zone) = name.split_once('%').map_or((name, None), |(a, z)| (a, Some(z)));
    if address.parse::<Ipv6Addr>().is_ok() && zone != Some("") {
        return Ok(());
    }
    if address.parse::<std::net::Ipv4Addr>().is_ok() && zone.is_none() {
        return Err("invalid IP-literal".to_owned());
    }
    let name = fmt::quote(name.as_bytes());
    Err(format!("invalid host: ParseAddr({name}): unable to parse IP"))
}

fn check_port(port: &[u8]) -> Result<(), String> {
    if port.is_empty() || is_port(port) {
        return Ok(());
    }
    Err(format!("invalid port {} after host", fmt::quote(port)))
}

fn is_port(text: &[u8]) -> bool {
    matches!(text, [b':', digits @ ..] if digits.iter().all(u8::is_ascii_digit))
}
