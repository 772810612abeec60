//! A call that an app makes with its token, which is fetched first and shared by all calls of the app.

use std::future::Future;
use std::time::Duration;

use super::Client;
use super::errcode::{Cause, SendError};
use super::http::Http;
use super::token::{AppCredentials, AppToken};

/// One call of an app, which can be made again with another token.
pub(super) trait AppCall: Sync {
    /// What it brings.
    type Answer: Send;

    /// Whose token it needs.
    fn app(&self) -> AppCredentials<'_>;

    /// Makes it once, with this token.
    fn make(
        &self,
        http: &Http,
        token: &AppToken,
    ) -> impl Future<Output = Result<Self::Answer, SendError>> + Send;
}

/// Makes the call; a refused token is fetched anew, once, and the call made again. While a failure is
/// everyone's answer, nothing is called.
pub(super) async fn with_token<C: AppCall>(
    client: &Client,
    call: &C,
    deadline: Duration,
) -> Result<C::Answer, SendError> {
    let app = call.app();
    let token = client.tokens.get(&client.http, app);
    let token = client.within(deadline, token).await.map_err(of_token)?;
    let refusal = match once(client, call, &token, deadline).await {
        Err(error) if error.cause == Cause::Token => error,
        made => return made,
    };
    let fresh = client.tokens.replace(&client.http, app, &token, refusal);
    let fresh = client.within(deadline, fresh).await.map_err(of_token)?;
    let second = once(client, call, &fresh, deadline).await;
    if let Err(error) = &second
        && error.cause == Cause::Token
    {
        client.tokens.give_up(&client.http, app, &fresh, error).await;
    }
    second
}

/// Makes the call; one that DingTalk understood proves its token.
async fn once<C: AppCall>(
    client: &Client,
    call: &C,
    token: &AppToken,
    deadline: Duration,
) -> Result<C::Answer, SendError> {
    let made = client.within(deadline, call.make(&client.http, token)).await;
    if made.as_ref().err().is_none_or(|error| matches!(error.cause, Cause::Refused(_))) {
        token.prove();
    }
    made
}

/// The call was not made; a refused token is its own cause, and anything else its request's.
fn of_token(error: SendError) -> SendError {
    if error.cause == Cause::Token { error } else { error.of_token_request() }
}
