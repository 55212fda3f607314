use alloc::{boxed::Box, string::ToString, vec::Vec};
use core::{error, fmt};

use http::{HeaderValue, Response, StatusCode, header};

use super::{Operation, Parameter, json, resource};
use crate::{
    address::{ParseE164Error, ParseIdentifierError},
    code::Code,
    command::Error,
    sid::{ParseSidError, ResourceSid},
    text::{ParseCallbackUrlError, ParseTextError, UnknownLiteral},
    time::ParseTimestampError,
};

/// Why a request is refused (API-6, API-7, API-9).
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, rest::{Context, Origin}, sid};
/// use http::Request;
/// use twilio_proxy_core::rest::{self, Refusal};
///
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
/// # let context = Context { now: Timestamp::MIN, entropy: 1, origin: &Origin::default() };
/// let request = Request::get("/v1/Services/KS1/Sessions").body("")?;
/// let refusal = rest::parse(&mut account, &request, &context).unwrap_err();
/// assert!(matches!(refusal, Refusal::MalformedSid { .. }));
/// assert_eq!(refusal.code().number(), 80408);
/// assert_eq!(refusal.to_string(), "Invalid Service Sid");
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// 20404: nothing is there.
    NotFound {
        /// The path that was asked for.
        path: RequestPath,
    },
    /// 20004: the path has other methods.
    MethodNotAllowed {
        /// Which, as the header `Allow` lists them.
        allowed: Box<str>,
    },
    /// The path has a malformed SID: 80408, 80409, 80405, 80407 or 80403 (SID-3).
    MalformedSid {
        /// The code for the resource.
        code: Code,
        /// What is wrong with it.
        error: ParseSidError,
    },
    /// 80701: the path, the query or the body cannot be decoded.
    MalformedForm(MalformedForm),
    /// A parameter is missing or malformed: 80701, or what its kind has instead (80404, 80406, 80407).
    Parameter {
        /// Its name.
        parameter: Parameter,
        /// What is wrong with it.
        flaw: ParameterFlaw,
    },
    /// 80308: no session of the service has this name (SES-10).
    SessionNameNotFound,
    /// The account refuses what was asked for.
    Operation {
        /// The path that was asked for.
        path: RequestPath,
        /// Why.
        error: Error,
    },
}

/// The path of a request. It shows masked whatever is neither a word of the API nor a SID: that may be somebody's identifier
/// (TXT-3, API-6).
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, rest::{Context, Origin}, sid};
/// use http::Request;
/// use twilio_proxy_core::rest::{self, Refusal};
///
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
/// # let context = Context { now: Timestamp::MIN, entropy: 1, origin: &Origin::default() };
/// let request = Request::get("/v1/Services/+14155550001").body("")?;
/// match rest::parse(&mut account, &request, &context) {
///     Err(Refusal::NotFound { path }) => assert_eq!(path.to_string(), "/v1/Services/XXXX"),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct RequestPath(Box<str>);

impl From<&str> for RequestPath {
    fn from(path: &str) -> Self {
        Self(path.into())
    }
}

impl fmt::Display for RequestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.split('/').enumerate() {
            let is_shown = segment.is_empty() || Operation::is_word(segment) || segment.parse::<ResourceSid>().is_ok();
            f.write_str(if index == 0 { "" } else { "/" })?;
            f.write_str(if is_shown { segment } else { "XXXX" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for RequestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestPath({self})")
    }
}

/// Why text is no form: 80701 (API-6).
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, rest::{Context, Origin}, sid};
/// use http::Request;
/// use twilio_proxy_core::rest::{self, MalformedForm, Refusal};
///
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
/// # let context = Context { now: Timestamp::MIN, entropy: 1, origin: &Origin::default() };
/// let request = Request::post("/v1/Services").body("UniqueName=100%")?;
/// let refusal = rest::parse(&mut account, &request, &context).unwrap_err();
/// assert!(matches!(refusal, Refusal::MalformedForm(MalformedForm::PercentEscape)));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedForm {
    /// The header `Content-Type` says that it is something else.
    #[error("The body is not application/x-www-form-urlencoded")]
    ContentType,
    /// A percent sign is not followed by two hexadecimal digits.
    #[error("A percent sign stands before something other than two hexadecimal digits")]
    PercentEscape,
    /// What it stands for is no UTF-8.
    #[error("The text is not UTF-8")]
    Utf8,
}

/// What is wrong with a parameter (API-10).
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, rest::{Context, Origin}, sid};
/// use http::Request;
/// use twilio_proxy_core::rest::{self, Parameter, ParameterFlaw, Refusal};
///
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
/// # let context = Context { now: Timestamp::MIN, entropy: 1, origin: &Origin::default() };
/// let request = Request::post("/v1/Services").body("UniqueName=")?;
/// let refusal = rest::parse(&mut account, &request, &context).unwrap_err();
/// assert_eq!(refusal, Refusal::Parameter { parameter: Parameter::UniqueName, flaw: ParameterFlaw::Missing });
/// assert_eq!(refusal.to_string(), "'UniqueName' is invalid. It is required");
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterFlaw {
    /// It is required, and absent or empty.
    #[error("it is required")]
    Missing,
    /// It is neither `true` nor `false`.
    #[error("it is neither true nor false")]
    NotBoolean,
    /// It is no integer, or lies out of its range.
    #[error("it is no integer from {min} to {max}")]
    NotInteger {
        /// The least that it may be.
        min: u64,
        /// The most that it may be.
        max: u64,
    },
    /// It is no JSON object with a text `Identifier`, or a key that is known has a value of another type.
    #[error("it is no JSON object with a text `Identifier`, or a known key is no text")]
    NotJson,
    /// The list did not give this token.
    #[error("it is no token of this list")]
    PageToken,
    /// It is no text that may stand there.
    #[error(transparent)]
    Text(#[from] ParseTextError),
    /// It is none of the literals that may stand there.
    #[error(transparent)]
    Literal(#[from] UnknownLiteral),
    /// It is no callback URL.
    #[error(transparent)]
    CallbackUrl(#[from] ParseCallbackUrlError),
    /// It is no date-time.
    #[error(transparent)]
    Timestamp(#[from] ParseTimestampError),
    /// It is no identifier: 80404, or 80701 if it is missing or too long (TXT-2).
    #[error(transparent)]
    Identifier(#[from] ParseIdentifierError),
    /// It is no phone number: 80406.
    #[error(transparent)]
    PhoneNumber(#[from] ParseE164Error),
    /// It is no SID of a number: 80407.
    #[error(transparent)]
    NumberSid(ParseSidError),
    /// It is no SID of a chat instance.
    #[error(transparent)]
    ChatInstanceSid(ParseSidError),
}

impl ParameterFlaw {
    const fn code(&self) -> Code {
        match self {
            Self::Identifier(error) => error.code(),
            Self::PhoneNumber(_) => Code::PhoneNumberDidInvalid,
            Self::NumberSid(_) => Code::PhoneNumberSidInvalid,
            Self::Missing
            | Self::NotBoolean
            | Self::NotInteger { .. }
            | Self::NotJson
            | Self::PageToken
            | Self::Text(_)
            | Self::Literal(_)
            | Self::CallbackUrl(_)
            | Self::Timestamp(_)
            | Self::ChatInstanceSid(_) => Code::ParameterInvalid,
        }
    }
}

impl Refusal {
    /// Its code in the error catalogue.
    ///
    /// ```
    /// # use twilio_proxy_core::rest::{MalformedForm, Refusal};
    /// assert_eq!(Refusal::MalformedForm(MalformedForm::Utf8).code().number(), 80701);
    /// ```
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NotFound { .. } => Code::NotFound,
            Self::MethodNotAllowed { .. } => Code::MethodNotAllowed,
            Self::MalformedForm(_) => Code::ParameterInvalid,
            Self::SessionNameNotFound => Code::SessionNameNotFound,
            Self::MalformedSid { code, .. } => *code,
            Self::Parameter { flaw, .. } => flaw.code(),
            Self::Operation { error, .. } => error.code(),
        }
    }

    /// The HTTP status of the answer (API-7).
    ///
    /// ```
    /// # use twilio_proxy_core::rest::{MalformedForm, Refusal};
    /// assert_eq!(Refusal::MalformedForm(MalformedForm::Utf8).http_status(), 400);
    /// ```
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self.code().http_status() {
            Some(status) => status,
            None => 400,
        }
    }

    /// The answer, with a [`resource::Error`] as body and the [`Code`] among its extensions.
    ///
    /// ```
    /// # use twilio_proxy_core::rest::{MalformedForm, Refusal};
    /// use twilio_proxy_core::Code;
    ///
    /// let response = Refusal::MalformedForm(MalformedForm::Utf8).into_response();
    /// assert_eq!(response.status(), 400);
    /// assert_eq!(response.extensions().get(), Some(&Code::ParameterInvalid));
    /// ```
    #[must_use]
    pub fn into_response(self) -> Response<Vec<u8>> {
        let status = StatusCode::from_u16(self.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = json(status, &resource::Error::new(&self));
        response.extensions_mut().insert(self.code());
        if let Self::MethodNotAllowed { allowed } = self
            && let Ok(allowed) = HeaderValue::try_from(&*allowed)
        {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
        response
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation { path, error } if error.code() == Code::NotFound => not_found(path, f),
            Self::NotFound { path } => not_found(path, f),
            Self::MethodNotAllowed { .. } => f.write_str(Code::MethodNotAllowed.title()),
            Self::MalformedSid { code, .. } => f.write_str(code.message().unwrap_or_default()),
            Self::MalformedForm(error) => error.fmt(f),
            Self::SessionNameNotFound => f.write_str(self.code().message().unwrap_or_default()),
            Self::Parameter { parameter, flaw } if flaw.code() == Code::ParameterInvalid => {
                write!(f, "'{parameter}' is invalid. {}", Sentence(flaw))
            }
            Self::Parameter { flaw, .. } => f.write_str(flaw.code().message().unwrap_or_default()),
            Self::Operation { error, .. } => error.fmt(f),
        }
    }
}

impl error::Error for Refusal {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::NotFound { .. } | Self::MethodNotAllowed { .. } | Self::SessionNameNotFound => None,
            Self::MalformedSid { error, .. } => Some(error),
            Self::MalformedForm(error) => Some(error),
            Self::Parameter { flaw, .. } => Some(flaw),
            Self::Operation { error, .. } => Some(error),
        }
    }
}

fn not_found(path: &RequestPath, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "The requested resource {path} was not found")
}

/// A text with a capital letter at its start.
struct Sentence<T>(T);

impl<T: fmt::Display> fmt::Display for Sentence<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let mut characters = text.chars();
        match characters.next() {
            Some(first) => write!(f, "{}{}", first.to_uppercase(), characters.as_str()),
            None => Ok(()),
        }
    }
}
