//! An answer of Campana's HTTP server, read whole.

use reqwest::Response;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer with its status, headers and body.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// Reads a response to its end.
    ///
    /// # Errors
    ///
    /// When the server's end of the connection broke before that.
    pub async fn read(response: Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { status, headers, text: response.text().await? })
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The ids of the deliveries that a notification made.
    ///
    /// # Panics
    ///
    /// When the notification was not accepted.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{}", self.text);
        let ids = self.json()["ids"].as_array().expect("ids").clone();
        ids.iter().map(|id| id.as_str().expect("an id").to_owned()).collect()
    }

    /// The words of an error.
    ///
    /// # Panics
    ///
    /// When the body has none.
    #[must_use]
    pub fn error(&self) -> String {
        self.json()["error"].as_str().expect("an error").to_owned()
    }
}
