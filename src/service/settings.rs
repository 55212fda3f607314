//! What a service is set to (SVC).

use core::fmt;

use super::Service;
use crate::{
    hash::Hasher,
    pool::{GeoMatchLevel, NumberSelectionBehavior},
    sid::{AccountSid, ChatInstanceSid, ServiceSid},
    text::{CallbackUrl, ServiceName},
    time::{Timestamp, Ttl},
};

/// What a service is set to. Fields are those of Twilio's Service resource.
///
/// ```
/// use twilio_proxy_core::{GeoMatchLevel, NewService, Policy, Service, Timestamp, Ttl, sid};
///
/// let new = NewService::new(
///     sid!("KS00000000000000000000000000000001"),
///     sid!("AC00000000000000000000000000000001"),
///     "rides".parse()?,
/// );
/// let service = Service::new(new, Policy::default(), Timestamp::MIN);
/// assert_eq!(service.settings().default_ttl, Ttl::UNLIMITED);
/// assert_eq!(service.settings().geo_match_level, GeoMatchLevel::Country);
/// # Ok::<(), twilio_proxy_core::ParseTextError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ServiceSettings {
    /// Its SID.
    pub sid: ServiceSid,
    /// Its name.
    pub unique_name: ServiceName,
    /// The account that it belongs to.
    pub account_sid: AccountSid,
    /// Stored and shown, without effect (TXT-7).
    pub chat_instance_sid: Option<ChatInstanceSid>,
    /// Where interactions are reported.
    pub callback_url: Option<CallbackUrl>,
    /// The TTL of sessions that are created without one.
    pub default_ttl: Ttl,
    /// Whether a participant who comes back gets the number of last time (SEL-5).
    pub number_selection_behavior: NumberSelectionBehavior,
    /// How near a number must be to the participant (SEL-3, SEL-4).
    pub geo_match_level: GeoMatchLevel,
    /// Who may stop an interaction before it begins.
    pub intercept_callback_url: Option<CallbackUrl>,
    /// Who decides on contacts that belong to no session.
    pub out_of_session_callback_url: Option<CallbackUrl>,
    /// When it was created.
    pub date_created: Timestamp,
    /// When it last changed (TIM-5).
    pub date_updated: Timestamp,
}

/// A service to create.
///
/// ```
/// use twilio_proxy_core::{NewService, NumberSelectionBehavior, sid};
///
/// let mut new = NewService::new(
///     sid!("KS00000000000000000000000000000001"),
///     sid!("AC00000000000000000000000000000001"),
///     "rides".parse()?,
/// );
/// new.number_selection_behavior = NumberSelectionBehavior::AvoidSticky;
/// new.callback_url = Some("https://rides.example.com/proxy".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct NewService {
    /// Its SID.
    pub sid: ServiceSid,
    /// The account that it belongs to.
    pub account_sid: AccountSid,
    /// Its name.
    pub unique_name: ServiceName,
    /// The TTL of sessions that are created without one. Default: unlimited.
    #[cfg_attr(feature = "serde", serde(default))]
    pub default_ttl: Ttl,
    /// How near a number must be to the participant. Default: `country`.
    #[cfg_attr(feature = "serde", serde(default))]
    pub geo_match_level: GeoMatchLevel,
    /// Whether a participant who comes back gets the number of last time. Default: `prefer-sticky`.
    #[cfg_attr(feature = "serde", serde(default))]
    pub number_selection_behavior: NumberSelectionBehavior,
    /// Where interactions are reported.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub callback_url: Option<CallbackUrl>,
    /// Who may stop an interaction before it begins.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub intercept_callback_url: Option<CallbackUrl>,
    /// Who decides on contacts that belong to no session.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub out_of_session_callback_url: Option<CallbackUrl>,
    /// Stored and shown, without effect (TXT-7).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub chat_instance_sid: Option<ChatInstanceSid>,
    /// The seed of the hash tables: see [`Service`]. Secret where set, so neither serialised nor in `Debug`.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub hash_seed: Option<u64>,
}

impl NewService {
    /// A service with every default (SVC-2).
    ///
    /// ```
    /// use twilio_proxy_core::{NewService, Ttl, sid};
    ///
    /// let rides = NewService::new(
    ///     sid!("KS00000000000000000000000000000001"),
    ///     sid!("AC00000000000000000000000000000001"),
    ///     "rides".parse()?,
    /// );
    /// assert_eq!(rides.default_ttl, Ttl::UNLIMITED);
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub fn new(sid: ServiceSid, account_sid: AccountSid, unique_name: ServiceName) -> Self {
        Self {
            sid,
            account_sid,
            unique_name,
            default_ttl: Ttl::UNLIMITED,
            geo_match_level: GeoMatchLevel::default(),
            number_selection_behavior: NumberSelectionBehavior::default(),
            callback_url: None,
            intercept_callback_url: None,
            out_of_session_callback_url: None,
            chat_instance_sid: None,
            hash_seed: None,
        }
    }

    pub(super) const fn hasher(&self) -> Hasher {
        Hasher::new(self.hash_seed)
    }

    pub(super) fn into_settings(self, now: Timestamp) -> ServiceSettings {
        ServiceSettings {
            sid: self.sid,
            unique_name: self.unique_name,
            account_sid: self.account_sid,
            chat_instance_sid: self.chat_instance_sid,
            callback_url: self.callback_url,
            default_ttl: self.default_ttl,
            number_selection_behavior: self.number_selection_behavior,
            geo_match_level: self.geo_match_level,
            intercept_callback_url: self.intercept_callback_url,
            out_of_session_callback_url: self.out_of_session_callback_url,
            date_created: now,
            date_updated: now,
        }
    }
}

/// Without the hash seed, which is secret.
impl fmt::Debug for NewService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewService")
            .field("sid", &self.sid)
            .field("account_sid", &self.account_sid)
            .field("unique_name", &self.unique_name)
            .field("default_ttl", &self.default_ttl)
            .field("geo_match_level", &self.geo_match_level)
            .field("number_selection_behavior", &self.number_selection_behavior)
            .field("callback_url", &self.callback_url)
            .field("intercept_callback_url", &self.intercept_callback_url)
            .field("out_of_session_callback_url", &self.out_of_session_callback_url)
            .field("chat_instance_sid", &self.chat_instance_sid)
            .finish_non_exhaustive()
    }
}

/// A change of something that can also be cleared. In JSON: left out, `null`, or the new value.
///
/// ```
/// use twilio_proxy_core::Patch;
///
/// assert_eq!(Patch::default(), Patch::<u8>::Keep);
/// assert_eq!(Patch::from(7), Patch::Set(7));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[expect(clippy::exhaustive_enums, reason = "there is nothing else to do to a field")]
pub enum Patch<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes null.
    Clear,
    /// It becomes this.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether it leaves everything as it is.
    ///
    /// ```
    /// use twilio_proxy_core::Patch;
    ///
    /// assert!(Patch::<u8>::Keep.is_keep());
    /// assert!(!Patch::<u8>::Clear.is_keep());
    /// ```
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    fn apply(self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

#[cfg(feature = "serde")]
impl<T: serde::Serialize> serde::Serialize for Patch<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

#[cfg(feature = "serde")]
impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Patch<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// Changes to a service; what is not given stays (SVC-3).
///
/// ```
/// use twilio_proxy_core::{Patch, ServiceUpdate};
///
/// let silence = ServiceUpdate { callback_url: Patch::Clear, ..ServiceUpdate::default() };
/// assert!(silence.intercept_callback_url.is_keep());
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(default, deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "written as a literal")]
pub struct ServiceUpdate {
    /// A new name.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub unique_name: Option<ServiceName>,
    /// A new TTL for sessions that are created without one from now on.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub default_ttl: Option<Ttl>,
    /// Where interactions are reported.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Patch::is_keep"))]
    pub callback_url: Patch<CallbackUrl>,
    /// How near a number must be to a participant from now on.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub geo_match_level: Option<GeoMatchLevel>,
    /// Whether a participant who comes back gets the number of last time.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub number_selection_behavior: Option<NumberSelectionBehavior>,
    /// Who may stop an interaction before it begins.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Patch::is_keep"))]
    pub intercept_callback_url: Patch<CallbackUrl>,
    /// Who decides on contacts that belong to no session.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Patch::is_keep"))]
    pub out_of_session_callback_url: Patch<CallbackUrl>,
    /// Stored and shown, without effect (TXT-7).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Patch::is_keep"))]
    pub chat_instance_sid: Patch<ChatInstanceSid>,
}

impl Service {
    /// Changes settings; later assignments alone are affected, and sessions keep the TTL that they were created with
    /// (SVC-3). An update that sets nothing changes nothing.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{GeoMatchLevel, ServiceUpdate};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut service = Service::new(new, Policy::default(), Timestamp::MIN);
    /// let nearer = ServiceUpdate { geo_match_level: Some(GeoMatchLevel::AreaCode), ..ServiceUpdate::default() };
    /// assert_eq!(service.update_service(nearer, Timestamp::MIN).geo_match_level, GeoMatchLevel::AreaCode);
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    pub fn update_service(&mut self, update: ServiceUpdate, now: Timestamp) -> &ServiceSettings {
        let now = self.advance(now);
        let settings = &mut self.settings;
        if update != ServiceUpdate::default() {
            settings.date_updated = now;
        }
        let ServiceUpdate { unique_name, default_ttl, geo_match_level, number_selection_behavior, .. } = update;
        if let Some(unique_name) = unique_name {
            settings.unique_name = unique_name;
        }
        settings.default_ttl = default_ttl.unwrap_or(settings.default_ttl);
        settings.geo_match_level = geo_match_level.unwrap_or(settings.geo_match_level);
        settings.number_selection_behavior = number_selection_behavior.unwrap_or(settings.number_selection_behavior);
        update.callback_url.apply(&mut settings.callback_url);
        update.intercept_callback_url.apply(&mut settings.intercept_callback_url);
        update.out_of_session_callback_url.apply(&mut settings.out_of_session_callback_url);
        update.chat_instance_sid.apply(&mut settings.chat_instance_sid);
        settings
    }
}
