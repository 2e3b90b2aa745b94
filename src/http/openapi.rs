//! `/openapi.json`, made from the code that answers, and a page that shows it, which needs no network.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi, SecurityRequirement};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use super::etag;
use super::problem::Problem;
use super::state::Site;

const DESCRIPTION: &str = "Every registered user of every Coupontools directory, read-only. Values are those of the \
     views: instants are UTC text (`2026-11-23T09:05:10Z`), `paid` and `blocked` are 0, 1 or null, `raw`, `before` and \
     `after` are JSON text. A token goes into `Authorization: Bearer`, or is the password of any user name; on \
     loopback none may be needed. Masked readers get hashes for email and phone, a year for `birth_date`, and null \
     for names, address, custom fields and `raw`.";

/// The page's own styles are inline in places; its scripts are not.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) fn routes(described: OpenApi) -> Router<Site> {
    let description = describe(described);
    let page = SwaggerUi::new("/docs").config(Config::new([Url::new("coupontools-mirror", "/openapi.json")]));
    let page = Router::from(page).layer(from_fn(with_page_policy));
    Router::new()
        .route("/openapi.json", get(move || async move { Json(description) }))
        .layer(from_fn(etag::answer))
        .merge(page)
}

fn describe(mut described: OpenApi) -> OpenApi {
    described.info = InfoBuilder::new()
        .title("coupontools-mirror")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .build();
    let components = described.components.get_or_insert_default();
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    for (name, scheme) in [("bearer", HttpAuthScheme::Bearer), ("basic", HttpAuthScheme::Basic)] {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(scheme).build());
        components.add_security_scheme(name, scheme);
    }
    let none: [String; 0] = [];
    described.security = Some(vec![
        SecurityRequirement::new("bearer", none.clone()),
        SecurityRequirement::new("basic", none),
        SecurityRequirement::default(),
    ]);
    described
}

async fn with_page_policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static(PAGE_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
