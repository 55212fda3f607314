//! The error catalogue: every code that Twilio documents for Proxy, and the platform's few that
//! Proxy answers with.
//!
//! Three rules shape this room.
//!
//! - **ERR-1** (documented): each code is known by its number, title, level, message and, where
//!   it is the answer to a request, HTTP status. Of the 84 this crate raises what its rules name;
//!   each of the others says why it never comes up.
//! - **ERR-3** (documented): a code is either a refusal or a debugger notification, never both. A
//!   notification is an event and has no HTTP status.
//! - **API-7** (documented, filled in by us): a refusal is a 400, unless the table says otherwise.
//!
//! Titles and messages are Twilio's own, spelling included. To read the file is to read the
//! catalogue: it is one table, and everything else is a look into it.

#[cfg(test)]
mod tests;

use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What the catalogue says about one code.
struct Entry {
    level: Level,
    http_status: Option<u16>,
    usage: Usage,
    title: &'static str,
    message: Option<&'static str>,
}

/// Turns the table into [`Code`] and the three ways into it: all, by number, by variant.
macro_rules! catalogue {
    ($(
        #[doc = $doc:literal]
        $number:literal $variant:ident:
            $level:ident, $status:tt, $usage:ident $(($reason:literal))?,
            $title:literal, $message:tt;
    )+) => {
        /// A code of the error catalogue.
        ///
        /// In the order of the numbers, and each discriminant is the number. Prints as the number;
        /// with the `serde` feature it is stored as the number too, and a number that is not in
        /// the catalogue is refused.
        ///
        /// ```
        /// use twilio_proxy_core::{Code, Level};
        ///
        /// let code = Code::from_number(80103).ok_or("not in the catalogue")?;
        /// assert_eq!(code, Code::ParticipantAlreadyInSession);
        /// assert_eq!(code.title(), "Participant Already In Session");
        /// assert_eq!((code.level(), code.http_status()), (Level::Error, Some(400)));
        /// assert_eq!(code.to_string(), "80103");
        /// # Ok::<(), &str>(())
        /// ```
        #[non_exhaustive]
        #[repr(u32)]
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Code {
            $(
                #[doc = concat!(
                    "[", $number, "](https://www.twilio.com/docs/errors/", $number, "):", $doc,
                )]
                $variant = $number,
            )+
        }

        impl Code {
            /// The whole catalogue, in the order of the numbers.
            pub const ALL: [Self; 84] = [$(Self::$variant),+];

            /// The code with this number, if the catalogue has it.
            ///
            /// ```
            /// use twilio_proxy_core::Code;
            ///
            /// assert_eq!(Code::from_number(80609), Some(Code::TooManyParticipants));
            /// assert_eq!(Code::from_number(1), None);
            /// ```
            #[must_use]
            pub const fn from_number(number: u32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)+
                    _ => None,
                }
            }

            const fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$variant => &Entry {
                        level: Level::$level,
                        http_status: catalogue!(@option $status),
                        usage: Usage::$usage $(($reason))?,
                        title: $title,
                        message: catalogue!(@option $message),
                    },)+
                }
            }
        }
    };
    (@option -) => { None };
    (@option $value:literal) => { Some($value) };
}

// A row: what it says and the rules that raise it;
//     number and variant: level, HTTP status, usage (and why never), title, message.
// A dash is for what there is not.
catalogue! {
    // The platform's.

    /// The answer to an out-of-session request calls itself JSON and is no usable object (WHK-5).
    12100 DocumentParseFailure: Error, -, Notification,
        "Document parse failure",
        "Content is not allowed in prolog";

    /// The request has parameters that the operation does not know.
    20001 UnknownParameters: Warning, -, Never("unknown parameters are ignored in silence"),
        "Unknown parameters", -;

    /// The credentials are wrong or do not suffice.
    20003 PermissionDenied: Error, 401, Never("the embedder checks credentials"),
        "Permission Denied", -;

    /// The path exists, but not with this method (API-6).
    20004 MethodNotAllowed: Error, 405, Operation,
        "Method Not Allowed", -;

    /// The account is suspended or closed.
    20403 Forbidden: Error, 403, Never("the embedder knows whether an account may act"),
        "403 Forbidden",
        "Forbidden";

    /// Nothing is there under this SID or path, or no longer, or not yet (API-6, CON-9, RTE-11).
    20404 NotFound: Error, 404, Operation,
        "Not Found",
        "The requested resource <path> was not found";

    /// The new SID is taken, or the owned number is registered already as another (SID-4, NUM-9).
    20409 Conflict: Error, 409, Operation,
        "Conflict", -;

    /// The account sends more requests than the platform takes.
    20429 TooManyRequests: Error, 429, Never("the embedder throttles, if anyone does"),
        "Too Many Requests", -;

    /// The platform failed.
    20500 InternalServerError: Error, 500, Never("a pure state machine does not fail by itself"),
        "Internal Server Error", -;

    /// The platform is out of service for now.
    20503 ServiceUnavailable: Error, 503, Never("the embedder knows whether it is in service"),
        "Service unavailable",
        "Service is unavailable";

    // 801xx: it is there already.

    /// The number or short code is in the pool of another service of the account (NUM-2).
    80101 NumberAlreadyInAnotherService: Error, 400, Operation,
        "Number Already Added to Another Service", -;

    /// The participant is part of the interaction already.
    80102 ParticipantAlreadyInInteraction: Warning, 400,
        Never("participants are added to sessions, not to interactions"),
        "Participant Already In Interaction",
        "Participant has already been added to Interaction";

    /// The identifier is, was, or is about to be in this session (PAR-3, PAR-4, CON-5, SES-3).
    80103 ParticipantAlreadyInSession: Error, 400, Operation,
        "Participant Already In Session",
        "Participant has already been added to Session";

    /// The phone number is in this pool already (NUM-2).
    80104 PhoneNumberAlreadyInService: Warning, 400, Operation,
        "Phone Number Already In Service",
        "PhoneNumber has already been added to Service";

    /// The short code is in this pool already (NUM-2).
    80105 ShortCodeAlreadyInService: Warning, 400, Operation,
        "Short Code Already In Service",
        "ShortCode has already been added to Service";

    // 802xx: selection finds no number.

    /// The mode has voice, and no number left in the country takes and makes calls (SEL-7).
    80201 NoAvailableVoiceProxy: Warning, 400, Operation,
        "No Available Voice Proxy",
        "This Service has no compatible Proxy numbers for this Participant. \
         This Service has no available Proxy numbers having voice capabilities.";

    /// The mode has messages, and no number left in the country takes and sends SMS (SEL-7).
    80202 NoAvailableMessageProxy: Warning, 400, Operation,
        "No Available Message Proxy",
        "This Service has no compatible Proxy numbers for this Participant. \
         This Service has no available Proxy numbers having sms capabilities.";

    /// The pool has no number for the identifier's country (SEL-7, SEL-3).
    80203 NoAvailableProxyForCountry: Error, 400, Operation,
        "No Available Proxy For Country",
        "This Service has no compatible Proxy numbers for this Participant. \
         This Service has no available Proxy numbers for country code <country>.";

    /// The pool is empty (SEL-7).
    80205 NoProxiesForService: Warning, 400, Operation,
        "No Proxies For Service",
        "This Service has no compatible Proxy numbers for this Participant. \
         This Service has no Proxy numbers configured.";

    /// Voice and SMS are there, but in no one number; or no number is in the area (SEL-7).
    80206 NoAvailableProxy: Warning, 400, Operation,
        "No Available Proxy",
        "This Service has no compatible Proxy numbers for this Participant. \
         Failed to find a proxy number for {identifier}.";

    /// Every number that would do is reserved (SEL-7); or the one asked for by SID is (PAR-8).
    80207 NoUnreservedProxy: Error, 400, Operation,
        "No unreserved numbers in proxy pool.",
        "This Service has no compatible Proxy numbers for this Participant.";

    /// Every number that would do is held by this identifier in another active session (SEL-7).
    80208 NoAvailableUnusedProxy: Error, 400, Operation,
        "No Available Unused Proxy",
        "This Service has no compatible Proxy numbers for this Participant. \
         Failed to find a proxy number for {identifier}. \
         All matching proxies for this Participant are already in use in other Sessions.";

    // 803xx: it is not there.

    /// The account does not own the phone number (NUM-8).
    80301 PhoneNumberSidNotFound: Error, 400, Operation,
        "Not Found Phone Number SID",
        "Phone Number SID is not associated with the Account SID.";

    /// The account does not own the short code (NUM-8).
    80303 ShortCodeSidNotFound: Warning, 400, Operation,
        "Not Found Short Code Sid",
        "Short Code Sid is not associated with your Account.";

    /// A channel identifier comes without proxy address (PAR-6); the number is reserved (PAR-8).
    80304 UnmanagedIdentifierNotFound: Warning, 400, Operation,
        "Not Found Unmanaged Identifier",
        "Unmanaged Proxy Identifier not found";

    /// A channel identifier comes with the SID of a number alone (PAR-6).
    80305 UnmanagedIdentifierSidNotFound: Error, 400, Operation,
        "Not Found Unmanaged Identifier Sid",
        "Unmanaged Proxy Identifier not found.";

    /// The service has no chat instance, and a chat needs one.
    80306 ChatServiceNotFound: Error, -, Never("a chat instance is stored and has no effect"),
        "Not Found Chat Service",
        "Found no chat instance associated with service {ProxyServiceSid}";

    /// The record to be updated has gone.
    80307 RecordNotFound: Warning, 400, Never("what has gone is answered with 20404"),
        "Record to be updated was not found in database.",
        "Record to be updated was not found in database.";

    /// No session of the service has this unique name (SES-10).
    80308 SessionNameNotFound: Error, 404, Operation,
        "Session with the unique name not found.",
        "Session with the given unique name not found in database.";

    // 804xx: it is malformed, or does not fit.

    /// The SID of the account is malformed.
    80401 AccountSidInvalid: Warning, 400, Never("no path and no parameter carries an account SID"),
        "Account Sid Invalid",
        "Invalid Account Sid";

    /// The identifier and the proxy identifier do not go together (PAR-6, PAR-7, PAR-9).
    80402 IdentifierProxyPairInvalid: Warning, 400, Operation,
        "Identifier Proxy Pair Invalid",
        "Invalid Identifier and Proxy Identifier pair";

    /// The SID of the interaction is malformed (SID-3).
    80403 InteractionSidInvalid: Warning, 400, Operation,
        "Interaction Sid Invalid",
        "Invalid Interaction Sid";

    /// The identifier is malformed or fictional (TXT-2, TXT-6, TXT-7), or not reachable (CON-5).
    80404 ParticipantIdentifierInvalid: Error, 400, Operation,
        "Participant Identifier Invalid",
        "Participant identifier does not appear to be a valid, reachable identity";

    /// The SID of the participant is malformed (SID-3).
    80405 ParticipantSidInvalid: Warning, 400, Operation,
        "Participant Sid Invalid",
        "Invalid Participant Sid";

    /// The number to be added is no E.164 number (NUM-7).
    80406 PhoneNumberDidInvalid: Warning, 400, Operation,
        "Phone Number Did Invalid",
        "Invalid Phone Number Did";

    /// The SID of the phone number is malformed (SID-3, NUM-7, PAR-13).
    80407 PhoneNumberSidInvalid: Warning, 400, Operation,
        "Phone Number Sid Invalid",
        "Invalid Phone Number Sid";

    /// The SID of the service is malformed (SID-3).
    80408 ServiceSidInvalid: Warning, 400, Operation,
        "Service Sid Invalid",
        "Invalid Service Sid";

    /// The SID of the session is malformed (SID-3).
    80409 SessionSidInvalid: Warning, 400, Operation,
        "Session Sid Invalid",
        "Invalid Session Sid";

    // 805xx: Twilio's own trouble.

    /// Twilio's storage failed.
    80501 StorageOperationFailed: Error, 500, Never("there is no storage that could fail"),
        "Storage Operation Failed",
        "An internal server error has occurred during a storage operation";

    /// A server behind Proxy failed.
    80502 DownstreamServerError: Error, 500, Never("there is no server behind the state machine"),
        "Internal Server Error from Downstream",
        "A downstream server failed or refused to process a request.";

    /// The update met no record.
    80503 NoRecordsUpdated: Warning, 400, Never("what has gone is answered with 20404"),
        "No Records Updated",
        "Record to be updated was not found. It may have been deleted.";

    /// Proxy failed.
    80504 ProxyInternalError: Error, 500, Never("a pure state machine does not fail by itself"),
        "An internal server error has occurred.",
        "An internal server error has occurred.";

    /// Flex is set up wrongly.
    80505 FlexConfigurationError: Error, -, Never("Flex is no part of this crate"),
        "Flex Configuration Error",
        "A Flex component was not configured correctly";

    /// The account is new, and Proxy takes no new customers.
    80506 ServiceCreationRestricted: Error, 400, Never("every account may create services"),
        "Service Creation is restricted for new customers", -;

    // 806xx: the state of things forbids it.

    /// The owned number is in a pool and cannot be taken away (NUM-9).
    80601 PhoneNumberNotAvailable: Warning, 400, Operation,
        "Phone Number Not Available",
        "PhoneNumber is not available.  It may be bound to a number pool.";

    /// Another service of the account has this unique name (SVC-1).
    80602 NonUniqueServiceName: Warning, 400, Operation,
        "Non Unique Service Name",
        "Service UniqueName must be unique.";

    /// Another session of the service, closed ones included, has this unique name (SES-2).
    80603 NonUniqueSessionName: Error, 400, Operation,
        "Non Unique Session Name",
        "Session UniqueName must be unique";

    /// The pair of identifier and number is active in another session (CON-2, CON-3).
    80604 ProxyIdentifierInUse: Warning, 400, Operation,
        "Proxy Identifier In Use",
        "Proxy identifier already in use with requested identifier.";

    /// The number is not in the pool (PAR-7), or not any more when a session re-opens (NUM-6).
    80605 ProxyIdentifierNotInService: Warning, 400, Operation,
        "Proxy Identifier Not In Service",
        "Proxy identifier not associated with service.";

    /// The number is not in the pool, nor does the account own it (PAR-7).
    80606 ProxyIdentifierNotOwned: Warning, 400, Operation,
        "Proxy Identifier Not Owned By Account",
        "Proxy identifier not owned by account.";

    /// The session is closed (SES-5, SES-8, PAR-2, CON-6, INT-4).
    80607 SessionClosed: Warning, 400, Operation,
        "Session Closed",
        "Session is closed and cannot be updated";

    /// The session cannot move to, or start with, this status (SES-4, SES-5).
    80608 SessionStatusInvalid: Error, 400, Operation,
        "Session Status Invalid",
        "Session status change not supported. To re-open a session, choose In Progress. \
         To close a session, choose Closed.";

    /// The session would have more than two live participants (PAR-1, SES-3).
    80609 TooManyParticipants: Warning, 400, Operation,
        "Too Many Added Participants",
        "A Session may have at most 2 participants";

    /// The SIDs of the path do not belong together.
    80610 UnauthorizedOperation: Warning, 400,
        Never("a resource under another parent is answered with 20404"),
        "Unauthorized Operation",
        "Unauthorized. You may be trying to use an invalid combination of sids.";

    /// The number cannot leave the pool while active sessions have it (NUM-5).
    80611 ProxyNumberInActiveSessions: Error, 400, Operation,
        "Proxy Number In Active Sessions",
        "Proxy Number cannot be removed from Service.  It is in use by one or more Sessions.";

    /// The identifier is or was in this session.
    80612 DuplicateEntry: Error, 400, Never("80103 says the same and is what Twilio answers"),
        "Duplicate Entry", -;

    /// A server behind Proxy refused.
    80613 DownstreamRequestRejected: Error, 400,
        Never("there is no server behind the state machine"),
        "Downstream Request Rejected",
        "Your request was rejected: rejected reason";

    /// The sender has nobody to talk to in the session (RTE-6).
    80614 NoPartnerParticipant: Warning, -, Notification,
        "No Partner Participant Found",
        "Incoming message or call found no target participant in session <SessionSid> for \
         participant <ParticipantSid>";

    /// A legal hold keeps the record from deletion.
    80615 AccountOnLegalHold: Error, 400, Never("the embedder knows what may be deleted"),
        "Account Sid on Legal Hold",
        "Account <AccountSid> is on legal hold.  Cannot delete record <Sid>.";

    /// A channel identifier and voice (PAR-6), or a message and a voice-only session (INT-4).
    80616 UnsupportedIdentifierType: Error, 400, Operation,
        "Unsupported Identifier Type For Session Mode",
        "Cannot add <Identifier> to session <SessionSid>. \
         The identifier is not compatible with the session mode.";

    /// A Flex flow, number or chat setting is missing or has changed.
    80617 FlexFlowConfigurationError: Error, -, Never("Flex is no part of this crate"),
        "Flex Configuration Error",
        "A Flex component was not configured correctly";

    /// A chat and its session have come apart.
    80618 ChatIntegrationError: Error, -, Never("a chat instance is stored and has no effect"),
        "Chat Integration Error",
        "A Chat element was not configured correctly for Proxy";

    /// The chat channel is missing, or lacks the attributes that Proxy needs.
    80619 ChatChannelAttributeError: Error, -, Never("a chat instance is stored and has no effect"),
        "Chat Channel Attribute Error", -;

    /// A chat message names a number that has left the pool.
    80620 ChatProxyIdentifierNotFound: Error, -,
        Never("a chat instance is stored and has no effect"),
        "Chat Configured Proxy Identifier Not Found",
        "Received a chat message for a proxy identifier that does not exist in your Proxy pool";

    /// One endpoint of one service gets more requests than it takes.
    80621 EndpointRateLimited: Warning, 429, Never("the embedder throttles, if anyone does"),
        "Requests Rate Limited on Endpoint", -;

    /// The pool is full: 500 unreserved or 5000 reserved entries (NUM-3).
    80622 MaximumPoolSize: Error, 400, Operation,
        "Maximum Pool Size Error", -;

    /// Another session is about to get this identifier; try again when that is done (CON-4).
    80623 DuplicateParticipantRequest: Error, 409, Operation,
        "Duplicate Participant Request",
        "Possible duplicate Participant created in multiple Sessions.";

    /// The pool has reached 85 percent of one of its limits (NUM-3).
    80624 ApproachingMaximumPoolSize: Warning, -, Notification,
        "Approaching Maximium Number Pool Size",
        "Your Proxy number pool has reached 85% of the maximum limit.";

    /// A request to one of Proxy's own webhooks is not signed, or signed wrongly.
    80625 RequestSignatureInvalid: Error, -, Never("the embedder checks signatures"),
        "Unauthorized Request. Signature is missing or is invalid", -;

    // 807xx: a parameter is wrong.

    /// A parameter is missing, malformed or out of bounds (API-10, and wherever a rule bounds one).
    80701 ParameterInvalid: Warning, 400, Operation,
        "Parameter Validation Failed",
        "'<parameter name>' is invalid. <parameter is invalid>";

    // 808xx: the permissive rule let a doubled pair pass.

    /// The re-open went ahead, although it makes a pair active twice (CON-3).
    80801 ReopenConflict: Error, -, Notification,
        "Invalid attempt to Re-Open a Session",
        "Participant is active in another Session";

    /// The addition went ahead, although it may double a pair (CON-2, CON-4).
    80802 CreateConflict: Error, -, Notification,
        "Simultaneous requests to create the same Identifier in one or more Sessions",
        "Possible duplicate Participant created in multiple Sessions.";

    // 809xx: traffic.

    /// The message is an opt-out word and was dropped (RTE-3).
    80901 MessageMatchedStopWord: Warning, -, Notification,
        "Message Matched Stop Word",
        "Message matched a STOP or START word, not proxying";

    /// A call belongs to no active session (RTE-4).
    80902 NoActiveSession: Error, -, Notification,
        "No Active Session",
        "You received a call to your Proxy Number from a caller who is not a participant in an \
         active session.";

    /// A message belongs to no active session (RTE-4).
    80903 UnknownParticipant: Warning, -, Notification,
        "Unknown Participant",
        "Unknown Participant";

    /// The session that a contact would have belonged to has expired (RTE-4).
    80904 ExpiredSession: Warning, -, Notification,
        "Expired Proxy Session",
        "Proxy session has expired.";

    /// An out-of-session contact found no usable answer (WHK-4, WHK-5).
    80905 UnknownScenario: Warning, -, Notification,
        "Unknown Scenario",
        "No valid proxy scenario for handling inbound call or message";

    /// A status report came after the last one there can be (INT-2).
    80906 InteractionNotOpen: Warning, -, Notification,
        "Interaction Not Open",
        "Received interaction completion event for an Interaction that is already complete";

    /// A status report names an interaction that is unknown or deleted (INT-2).
    80907 OpenInteractionNotFound: Warning, -, Notification,
        "Open Interaction Not Found",
        "Received a call with no open interaction";

    /// A callback or intercept request failed (WHK-7).
    80908 CallbackError: Warning, -, Notification,
        "Callback Error",
        "Error on Callback for <url>";

    /// The intercept said 403, and the contact was blocked (RTE-7).
    80909 InboundContactRejected: Warning, -, Notification,
        "Inbound Contact Rejected",
        "Interaction not completed due to InterceptCallbackUrl.";

    /// A message reached a voice-only session (RTE-5).
    80910 MessageToVoiceOnlySession: Warning, -, Notification,
        "Message To Voice Only Session Rejected",
        "Inbound message to voice-only session rejected.";

    /// A call reached a message-only session (RTE-5).
    80911 CallToMessageOnlySession: Warning, -, Notification,
        "Call To Message Only Session Rejected",
        "Inbound call to message-only session rejected.";

    /// The out-of-session request failed (WHK-5).
    80913 OutOfSessionCallbackError: Error, -, Notification,
        "Out-Of-Session Callback Error",
        "Callback to Out-of-Session handler returned a non-success status code.";
}

impl Code {
    /// The number under which Twilio documents the code.
    ///
    /// ```
    /// use twilio_proxy_core::Code;
    ///
    /// assert_eq!(Code::TooManyParticipants.number(), 80609);
    /// ```
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// Its name in the catalogue, letter for letter.
    ///
    /// ```
    /// use twilio_proxy_core::Code;
    ///
    /// assert_eq!(Code::ParticipantAlreadyInSession.title(), "Participant Already In Session");
    /// ```
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.entry().title
    }

    /// How grave the catalogue takes it to be. A refusal can be a mere warning.
    ///
    /// ```
    /// use twilio_proxy_core::{Code, Level};
    ///
    /// assert_eq!(Code::ParticipantAlreadyInSession.level(), Level::Error);
    /// ```
    #[must_use]
    pub const fn level(self) -> Level {
        self.entry().level
    }

    /// The status of the HTTP answer that carries it (API-7).
    ///
    /// `None` for what no operation answers with: notifications, ignored parameters, and the codes
    /// of Flex, chat and Proxy's own webhooks.
    ///
    /// ```
    /// use twilio_proxy_core::Code;
    ///
    /// assert_eq!(Code::NotFound.http_status(), Some(404));
    /// assert_eq!(Code::CallbackError.http_status(), None);
    /// ```
    #[must_use]
    pub const fn http_status(self) -> Option<u16> {
        self.entry().http_status
    }

    /// Twilio's text, as seen on the wire if it was, else as documented; `None` where neither is
    /// known.
    ///
    /// `<word>` and `{word}` stand for what differs from case to case. Of a text that is known in
    /// part only, its first sentences.
    ///
    /// ```
    /// use twilio_proxy_core::Code;
    ///
    /// assert!(Code::TooManyParticipants.message().is_some_and(|text| text.contains("at most 2 participants")));
    /// ```
    #[must_use]
    pub const fn message(self) -> Option<&'static str> {
        self.entry().message
    }

    /// Where it turns up in this crate (ERR-1).
    ///
    /// ```
    /// use twilio_proxy_core::{Code, Usage};
    ///
    /// assert_eq!(Code::CallbackError.usage(), Usage::Notification);
    /// ```
    #[must_use]
    pub const fn usage(self) -> Usage {
        self.entry().usage
    }
}

/// The number, under the formatter's width and fill.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

#[cfg(feature = "serde")]
impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.number())
    }
}

#[cfg(feature = "serde")]
impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        Self::from_number(number).ok_or_else(|| {
            let found = de::Unexpected::Unsigned(number.into());
            de::Error::invalid_value(found, &"a code of the Twilio Proxy error catalogue")
        })
    }
}

/// How grave the catalogue takes a code to be.
///
/// ```
/// use twilio_proxy_core::{Code, Level};
///
/// let mut grave = Code::ALL.iter().filter(|code| code.level() == Level::Error);
/// assert!(grave.any(|code| *code == Code::ParticipantAlreadyInSession));
/// ```
#[expect(clippy::exhaustive_enums, reason = "the catalogue has these two levels")]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something deserves a look.
    Warning,
}

/// Where a code turns up in this crate (ERR-1, ERR-3).
///
/// ```
/// use twilio_proxy_core::{Code, Usage};
///
/// for code in Code::ALL {
///     if let Usage::Never(reason) = code.usage() {
///         assert!(!reason.is_empty(), "{code}");
///     }
/// }
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Usage {
    /// An operation, or the REST surface in front of it, refuses with it.
    Operation,
    /// A debugger notification: an event, never an error.
    Notification,
    /// Nowhere, and why.
    Never(&'static str),
}
