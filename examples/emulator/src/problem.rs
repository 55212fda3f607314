//! How a request is refused, in the form of the API's errors.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use twilio_proxy_core::{Code, Error};

/// Why a request is refused.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    /// Twilio's code, if there is one.
    code: Option<Code>,
    message: String,
    more_info: Option<String>,
    status: u16,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { code: None, message: message.into(), more_info: None, status: status.as_u16() }
    }

    pub(crate) fn with_code(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        let more_info = Some(format!("https://www.twilio.com/docs/errors/{code}"));
        Self { code: Some(code), message: message.into(), more_info, status: status.as_u16() }
    }

    /// Wrong credentials, or none.
    pub(crate) fn unauthorized() -> Self {
        Self::with_code(StatusCode::UNAUTHORIZED, Code::PermissionDenied, "Authenticate")
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::with_code(StatusCode::NOT_FOUND, Code::NotFound, format!("The requested {what} was not found"))
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
        Self::with_code(status, error.code(), error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, axum::Json(&self)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"Twilio Proxy emulator\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(code) = self.code {
            response.extensions_mut().insert(code);
        }
        response
    }
}
