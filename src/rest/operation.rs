//! The API at a glance: every operation, its method, its status when it succeeds, its path, and what reads the request.

use alloc::{borrow::Cow, string::String};

use http::Method;

use super::{
    Ask, Refusal,
    form::decode_percent,
    request::{self, Asked},
};
use crate::{
    code::Code,
    policy::Policy,
    sid::{
        InteractionSid, ParseSidError, ParticipantSid, PhoneNumberSid, Resource, ServiceSid, SessionSid, ShortCodeSid,
        Sid, kind,
    },
};

macro_rules! operations {
    ($(
        $operation:ident: $method:ident $status:tt $(/ $word:ident $(/ {$name:ident: $type:ty})?)+ => $read:path;
    )+) => {
        /// An operation of the API, by its name in Twilio's OpenAPI document (API-1).
        ///
        /// ```
        /// use twilio_proxy_core::rest::Operation;
        ///
        /// assert_eq!(Operation::ALL.len(), 30);
        /// assert_eq!(Operation::CreateSession.method(), http::Method::POST);
        /// assert_eq!(Operation::CreateSession.path(), "/v1/Services/{service}/Sessions");
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Operation {
            $(
                #[doc = concat!("`", stringify!($method), " /v1", $("/", stringify!($word), $("/{", stringify!($name), "}",)?)+ "`")]
                $operation,
            )+
        }

        impl Operation {
            /// Every operation, path by path.
            pub const ALL: &[Self] = &[$(Self::$operation),+];

            /// Its method.
            ///
            /// ```
            /// # use twilio_proxy_core::rest::Operation;
            /// assert_eq!(Operation::DeleteSession.method(), http::Method::DELETE);
            /// ```
            #[must_use]
            pub const fn method(self) -> Method {
                match self { $(Self::$operation => Method::$method,)+ }
            }

            /// Its path, with the names of what varies in braces.
            ///
            /// ```
            /// # use twilio_proxy_core::rest::Operation;
            /// assert_eq!(Operation::DeleteSession.path(), "/v1/Services/{service}/Sessions/{session}");
            /// ```
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self {
                    $(Self::$operation => concat!("/v1", $("/", stringify!($word), $("/{", stringify!($name), "}",)?)+),)+
                }
            }

            /// The status of the answer if it succeeds (API-4).
            ///
            /// ```
            /// # use twilio_proxy_core::{Policy, rest::Operation};
            /// assert_eq!(Operation::CreateSession.status(&Policy::default()), 201);
            /// ```
            #[must_use]
            pub const fn status(self, policy: &Policy) -> u16 {
                match self { $(Self::$operation => status!(policy, $status),)+ }
            }

            /// Whether a segment of a path is a word of the API.
            pub(super) fn is_word(segment: &str) -> bool {
                matches!(segment, "v1" $($(| stringify!($word))+)+)
            }

            /// What a request to this path with this method asks for (API-9).
            pub(super) fn read(method: &Method, asked: &Asked<'_>) -> Result<(Self, Ask), Refusal> {
                let mut segments = [""; 10];
                let mut parts = asked.path.split('/').skip(1);
                let length = segments.iter_mut().zip(&mut parts).map(|(segment, part)| *segment = part).count();
                let segments = segments.get(..length).filter(|_| parts.next().is_none()).unwrap_or_default();
                $(
                    if let ["v1", $(stringify!($word), $($name,)?)+] = segments
                        && *method == Method::$method
                    {
                        return Ok((Self::$operation, $read(asked, $($(<$type>::read($name)?,)?)+)?));
                    }
                )+
                let mut allowed = String::new();
                $(
                    if let ["v1", $(stringify!($word), $(any!($name),)?)+] = segments {
                        allowed.push_str(if allowed.is_empty() { "" } else { ", " });
                        allowed.push_str(stringify!($method));
                    }
                )+
                if allowed.is_empty() {
                    Err(Refusal::NotFound { path: asked.path.into() })
                } else {
                    Err(Refusal::MethodNotAllowed { allowed: allowed.into() })
                }
            }
        }
    };
}

macro_rules! status {
    ($policy:ident, $status:literal) => {
        $status
    };
    ($policy:ident, $choice:ident) => {
        $policy.$choice
    };
}

macro_rules! any {
    ($name:ident) => {
        _
    };
}

operations! {
    ListService: GET 200 /Services => request::list_services;
    CreateService: POST 201 /Services => request::create_service;
    FetchService: GET 200 /Services/{service: SidOrName<'_>} => request::fetch_service;
    UpdateService: POST 200 /Services/{service: ServiceSid} => request::update_service;
    DeleteService: DELETE 204 /Services/{service: ServiceSid} => request::delete_service;

    ListPhoneNumber: GET 200 /Services/{service: ServiceSid}/PhoneNumbers => request::list_phone_numbers;
    CreatePhoneNumber: POST 201 /Services/{service: ServiceSid}/PhoneNumbers => request::create_phone_number;
    FetchPhoneNumber: GET 200 /Services/{service: ServiceSid}/PhoneNumbers/{number: PhoneNumberSid} => request::fetch_number;
    UpdatePhoneNumber: POST 200 /Services/{service: ServiceSid}/PhoneNumbers/{number: PhoneNumberSid} => request::update_number;
    DeletePhoneNumber: DELETE 204 /Services/{service: ServiceSid}/PhoneNumbers/{number: PhoneNumberSid} => request::delete_number;

    ListShortCode: GET 200 /Services/{service: ServiceSid}/ShortCodes => request::list_short_codes;
    CreateShortCode: POST 201 /Services/{service: ServiceSid}/ShortCodes => request::create_short_code;
    FetchShortCode: GET 200 /Services/{service: ServiceSid}/ShortCodes/{number: ShortCodeSid} => request::fetch_number;
    UpdateShortCode: POST 200 /Services/{service: ServiceSid}/ShortCodes/{number: ShortCodeSid} => request::update_number;
    DeleteShortCode: DELETE 204 /Services/{service: ServiceSid}/ShortCodes/{number: ShortCodeSid} => request::delete_number;

    ListSession: GET 200 /Services/{service: ServiceSid}/Sessions => request::list_sessions;
    CreateSession: POST 201 /Services/{service: ServiceSid}/Sessions => request::create_session;
    FetchSession: GET 200 /Services/{service: ServiceSid}/Sessions/{session: SidOrName<'_>} => request::fetch_session;
    UpdateSession: POST 200 /Services/{service: ServiceSid}/Sessions/{session: SessionSid} => request::update_session;
    DeleteSession: DELETE 204 /Services/{service: ServiceSid}/Sessions/{session: SessionSid} => request::delete_session;

    ListParticipant: GET 200
        /Services/{service: ServiceSid}/Sessions/{session: SessionSid}/Participants => request::list_participants;
    CreateParticipant: POST 201
        /Services/{service: ServiceSid}/Sessions/{session: SessionSid}/Participants => request::create_participant;
    FetchParticipant: GET 200
        /Services/{service: ServiceSid}/Sessions/{session: SessionSid}/Participants/{participant: ParticipantSid}
        => request::fetch_participant;
    DeleteParticipant: DELETE participant_delete_status
        /Services/{service: ServiceSid}/Sessions/{session: SessionSid}/Participants/{participant: ParticipantSid}
        => request::delete_participant;

    ListMessageInteraction: GET 200
        /Services/{service: ServiceSid}/Sessions/{session: SessionSid}/Participants/{participant: ParticipantSid}
        /MessageInteractions => request::list_message_interactions;
    CreateMessageInteraction: POST message_interaction_status
        /Services/{service: ServiceSid}/Sessions/{session: SessionSid}/Participants/{participant: ParticipantSid}
        /MessageInteractions => request::create_message_interaction;
    FetchMessageInteraction: GET 200
        /Services/{service: ServiceSid}/Sessions/{session: SessionSid}/Participants/{participant: ParticipantSid}
        /MessageInteractions/{interaction: InteractionSid} => request::fetch_message_interaction;

    ListInteraction: GET 200
        /Services/{service: ServiceSid}/Sessions/{session: SessionSid}/Interactions => request::list_interactions;
    FetchInteraction: GET 200
        /Services/{service: ServiceSid}/Sessions/{session: SessionSid}/Interactions/{interaction: InteractionSid}
        => request::fetch_interaction;
    DeleteInteraction: DELETE 204
        /Services/{service: ServiceSid}/Sessions/{session: SessionSid}/Interactions/{interaction: InteractionSid}
        => request::delete_interaction;
}

/// What varies in a path.
trait PathParameter<'a>: Sized {
    fn read(segment: &'a str) -> Result<Self, Refusal>;
}

impl<R: MalformedSidCode> PathParameter<'_> for Sid<R> {
    fn read(segment: &str) -> Result<Self, Refusal> {
        let malformed = |error: ParseSidError| Refusal::MalformedSid { code: R::CODE, error };
        segment.parse().or_else(|_| decode_percent(segment.as_bytes())?.parse().map_err(malformed))
    }
}

/// A segment that is a SID if it has the form of one, and else a name (TXT-5).
pub(super) struct SidOrName<'a>(pub(super) Cow<'a, str>);

impl<'a> PathParameter<'a> for SidOrName<'a> {
    fn read(segment: &'a str) -> Result<Self, Refusal> {
        decode_percent(segment.as_bytes()).map(SidOrName)
    }
}

/// A kind of resource whose malformed SID has a code (SID-3).
trait MalformedSidCode: Resource {
    const CODE: Code;
}

impl MalformedSidCode for kind::Service {
    const CODE: Code = Code::ServiceSidInvalid;
}

impl MalformedSidCode for kind::Session {
    const CODE: Code = Code::SessionSidInvalid;
}

impl MalformedSidCode for kind::Participant {
    const CODE: Code = Code::ParticipantSidInvalid;
}

impl MalformedSidCode for kind::PhoneNumber {
    const CODE: Code = Code::PhoneNumberSidInvalid;
}

impl MalformedSidCode for kind::ShortCode {
    const CODE: Code = Code::PhoneNumberSidInvalid;
}

impl MalformedSidCode for kind::Interaction {
    const CODE: Code = Code::InteractionSidInvalid;
}
