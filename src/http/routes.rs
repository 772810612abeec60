//! The table of routes: path, methods, access, handler, and a line of documentation for each.
//!
//! Everything that is said of a path comes from its row: the router, the rule of its access, the
//! answer 405, the list in the answer 404, and the table in `docs/http.md`.

use std::future::{Ready, ready};
use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::{Method, Uri};
use axum::routing::{MethodFilter, MethodRouter, on};

use super::AppState;
use super::access::Access;
use super::elsewhere;
use super::error::HttpError;
use super::handlers::{
    conditions, deliveries, metrics, monika, notifications, receivers, reload, status, templates,
    test_message,
};
use Access::{Admin, AdminWithBody, Lifecycle, Open};
use Methods::{Get, Post, PostOrPut};

/// One row of the table.
struct Route {
    methods: Methods,
    path: &'static str,
    access: Access,
    handlers: MethodRouter<Arc<AppState>>,
    /// What the documentation says of it.
    words: &'static str,
}

/// The methods that a route takes; HEAD is answered wherever GET is.
#[derive(Debug, Clone, Copy)]
enum Methods {
    Get,
    Post,
    PostOrPut,
}

impl Methods {
    fn filter(self) -> MethodFilter {
        match self {
            Get => MethodFilter::GET,
            Post => MethodFilter::POST,
            PostOrPut => MethodFilter::POST.or(MethodFilter::PUT),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Get => "GET",
            Post => "POST",
            PostOrPut => "POST or PUT",
        }
    }
}

impl Route {
    fn new<T: 'static>(
        methods: Methods,
        path: &'static str,
        access: Access,
        handler: impl Handler<T, Arc<AppState>>,
        words: &'static str,
    ) -> Self {
        let handlers = on(methods.filter(), handler);
        Self { methods, path, access, handlers, words }
    }
}

/// Every route, in the order of the documentation.
fn table() -> Vec<Route> {
    [receiving(), queue(), trials(), operations()].into_iter().flatten().collect()
}

fn receiving() -> Vec<Route> {
    vec![
        Route::new(
            PostOrPut,
            "/api/v1/alerts",
            Open,
            notifications::to_all,
            "a notification for every enabled receiver; their conditions decide",
        ),
        Route::new(
            PostOrPut,
            "/api/v2/alerts",
            Open,
            notifications::to_all,
            "the same, at notification-manager's path",
        ),
        Route::new(
            PostOrPut,
            "/api/v1/receivers/{receiver}/alerts",
            Open,
            notifications::to_one,
            "a notification for one receiver",
        ),
        Route::new(
            PostOrPut,
            "/dingtalk/{receiver}/send",
            Open,
            notifications::to_one,
            "the same, at prometheus-webhook-dingtalk's path",
        ),
        Route::new(
            Post,
            "/api/v1/receivers/{receiver}/monika",
            Open,
            monika::take,
            "what [Monika](monika.md) posts by its channels `monika-notif` and `webhook`",
        ),
    ]
}

fn queue() -> Vec<Route> {
    vec![
        Route::new(
            Get,
            "/api/v1/receivers",
            Open,
            receivers::list,
            "the receivers with their destinations, which are active, what is queued, parked and throttled",
        ),
        Route::new(
            Get,
            "/api/v1/deliveries",
            Open,
            deliveries::list,
            "deliveries, newest first; `state`, `receiver`, `destination`, `limit` and `after` \
             narrow it down",
        ),
        Route::new(
            Get,
            "/api/v1/deliveries/{id}",
            Open,
            deliveries::show,
            "one delivery with its message, parts and attempts",
        ),
        Route::new(
            Post,
            "/api/v1/deliveries/{id}/replay",
            Admin("replaying a delivery"),
            deliveries::replay,
            "sends a dead letter again, as a new delivery; with `render=true`, \
             [in today's words](http.md#replaying-a-dead-letter)",
        ),
        Route::new(
            Post,
            "/api/v1/deliveries/{id}/discard",
            Admin("discarding a delivery"),
            deliveries::discard,
            "gives a queued delivery up, or marks a dead letter as seen",
        ),
    ]
}

fn trials() -> Vec<Route> {
    vec![
        Route::new(
            Post,
            "/api/v1/receivers/{receiver}/test",
            AdminWithBody("a test with settings in its body"),
            test_message::send,
            "sends the test message and answers what DingTalk said for each destination: 200, or \
             502 if one refused it; with a body, that of [a receiver that is not \
             saved](http.md#trying-settings-before-they-are-saved)",
        ),
        Route::new(
            Post,
            "/api/v1/conditions/test",
            Open,
            conditions::test,
            "`{\"labels\": {…}}` or `{\"payload\": {…}}`, with an optional `\"receiver\"` and `\"at\"`: \
             which receivers keep the alerts and are active, and why",
        ),
        Route::new(
            Post,
            "/api/v1/templates/render",
            Open,
            templates::render,
            "the message that templates make, [without sending it](http.md#rendering-a-template)",
        ),
    ]
}

fn operations() -> Vec<Route> {
    vec![
        Route::new(
            Get,
            "/api/v1/status/config",
            Open,
            status::config,
            "the configuration in force, its secrets shown as `<secret>`",
        ),
        Route::new(Get, "/api/v1/status/buildinfo", Open, status::buildinfo, "the version"),
        Route::new(Get, "/api/v1/status/flags", Open, status::flags, "the flags"),
        Route::new(Get, "/-/healthy", Open, status::healthy, "200 as long as the process answers"),
        Route::new(
            Get,
            "/-/ready",
            Open,
            status::ready,
            "200 when notifications are taken; 503 while it stops or the storage refuses them, with the reason",
        ),
        Route::new(
            PostOrPut,
            "/-/reload",
            Lifecycle,
            reload::reload,
            "loads the configuration again, and answers which changed settings need a restart \
             (`restart_needed`) and what is probably not meant so (`warnings`, each with its place; \
             left out if there are none); 500 with the mistakes if it is not valid",
        ),
        Route::new(Get, "/metrics", Open, metrics::text, "[metrics](metrics.md) for Prometheus"),
    ]
}

/// The rows of the table in `docs/http.md`, as Markdown.
#[must_use]
pub fn documentation() -> Vec<String> {
    let row = |route: Route| {
        let methods = route.methods.words().replace(" or ", ", ");
        format!("| `{}` | {methods} | {} |", route.path, route.words)
    };
    table().into_iter().map(row).collect()
}

/// All routes below `web.route_prefix`, each behind the rule of its access.
pub(super) fn router(app: &Arc<AppState>) -> Router {
    let settings = app.core.settings.load();
    let unknown = unknown_path(&settings.process.route_prefix);
    let mut routes = Router::new();
    for Route { methods, path, access, handlers, .. } in table() {
        let handlers = access.guard(handlers, &settings.process);
        let wrong = move |method: Method, uri: Uri| ready(wrong_method(methods, &method, &uri));
        routes = routes.route(path, handlers.fallback(wrong));
    }
    let routes = routes.fallback(unknown.clone()).with_state(Arc::clone(app));
    match &*settings.process.route_prefix {
        "" => routes,
        prefix => Router::new().nest(prefix, routes).fallback(unknown),
    }
}

/// Whether a path below `prefix` is one that notifications are posted to.
pub(super) fn takes_notifications(path: &str, prefix: &str) -> bool {
    let Some(path) = path.strip_prefix(prefix) else { return false };
    let path: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    receiving().iter().any(|route| {
        let row: Vec<&str> = route.path.split('/').collect();
        let fits = |(name, given): (&&str, &&str)| name.starts_with('{') || name == given;
        row.len() == path.len() && row.iter().zip(&path).all(fits)
    })
}

/// The handler that answers 404, with the paths that there are below `prefix`.
fn unknown_path(prefix: &str) -> impl Fn(Uri) -> Ready<HttpError> + Clone + Send + Sync + 'static {
    let paths = table().into_iter().map(|route| format!("{prefix}{}", route.path));
    let known: Arc<[String]> = paths.collect();
    let prefix = prefix.to_owned();
    move |uri: Uri| {
        let path = uri.path();
        let below = path.strip_prefix(&*prefix).unwrap_or(path);
        let (words, path) = (elsewhere::words(below, uri.query(), &prefix), path.to_owned());
        ready(match words {
            Some(words) => HttpError::Elsewhere { path, words },
            None => HttpError::UnknownPath { path, known: Arc::clone(&known) },
        })
    }
}

/// 405, naming the method and the ones that would do.
fn wrong_method(methods: Methods, method: &Method, uri: &Uri) -> HttpError {
    HttpError::Method {
        path: uri.path().to_owned(),
        method: method.to_string(),
        allowed: methods.words(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_notifications_are_known_by_their_rows() {
        for (path, prefix, expected) in [
            ("/api/v1/alerts", "", true),
            ("/api/v1/alerts/", "", true),
            ("/api/v1/receivers/a/alerts", "", true),
            ("/in/dingtalk/a/send", "/in", true),
            ("/dingtalk/a/send", "/in", false),
            ("/api/v1/receivers/a/test", "", false),
            ("/api/v1/deliveries", "", false),
            ("/", "", false),
        ] {
            assert_eq!(takes_notifications(path, prefix), expected, "{path}");
        }
    }

    #[test]
    fn each_route_that_changes_something_is_guarded() {
        let open: Vec<&str> = table()
            .into_iter()
            .filter(|route| route.access == Open && !matches!(route.methods, Get))
            .map(|route| route.path)
            .collect();
        let expected = [
            "/api/v1/alerts",
            "/api/v2/alerts",
            "/api/v1/receivers/{receiver}/alerts",
            "/dingtalk/{receiver}/send",
            "/api/v1/receivers/{receiver}/monika",
            "/api/v1/conditions/test",
            "/api/v1/templates/render",
        ];
        assert_eq!(open, expected, "a new one is guarded, or stands here");
    }
}
