//! What an embedder may choose where public sources are silent or disagree (ERR-4).

use crate::time::Span;

/// The choices of a service. The default follows Twilio's documentation.
///
/// ```
/// use twilio_proxy_core::{Policy, ReservedAssignment};
///
/// let mut policy = Policy::default();
/// assert!(!policy.allow_participant_conflict);
/// policy.reserved_assignment = ReservedAssignment::Refuse;
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct Policy {
    /// Whether the account has `ProxyAllowParticipantConflict`: requests are then permissive unless they say
    /// `FailOnParticipantConflict=true` (CON-1). Default: no.
    pub allow_participant_conflict: bool,
    /// Whether a reserved number may be named explicitly (PAR-8). Default: allow.
    pub reserved_assignment: ReservedAssignment,
    /// How long a closed session is kept; `None` is forever (EXP-7). Default: 90 days.
    pub retention: Option<Span>,
    /// The most items that a page of a list has, whatever `PageSize` asks for, which is at least one (API-5). Default: 1000,
    /// the most that may be asked for.
    pub max_page_size: u32,
    /// The HTTP status with which the removal of a participant is answered (API-4). Default: 204; Twilio's OpenAPI document
    /// has 200. What is no HTTP status counts as 200.
    pub participant_delete_status: u16,
    /// The HTTP status with which a message interaction is answered (API-4). Default: 201; Twilio's OpenAPI document has
    /// 200. What is no HTTP status counts as 200.
    pub message_interaction_status: u16,
    /// How long a session lives that has neither an expiry date nor a TTL; `None` is forever (EXP-1). Default: none.
    pub default_lifetime: Option<Span>,
    /// Whether numbers that are set aside for fiction may take part (TXT-6). Default: accept.
    pub fictional_numbers: FictionalNumbers,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allow_participant_conflict: false,
            reserved_assignment: ReservedAssignment::Allow,
            retention: Span::from_days(90),
            max_page_size: 1000,
            participant_delete_status: 204,
            message_interaction_status: 201,
            default_lifetime: None,
            fictional_numbers: FictionalNumbers::Accept,
        }
    }
}

/// What becomes of a participant whose explicit number is reserved (PAR-8).
///
/// ```
/// use twilio_proxy_core::{Policy, ReservedAssignment};
///
/// let mut policy = Policy::default();
/// assert_eq!(policy.reserved_assignment, ReservedAssignment::Allow);
/// policy.reserved_assignment = ReservedAssignment::Refuse; // as was observed
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ReservedAssignment {
    /// It gets the number, as documented.
    #[default]
    Allow,
    /// It is refused, as was observed: 80207 by SID, 80304 by number.
    Refuse,
}

/// What becomes of a participant whose number is set aside for fiction (TXT-6).
///
/// ```
/// use twilio_proxy_core::{FictionalNumbers, Policy};
///
/// let mut policy = Policy::default();
/// assert_eq!(policy.fictional_numbers, FictionalNumbers::Accept);
/// policy.fictional_numbers = FictionalNumbers::Refuse; // as Twilio does
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FictionalNumbers {
    /// It takes part like any other.
    #[default]
    Accept,
    /// It is refused with 80404, as Twilio refuses what it cannot reach.
    Refuse,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn err_4_the_default_follows_the_documentation() {
        let default = Policy {
            allow_participant_conflict: false,
            reserved_assignment: ReservedAssignment::Allow,
            retention: Span::from_seconds(90 * 86_400),
            max_page_size: 1000,
            participant_delete_status: 204,
            message_interaction_status: 201,
            default_lifetime: None,
            fictional_numbers: FictionalNumbers::Accept,
        };
        assert_eq!(Policy::default(), default);
    }
}
