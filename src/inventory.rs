//! The numbers that an account owns (NUM-8, NUM-9).

use alloc::collections::BTreeMap;

use hashbrown::HashTable;

use crate::{
    address::{E164, ProxyNumber, ShortCode},
    code::Code,
    geography::Country,
    hash::{Hasher, remove_slot},
    number::{Capabilities, NewNumber, NumberSid, PhoneNumber, carried_by, country_of},
    pool::AddNumberError,
    sid::{PhoneNumberSid, ServiceSid, ShortCodeSid},
    slab::{Slab, Slot},
    text::FriendlyName,
};

/// A phone number or short code that an account owns, and may put into the pool of one of its services (NUM-8).
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
/// use twilio_proxy_core::{AccountCommand, NewOwnedNumber};
///
/// # let now = Timestamp::MIN;
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
/// let new = NewOwnedNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// account.apply(AccountCommand::RegisterNumber { new }, now)?;
/// let free = account.owned_numbers().find(|number| number.service.is_none());
/// assert_eq!(free.map(|number| number.phone_number.to_string()).as_deref(), Some("+14155551212"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct OwnedNumber {
    /// Its SID.
    pub sid: NumberSid,
    /// The number.
    pub phone_number: ProxyNumber,
    /// The text that describes it.
    pub friendly_name: Option<FriendlyName>,
    /// The country that it was registered with, else that of its number; `None` if its calling code belongs to none (SEL-3).
    pub iso_country: Option<Country>,
    /// What it can carry.
    pub capabilities: Capabilities,
    /// The service whose pool it is in.
    pub service: Option<ServiceSid>,
}

impl OwnedNumber {
    /// Fills in what an addition to a pool leaves out.
    pub(crate) fn complete(&self, new: &mut NewNumber) {
        new.friendly_name = new.friendly_name.take().or_else(|| self.friendly_name.clone());
        new.iso_country = new.iso_country.or(self.iso_country);
        new.capabilities = new.capabilities.or(Some(self.capabilities));
    }

    /// Whether an entry of a pool can be this number: what it lacks, this one lacks as well.
    pub(crate) fn may_be(&self, entry: &PhoneNumber) -> bool {
        self.phone_number == entry.phone_number
            && (self.friendly_name.is_none() || entry.friendly_name.is_some())
            && (self.iso_country.is_none() || entry.iso_country.is_some())
    }

    /// Whether it is this number and described in the same way, whichever pool it is in (NUM-9).
    fn is_registered_as(&self, other: &Self) -> bool {
        let Self { sid, phone_number, friendly_name, iso_country, capabilities, service: _ } = self;
        (*sid, *phone_number, *iso_country, *capabilities)
            == (other.sid, other.phone_number, other.iso_country, other.capabilities)
            && *friendly_name == other.friendly_name
    }
}

/// A number for an account to own.
///
/// ```
/// use twilio_proxy_core::{Capabilities, NewOwnedNumber, sid};
///
/// let mut new = NewOwnedNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
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
pub struct NewOwnedNumber {
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
}

impl NewOwnedNumber {
    /// A phone number with every default.
    ///
    /// ```
    /// use twilio_proxy_core::{NewOwnedNumber, sid};
    ///
    /// let new = NewOwnedNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// assert_eq!(new.iso_country, None); // it becomes that of the number
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
    #[must_use]
    pub const fn phone(sid: PhoneNumberSid, phone_number: E164) -> Self {
        Self {
            sid: NumberSid::PhoneNumber(sid),
            phone_number: ProxyNumber::PhoneNumber(phone_number),
            friendly_name: None,
            iso_country: None,
            capabilities: None,
        }
    }

    /// A short code of a country, with every default.
    ///
    /// ```
    /// use twilio_proxy_core::{NewOwnedNumber, geography::Country, sid};
    ///
    /// let new = NewOwnedNumber::short_code(sid!("SC00000000000000000000000000000001"), "44551".parse()?, Country::US);
    /// assert_eq!(new.number().to_string(), "44551");
    /// # Ok::<(), twilio_proxy_core::ParseShortCodeError>(())
    /// ```
    #[must_use]
    pub const fn short_code(sid: ShortCodeSid, short_code: ShortCode, country: Country) -> Self {
        Self {
            sid: NumberSid::ShortCode(sid),
            phone_number: ProxyNumber::ShortCode(short_code),
            friendly_name: None,
            iso_country: Some(country),
            capabilities: None,
        }
    }

    /// Its SID, of the kind that its number is.
    ///
    /// ```
    /// use twilio_proxy_core::{NewOwnedNumber, sid};
    ///
    /// let sid = sid!("PN00000000000000000000000000000001");
    /// assert_eq!(NewOwnedNumber::phone(sid, "+14155551212".parse()?).sid().phone_number(), Some(sid));
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
    #[must_use]
    pub const fn sid(&self) -> NumberSid {
        self.sid
    }

    /// The number or short code.
    ///
    /// ```
    /// use twilio_proxy_core::{NewOwnedNumber, sid};
    ///
    /// let new = NewOwnedNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// assert_eq!(new.number().to_string(), "+14155551212");
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
    #[must_use]
    pub const fn number(&self) -> ProxyNumber {
        self.phone_number
    }

    pub(crate) fn into_owned_number(self) -> OwnedNumber {
        let Self { sid, phone_number, friendly_name, iso_country, capabilities } = self;
        OwnedNumber {
            sid,
            phone_number,
            friendly_name,
            iso_country: iso_country.or_else(|| country_of(phone_number)),
            capabilities: capabilities.unwrap_or_else(|| carried_by(phone_number)),
            service: None,
        }
    }
}

serde_of_new_number!(NewOwnedNumber);

/// Which owned number to put into a pool: named by its SID, by the number, or by both (NUM-8).
///
/// ```
/// use twilio_proxy_core::NumberChoice;
///
/// let choice = NumberChoice { phone_number: Some("+14155551212".parse()?), ..NumberChoice::default() };
/// assert_eq!(choice.sid, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(default, deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "written as a literal")]
pub struct NumberChoice {
    /// Its SID.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub sid: Option<NumberSid>,
    /// The number.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub phone_number: Option<ProxyNumber>,
    /// Whether it is kept out of automatic selection.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "core::ops::Not::not"))]
    pub is_reserved: bool,
}

/// 20409: a number of the account has the SID or the number already, and is not the same in every respect (NUM-9).
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
/// use twilio_proxy_core::{AccountCommand, Error, NewOwnedNumber, RegisterNumberError};
///
/// # let now = Timestamp::MIN;
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
/// let sid = sid!("PN00000000000000000000000000000001");
/// let new = NewOwnedNumber::phone(sid, "+14155551212".parse()?);
/// account.apply(AccountCommand::RegisterNumber { new: new.clone() }, now)?;
/// account.apply(AccountCommand::RegisterNumber { new }, now)?; // which changes nothing
/// let new = NewOwnedNumber::phone(sid, "+14155559999".parse()?);
/// let error = account.apply(AccountCommand::RegisterNumber { new }, now).unwrap_err();
/// assert_eq!(error, Error::RegisterNumber(RegisterNumberError { existing: sid.into() }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[expect(clippy::exhaustive_structs, reason = "a test writes down the error that it expects")]
#[error("{existing} is registered already, as another number or with other properties")]
pub struct RegisterNumberError {
    /// The one that has the SID, else the one that has the number.
    pub existing: NumberSid,
}

impl RegisterNumberError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::Conflict
    }
}

/// Why a number cannot be taken away from an account, in the order of the checks (NUM-9).
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
/// use twilio_proxy_core::{AccountCommand, Error, PhoneNumberSid, ReleaseNumberError};
///
/// # let now = Timestamp::MIN;
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
/// let number = PhoneNumberSid::from_u128(9).into();
/// let error = account.apply(AccountCommand::ReleaseNumber { number }, now).unwrap_err();
/// assert_eq!(error, Error::ReleaseNumber(ReleaseNumberError::NumberNotFound { number }));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ReleaseNumberError {
    /// 20404: the account owns no number with this SID.
    #[error("The requested resource {number} was not found")]
    NumberNotFound {
        /// What was asked for.
        number: NumberSid,
    },
    /// 80601: it is in a pool.
    #[error("PhoneNumber is not available.  It may be bound to a number pool.")]
    InPool {
        /// The number.
        number: NumberSid,
        /// The service whose pool it is in.
        service: ServiceSid,
    },
}

impl ReleaseNumberError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NumberNotFound { .. } => Code::NotFound,
            Self::InPool { .. } => Code::PhoneNumberNotAvailable,
        }
    }
}

type OwnedSlot = Slot<Owned>;

/// An owned number, and its place in the order of registrations.
#[derive(Clone, Debug)]
struct Owned {
    number: OwnedNumber,
    ordinal: u64,
}

/// Every number of an account, found by its SID and by the number.
#[derive(Clone)]
pub(crate) struct Inventory {
    entries: Slab<Owned>,
    order: BTreeMap<u64, OwnedSlot>,
    by_sid: HashTable<OwnedSlot>,
    by_number: HashTable<OwnedSlot>,
    /// How many numbers were ever registered: the place of the next one.
    registered: u64,
    hasher: Hasher,
}

impl Inventory {
    pub(crate) fn new(hasher: &Hasher) -> Self {
        Self {
            entries: Slab::new(),
            order: BTreeMap::new(),
            by_sid: HashTable::new(),
            by_number: HashTable::new(),
            registered: 0,
            hasher: hasher.clone(),
        }
    }

    /// Every number, in the order of registrations.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &OwnedNumber> {
        self.order.values().filter_map(|slot| self.number(*slot))
    }

    pub(crate) fn of_sid(&self, sid: NumberSid) -> Option<&OwnedNumber> {
        self.number(self.slot_of_sid(sid)?)
    }

    pub(crate) fn of_number(&self, phone_number: ProxyNumber) -> Option<&OwnedNumber> {
        let is_it = |slot: &OwnedSlot| self.number(*slot).is_some_and(|number| number.phone_number == phone_number);
        self.number(*self.by_number.find(self.hasher.hash_one(phone_number), is_it)?)
    }

    /// The one that has the SID, else the one that has the number (NUM-9).
    pub(crate) fn existing(&self, sid: NumberSid, phone_number: ProxyNumber) -> Option<&OwnedNumber> {
        self.of_sid(sid).or_else(|| self.of_number(phone_number))
    }

    /// The number that an addition to a pool names (NUM-7): what is given is owned, and one and the same.
    pub(crate) fn pick(
        &self,
        sid: Option<NumberSid>,
        phone_number: Option<ProxyNumber>,
    ) -> Result<&OwnedNumber, AddNumberError> {
        let not_owned = |is_short_code| {
            if is_short_code {
                AddNumberError::ShortCodeNotOwned { sid, phone_number }
            } else {
                AddNumberError::PhoneNumberNotOwned { sid, phone_number }
            }
        };
        let by_sid = sid.map(|sid| self.of_sid(sid).ok_or(not_owned(sid.short_code().is_some()))).transpose()?;
        let is_short_code = |number| matches!(number, ProxyNumber::ShortCode(_));
        let by_number = phone_number.map(|number| self.of_number(number).ok_or(not_owned(is_short_code(number))));
        match (by_sid, by_number.transpose()?) {
            (Some(by_sid), Some(by_number)) if by_sid.sid != by_number.sid => {
                Err(AddNumberError::DifferentNumbers { by_sid: by_sid.sid, by_number: by_number.sid })
            }
            (Some(number), _) | (None, Some(number)) => Ok(number),
            (None, None) => Err(AddNumberError::NumberMissing),
        }
    }

    /// Registers a number, unless it is registered with all of its properties already (NUM-9).
    pub(crate) fn register(&mut self, new: OwnedNumber) -> Result<OwnedNumber, RegisterNumberError> {
        match self.existing(new.sid, new.phone_number) {
            Some(existing) if existing.is_registered_as(&new) => Ok(existing.clone()),
            Some(existing) => Err(RegisterNumberError { existing: existing.sid }),
            None => {
                self.insert(new.clone());
                Ok(new)
            }
        }
    }

    /// Puts in a number of which neither SID nor number is there.
    pub(crate) fn insert(&mut self, number: OwnedNumber) {
        let OwnedNumber { sid, phone_number, .. } = number;
        let ordinal = self.registered;
        self.registered = self.registered.saturating_add(1);
        let slot = self.entries.insert(Owned { number, ordinal });
        self.order.insert(ordinal, slot);
        let (entries, hasher) = (&self.entries, &self.hasher);
        let hash_of = |slot: &OwnedSlot, hash: fn(&Hasher, &OwnedNumber) -> u64| {
            entries.get(*slot).map_or(0, |entry| hash(hasher, &entry.number))
        };
        let by_sid = |slot: &OwnedSlot| hash_of(slot, |hasher, number| hasher.hash_one(number.sid));
        let by_number = |slot: &OwnedSlot| hash_of(slot, |hasher, number| hasher.hash_one(number.phone_number));
        self.by_sid.insert_unique(hasher.hash_one(sid), slot, by_sid);
        self.by_number.insert_unique(hasher.hash_one(phone_number), slot, by_number);
    }

    /// Takes away a number that is in no pool (NUM-9).
    pub(crate) fn release(&mut self, sid: NumberSid) -> Result<(), ReleaseNumberError> {
        let slot = self.slot_of_sid(sid).ok_or(ReleaseNumberError::NumberNotFound { number: sid })?;
        if let Some(service) = self.number(slot).and_then(|number| number.service) {
            return Err(ReleaseNumberError::InPool { number: sid, service });
        }
        if let Some(Owned { number, ordinal }) = self.entries.remove(slot) {
            self.order.remove(&ordinal);
            remove_slot(&mut self.by_sid, self.hasher.hash_one(number.sid), slot);
            remove_slot(&mut self.by_number, self.hasher.hash_one(number.phone_number), slot);
        }
        Ok(())
    }

    /// Says which service has a number in its pool.
    pub(crate) fn assign(&mut self, sid: NumberSid, service: Option<ServiceSid>) {
        if let Some(entry) = self.slot_of_sid(sid).and_then(|slot| self.entries.get_mut(slot)) {
            entry.number.service = service;
        }
    }

    fn slot_of_sid(&self, sid: NumberSid) -> Option<OwnedSlot> {
        let is_it = |slot: &OwnedSlot| self.number(*slot).is_some_and(|number| number.sid == sid);
        self.by_sid.find(self.hasher.hash_one(sid), is_it).copied()
    }

    fn number(&self, slot: OwnedSlot) -> Option<&OwnedNumber> {
        self.entries.get(slot).map(|entry| &entry.number)
    }
}
