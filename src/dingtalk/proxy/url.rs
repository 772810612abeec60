//! The URL of a proxy, which may hold a password: nothing here shows user or password.

use std::fmt;

use reqwest::Url;

/// The URL of a proxy that speaks HTTP.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(Url);

/// Why a text is not the URL of a proxy; what it says shows nothing of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProxyUrlError {
    /// It begins with no scheme.
    #[error("has no scheme; write http:// before it, as in http://proxy.example:3128")]
    NoScheme,
    /// Its scheme is that of another kind of proxy.
    #[error(
        "is no proxy that speaks HTTP; it has to begin with http:// or https://, as \
         http://proxy.example:3128, and SOCKS is not spoken"
    )]
    NoHttp,
    /// It is not a URL.
    #[error(
        "is no URL such as http://proxy.example:3128 ({0}); in a user's name and a password, letters \
         and digits stand as they are, and any other character percent-encoded (`@` is %40)"
    )]
    NoUrl(String),
    /// There is more than a proxy has.
    #[error(
        "has more than scheme, user, host and port; a proxy has no path, no `?` and no `#` (in a \
         password they stand as %2F, %3F and %23)"
    )]
    TooMuch,
}

impl ProxyUrl {
    /// The proxy of a whole URL.
    ///
    /// # Errors
    ///
    /// When it is none, or the proxy speaks something else than HTTP.
    pub fn parse(text: &str) -> Result<Self, ProxyUrlError> {
        let Some((scheme, _)) = text.split_once("://") else {
            return Err(ProxyUrlError::NoScheme);
        };
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(ProxyUrlError::NoHttp);
        }
        let url = Url::parse(text).map_err(|error| ProxyUrlError::NoUrl(error.to_string()))?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if is_bare { Ok(Self(url)) } else { Err(ProxyUrlError::TooMuch) }
    }

    /// The proxy of a variable, which may also be `host:port`.
    pub(super) fn of_variable(value: &str) -> Option<Self> {
        let value = value.trim();
        let whole = if value.contains("://") { value.into() } else { format!("http://{value}") };
        let url = Url::parse(&whole).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(Self(url))
    }

    /// The whole URL.
    pub(super) fn expose(&self) -> &Url {
        &self.0
    }

    /// Its host and its port.
    #[must_use]
    pub fn place(&self) -> (&str, u16) {
        let port = self.0.port_or_known_default().unwrap_or_default();
        (self.0.host_str().unwrap_or_default(), port)
    }

    /// Whether its port is written, or that of its scheme.
    #[must_use]
    pub fn has_usual_port(&self) -> bool {
        self.0.port().is_none()
    }

    /// The URL with `hidden` in the place of user and password, if it has them.
    #[must_use]
    pub fn shown(&self, hidden: &str) -> String {
        let (host, port) = self.place();
        let has_user = !self.0.username().is_empty() || self.0.password().is_some();
        let user = if has_user { format!("{hidden}@") } else { String::new() };
        format!("{}://{user}{host}:{port}", self.0.scheme())
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown("<secret>"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_holds_a_host_or_a_url_that_speaks_http() {
        let cases = [
            ("proxy.example:3128", Some("http://proxy.example:3128/")),
            (" http://user:pass@proxy.example ", Some("http://user:pass@proxy.example/")),
            ("https://proxy.example", Some("https://proxy.example/")),
            ("socks5://proxy.example:1080", None),
            ("http://", None),
            ("a b", None),
        ];
        for (value, expected) in cases {
            let url = ProxyUrl::of_variable(value);
            assert_eq!(url.as_ref().map(|url| url.0.as_str()), expected, "{value}");
        }
    }

    #[test]
    fn a_configured_proxy_has_a_scheme_a_host_and_nothing_after_its_port() {
        for (text, shown) in [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            ("HTTPS://proxy.example/", "https://proxy.example:443"),
            ("http://user:canary@[::1]:8080", "http://<secret>@[::1]:8080"),
            ("http://user:ca%40nary@h", "http://<secret>@h:80"),
        ] {
            let proxy = ProxyUrl::parse(text).unwrap();
            assert_eq!(
                (proxy.shown("<secret>"), format!("{proxy:?}")),
                (shown.into(), shown.into())
            );
        }
        for (text, expected) in [
            ("proxy.example:3128", "has no scheme; "),
            ("user:canary@proxy.example:3128", "has no scheme; "),
            ("socks5://u:canary@proxy.example", "SOCKS is not spoken"),
            ("ftp://proxy.example", "begin with http:// or https://"),
            ("http://u:canary#@h:1", "(invalid port number); in a user's name and a password"),
            ("http://", "(empty host)"),
            ("http://proxy.example/canary", "has more than scheme, user, host and port"),
            ("http://proxy.example?canary", "has more than scheme"),
        ] {
            let error = ProxyUrl::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("canary"), "{text}: {error}");
        }
    }
}
