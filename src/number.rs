//! Numbers of a pool: phone numbers and short codes.

use core::{fmt, str::FromStr};

use crate::{
    address::{E164, ProxyNumber, ShortCode},
    geography::{Country, Region},
    session::SessionMode,
    sid::{ParseSidError, PhoneNumberSid, ShortCodeSid},
    text::FriendlyName,
    time::Timestamp,
};

/// SID of a pool entry: of a phone number (`PN…`) or of a short code (`SC…`).
///
/// ```
/// use twilio_proxy_core::{NumberSid, ParseSidError};
///
/// let sid: NumberSid = "SC00000000000000000000000000000001".parse()?;
/// assert!(matches!(sid, NumberSid::ShortCode(_)));
/// # Ok::<(), ParseSidError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[expect(clippy::exhaustive_enums, reason = "NUM-1 knows these two kinds")]
pub enum NumberSid {
    /// Of a phone number.
    PhoneNumber(PhoneNumberSid),
    /// Of a short code.
    ShortCode(ShortCodeSid),
}

impl NumberSid {
    /// The SID, if it is that of a phone number.
    ///
    /// ```
    /// use twilio_proxy_core::{NumberSid, sid};
    ///
    /// let sid = sid!("PN00000000000000000000000000000001");
    /// assert_eq!(NumberSid::PhoneNumber(sid).phone_number(), Some(sid));
    /// assert_eq!(NumberSid::PhoneNumber(sid).short_code(), None);
    /// ```
    #[must_use]
    pub const fn phone_number(self) -> Option<PhoneNumberSid> {
        match self {
            Self::PhoneNumber(sid) => Some(sid),
            Self::ShortCode(_) => None,
        }
    }

    /// The SID, if it is that of a short code.
    ///
    /// ```
    /// use twilio_proxy_core::{NumberSid, sid};
    ///
    /// let sid = sid!("SC00000000000000000000000000000001");
    /// assert_eq!(NumberSid::ShortCode(sid).short_code(), Some(sid));
    /// ```
    #[must_use]
    pub const fn short_code(self) -> Option<ShortCodeSid> {
        match self {
            Self::PhoneNumber(_) => None,
            Self::ShortCode(sid) => Some(sid),
        }
    }

    /// Whether it is of the kind that `number` is.
    pub(crate) const fn fits(self, number: ProxyNumber) -> bool {
        matches!(
            (self, number),
            (Self::PhoneNumber(_), ProxyNumber::PhoneNumber(_)) | (Self::ShortCode(_), ProxyNumber::ShortCode(_))
        )
    }
}

impl FromStr for NumberSid {
    type Err = ParseSidError;

    fn from_str(text: &str) -> Result<Self, ParseSidError> {
        if text.starts_with("SC") { text.parse().map(Self::ShortCode) } else { text.parse().map(Self::PhoneNumber) }
    }
}

impl From<PhoneNumberSid> for NumberSid {
    fn from(sid: PhoneNumberSid) -> Self {
        Self::PhoneNumber(sid)
    }
}

impl From<ShortCodeSid> for NumberSid {
    fn from(sid: ShortCodeSid) -> Self {
        Self::ShortCode(sid)
    }
}

impl fmt::Display for NumberSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PhoneNumber(sid) => sid.fmt(f),
            Self::ShortCode(sid) => sid.fmt(f),
        }
    }
}

impl fmt::Debug for NumberSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PhoneNumber(sid) => sid.fmt(f),
            Self::ShortCode(sid) => sid.fmt(f),
        }
    }
}

serde_as_text!({} NumberSid, "a SID of a phone number or short code");

/// What a number can carry, each direction for itself (NUM-1, API-8).
///
/// ```
/// use twilio_proxy_core::Capabilities;
///
/// let capabilities = Capabilities { mms_inbound: true, ..Capabilities::VOICE_AND_SMS };
/// assert!(capabilities.voice_outbound && !capabilities.mms_outbound);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(default, deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "written as a literal")]
#[expect(clippy::struct_excessive_bools, reason = "six independent facts, named as on the wire")]
pub struct Capabilities {
    /// Receives calls.
    pub voice_inbound: bool,
    /// Places calls.
    pub voice_outbound: bool,
    /// Receives text messages.
    pub sms_inbound: bool,
    /// Sends text messages.
    pub sms_outbound: bool,
    /// Receives picture messages.
    pub mms_inbound: bool,
    /// Sends picture messages.
    pub mms_outbound: bool,
}

impl Capabilities {
    /// Calls and text messages, both ways.
    pub const VOICE_AND_SMS: Self = Self { voice_inbound: true, voice_outbound: true, ..Self::SMS };
    /// Text messages, both ways.
    pub const SMS: Self = Self {
        voice_inbound: false,
        voice_outbound: false,
        sms_inbound: true,
        sms_outbound: true,
        mms_inbound: false,
        mms_outbound: false,
    };
}

/// A number in the pool of a service: a phone number or, whatever the name, a short code (NUM-1).
///
/// Fields are those of Twilio's `PhoneNumber` resource; the SIDs of its parents are left to whoever asks.
///
/// ```
/// use twilio_proxy_core::{NewNumber, NewService, Policy, Service, Timestamp, sid};
///
/// let names = NewService::new(
///     sid!("KS00000000000000000000000000000001"),
///     sid!("AC00000000000000000000000000000001"),
///     "rides".parse()?,
/// );
/// let mut service = Service::new(names, Policy::default(), Timestamp::MIN);
/// let new = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+442079460000".parse()?);
/// let number = service.add_number(new, Timestamp::MIN)?;
/// assert_eq!(number.iso_country.map(|country| country.to_string()), Some("GB".to_owned()));
/// assert_eq!(number.in_use, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct PhoneNumber {
    /// Its SID.
    pub sid: NumberSid,
    /// When it was added to the pool.
    pub date_created: Timestamp,
    /// When it last changed (TIM-5).
    pub date_updated: Timestamp,
    /// The number.
    pub phone_number: ProxyNumber,
    /// The text that describes it.
    pub friendly_name: Option<FriendlyName>,
    /// The country that it was added with, else that of its number; `None` if its calling code belongs to none (SEL-3).
    pub iso_country: Option<Country>,
    /// What it can carry.
    pub capabilities: Capabilities,
    /// Whether it is kept out of automatic selection.
    pub is_reserved: bool,
    /// How many active sessions use it (NUM-4).
    pub in_use: u32,
}

impl PhoneNumber {
    /// The region that it serves (SEL-3); a short code without a country serves none.
    pub(crate) fn region(&self) -> Option<Region> {
        match (self.iso_country, self.phone_number) {
            (Some(country), _) => Some(country.region()),
            (None, ProxyNumber::PhoneNumber(number)) => Some(number.region()),
            (None, ProxyNumber::ShortCode(_)) => None,
        }
    }

    /// The country that its number lies in, whatever it was added with.
    pub(crate) fn country(&self) -> Option<Country> {
        country_of(self.phone_number)
    }

    /// Whether it carries calls both ways; a short code never does, whatever it was added with (TXT-4).
    pub(crate) const fn has_voice(&self) -> bool {
        matches!(self.phone_number, ProxyNumber::PhoneNumber(_))
            && self.capabilities.voice_inbound
            && self.capabilities.voice_outbound
    }

    /// Whether it carries text messages both ways.
    pub(crate) const fn has_messages(&self) -> bool {
        self.capabilities.sms_inbound && self.capabilities.sms_outbound
    }

    /// Whether it carries all that a session of this mode asks for (SEL-1).
    pub(crate) const fn serves(&self, mode: SessionMode) -> bool {
        (!mode.has_voice() || self.has_voice()) && (!mode.has_messages() || self.has_messages())
    }
}

/// A number to add to a pool.
///
/// ```
/// use twilio_proxy_core::{Capabilities, NewNumber, sid};
///
/// let mut new = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// new.is_reserved = true;
/// new.capabilities = Some(Capabilities::SMS);
/// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(remote = "Self", deny_unknown_fields)
)]
#[non_exhaustive]
pub struct NewNumber {
    sid: NumberSid,
    phone_number: ProxyNumber,
    /// The text that describes it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub friendly_name: Option<FriendlyName>,
    /// Its country. Default: that of the number; a short code without one serves no country (SEL-3).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub iso_country: Option<Country>,
    /// What it can carry. Default: calls and text messages; of a short code, text messages.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub capabilities: Option<Capabilities>,
    /// Whether it is kept out of automatic selection.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "core::ops::Not::not"))]
    pub is_reserved: bool,
}

impl NewNumber {
    /// A phone number with every default.
    ///
    /// ```
    /// use twilio_proxy_core::{NewNumber, sid};
    ///
    /// let new = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// assert!(!new.is_reserved);
    /// assert_eq!(new.iso_country, None); // the pool takes that of the number
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
    #[must_use]
    pub const fn phone(sid: PhoneNumberSid, phone_number: E164) -> Self {
        Self::of(NumberSid::PhoneNumber(sid), ProxyNumber::PhoneNumber(phone_number))
    }

    /// A short code of a country, with every default.
    ///
    /// ```
    /// use twilio_proxy_core::{NewNumber, NumberSid, ProxyNumber, geography::Country, sid};
    ///
    /// let sid = sid!("SC00000000000000000000000000000001");
    /// let new = NewNumber::short_code(sid, "44551".parse()?, Country::US);
    /// assert_eq!((new.sid(), new.number()), (NumberSid::ShortCode(sid), ProxyNumber::ShortCode("44551".parse()?)));
    /// # Ok::<(), twilio_proxy_core::ParseShortCodeError>(())
    /// ```
    #[must_use]
    pub const fn short_code(sid: ShortCodeSid, short_code: ShortCode, country: Country) -> Self {
        let mut new = Self::of(NumberSid::ShortCode(sid), ProxyNumber::ShortCode(short_code));
        new.iso_country = Some(country);
        new
    }

    /// Its SID, of the kind that its number is.
    ///
    /// ```
    /// use twilio_proxy_core::{NewNumber, sid};
    ///
    /// let sid = sid!("PN00000000000000000000000000000001");
    /// let new = NewNumber::phone(sid, "+14155551212".parse()?);
    /// assert_eq!(new.sid().phone_number(), Some(sid));
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
    #[must_use]
    pub const fn sid(&self) -> NumberSid {
        self.sid
    }

    /// The number or short code.
    ///
    /// ```
    /// use twilio_proxy_core::{NewNumber, sid};
    ///
    /// let new = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// assert_eq!(new.number().to_string(), "+14155551212");
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
    #[must_use]
    pub const fn number(&self) -> ProxyNumber {
        self.phone_number
    }

    /// Whatever has this SID and this number, which are of one kind.
    pub(crate) const fn of(sid: NumberSid, phone_number: ProxyNumber) -> Self {
        Self { sid, phone_number, friendly_name: None, iso_country: None, capabilities: None, is_reserved: false }
    }

    pub(crate) fn into_number(self, now: Timestamp) -> PhoneNumber {
        let Self { sid, phone_number, friendly_name, iso_country, capabilities, is_reserved } = self;
        PhoneNumber {
            sid,
            date_created: now,
            date_updated: now,
            phone_number,
            friendly_name,
            iso_country: iso_country.or_else(|| country_of(phone_number)),
            capabilities: capabilities.unwrap_or_else(|| carried_by(phone_number)),
            is_reserved,
            in_use: 0,
        }
    }
}

serde_of_new_number!(NewNumber);

/// Changes to a number of a pool; what is `None` stays.
///
/// ```
/// use twilio_proxy_core::NumberUpdate;
///
/// let drain = NumberUpdate { is_reserved: Some(true) };
/// assert_ne!(drain, NumberUpdate::default());
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(default, deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "written as a literal")]
pub struct NumberUpdate {
    /// Whether it is kept out of automatic selection from now on.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub is_reserved: Option<bool>,
}

/// The country that a number lies in; a short code lies in none of itself.
pub(crate) fn country_of(number: ProxyNumber) -> Option<Country> {
    match number {
        ProxyNumber::PhoneNumber(number) => number.country(),
        ProxyNumber::ShortCode(_) => None,
    }
}

/// What a number carries if nobody says otherwise (TXT-4).
pub(crate) const fn carried_by(number: ProxyNumber) -> Capabilities {
    match number {
        ProxyNumber::PhoneNumber(_) => Capabilities::VOICE_AND_SMS,
        ProxyNumber::ShortCode(_) => Capabilities::SMS,
    }
}
