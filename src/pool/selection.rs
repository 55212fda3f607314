//! Which number a participant gets (SEL-1 to SEL-8).

use alloc::vec::Vec;

use super::{Entry, NumberSlot, Part, Pool, Regional, SelectionError, Shelf, part_of};
use crate::{
    address::{E164, ProxyNumber},
    geography::{AreaCode, Country, Region},
    number::{NumberSid, PhoneNumber},
    session::SessionMode,
};

literals! {
    /// How near a proxy number must be to the participant (SVC-6, SEL-3, SEL-4).
    ///
    /// ```
    /// use twilio_proxy_core::GeoMatchLevel;
    ///
    /// assert_eq!("area-code".parse(), Ok(GeoMatchLevel::AreaCode));
    /// assert_eq!(GeoMatchLevel::default(), GeoMatchLevel::Country);
    /// ```
    #[derive(Default)]
    #[non_exhaustive]
    pub enum GeoMatchLevel {
        /// The same area code.
        AreaCode = "area-code",
        /// An area code that serves the same territory.
        Overlay = "overlay",
        /// Like `Overlay`: Twilio's radius is not public.
        Radius = "radius",
        /// The same region.
        #[default]
        Country = "country",
        /// Like `Overlay`.
        ExtendedAreaCode = "extended-area-code",
    }
}

literals! {
    /// Whether a participant who comes back gets the number of last time (SEL-5).
    ///
    /// ```
    /// use twilio_proxy_core::NumberSelectionBehavior;
    ///
    /// assert_eq!(NumberSelectionBehavior::default(), NumberSelectionBehavior::PreferSticky);
    /// assert_eq!("avoid-sticky".parse(), Ok(NumberSelectionBehavior::AvoidSticky));
    /// ```
    #[derive(Default)]
    #[non_exhaustive]
    pub enum NumberSelectionBehavior {
        /// A number without a use by this identifier, if there is one.
        AvoidSticky = "avoid-sticky",
        /// The number of the latest use by this identifier, if it can be had.
        #[default]
        PreferSticky = "prefer-sticky",
    }
}

/// What `add_participant` would do without an explicit number, entry by entry (SEL-8).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::Code;
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// # service.add_number(number, now)?;
/// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
/// let explanation = service.explain_selection(ride, &"+447911123456".parse()?, now)?;
/// assert_eq!(explanation.outcome.map_err(|error| error.code()), Err(Code::NoAvailableProxyForCountry));
/// assert_eq!(explanation.numbers.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Explanation {
    /// The number that it would select, or why none.
    pub outcome: Result<NumberSid, SelectionError>,
    /// Every entry of the pool, in the order of additions.
    pub numbers: Vec<NumberVerdict>,
}

/// What speaks for or against one entry (SEL-8).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::Verdict;
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// # service.add_number(number, now)?;
/// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
/// for entry in service.explain_selection(ride, &"+447911123456".parse()?, now)?.numbers {
///     assert_eq!(entry.phone_number.to_string(), "+14155551212");
///     assert_eq!(entry.verdict, Verdict::OtherCountry);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct NumberVerdict {
    /// The entry.
    pub sid: NumberSid,
    /// Its number.
    pub phone_number: ProxyNumber,
    /// What there is to say of it.
    pub verdict: Verdict,
}

/// Whether an entry would be selected, or the first reason against it (SEL-8).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::Verdict;
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// # service.add_number(number, now)?;
/// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
/// let explanation = service.explain_selection(ride, &"+15558675310".parse()?, now)?;
/// let chosen = explanation.numbers.iter().find(|entry| entry.verdict == Verdict::Chosen);
/// assert_eq!(chosen.map(|entry| entry.sid), explanation.outcome.ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Verdict {
    /// It would be selected.
    Chosen,
    /// It would do, but another goes first.
    Eligible,
    /// It serves another region (SEL-3).
    OtherCountry,
    /// It does not carry all that the session's mode asks for.
    LacksCapability,
    /// It lies in another area (SEL-4).
    OtherArea,
    /// It is reserved.
    Reserved,
    /// The identifier has it in another active session.
    Held,
}

/// What a number is selected for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SelectionRequest {
    pub(crate) identifier: E164,
    pub(crate) mode: SessionMode,
    pub(crate) geo_match_level: GeoMatchLevel,
    pub(crate) behavior: NumberSelectionBehavior,
}

/// What the identifier has to do with one number of the pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberHistory {
    pub(crate) number: NumberSlot,
    /// Whether it has the number in an active session.
    pub(crate) is_held: bool,
    /// When it last got the number, in the order of commands.
    pub(crate) latest_use: Option<u64>,
}

/// The part of a region that an entry must lie in.
#[derive(Clone, Copy, Debug)]
enum Area {
    Everywhere,
    /// This area code, which an identifier of unusual length has not.
    Same(Option<AreaCode>),
    /// This area code or one that overlays it.
    Overlay(Option<AreaCode>),
}

impl SelectionRequest {
    fn region(&self) -> Region {
        self.identifier.asks_for()
    }

    /// The part of the region that binds this identifier (SEL-4).
    fn area(&self) -> Area {
        let binds = || matches!(self.identifier.country(), Some(Country::US | Country::CA));
        match self.geo_match_level {
            GeoMatchLevel::AreaCode if binds() => Area::Same(self.identifier.area_code()),
            GeoMatchLevel::Overlay | GeoMatchLevel::Radius | GeoMatchLevel::ExtendedAreaCode if binds() => {
                Area::Overlay(self.identifier.area_code())
            }
            GeoMatchLevel::AreaCode
            | GeoMatchLevel::Overlay
            | GeoMatchLevel::Radius
            | GeoMatchLevel::Country
            | GeoMatchLevel::ExtendedAreaCode => Area::Everywhere,
        }
    }
}

impl Area {
    /// The parts of a region that lie in it, unless it is the whole.
    fn parts(self) -> impl Iterator<Item = Part> {
        let (short_codes, same, overlay) = match self {
            Self::Everywhere => (None, None, None),
            Self::Same(code) => (Some(Part::ShortCodes), code, None),
            Self::Overlay(code) => (Some(Part::ShortCodes), None, code),
        };
        let codes = same.into_iter().chain(overlay.into_iter().flat_map(AreaCode::complex));
        short_codes.into_iter().chain(codes.map(Part::Area))
    }

    fn contains(self, number: &PhoneNumber) -> bool {
        match (self, part_of(number)) {
            (Self::Everywhere, _) | (_, Some(Part::ShortCodes)) => true,
            (Self::Same(own), Some(Part::Area(other))) => own == Some(other),
            (Self::Overlay(own), Some(Part::Area(other))) => own.is_some_and(|own| own.overlays(other)),
            (Self::Same(_) | Self::Overlay(_), None) => false,
        }
    }
}

impl Pool {
    /// The number for a request, given all that its identifier holds or has used, sorted by slot.
    pub(crate) fn select(
        &self,
        request: &SelectionRequest,
        history: &[NumberHistory],
    ) -> Result<NumberSlot, SelectionError> {
        let candidates = self.candidates(request)?;
        let sticky = history.iter().filter(|past| !past.is_held && past.latest_use.is_some());
        let sticky =
            sticky.filter(|past| self.entry(past.number).is_some_and(|entry| obstacle(entry, request).is_none()));
        let is_free = |slot| past(history, slot).is_none_or(|past| !past.is_held);
        let is_new = |slot| past(history, slot).is_none_or(|past| !past.is_held && past.latest_use.is_none());
        let chosen = match request.behavior {
            NumberSelectionBehavior::PreferSticky => sticky.max_by_key(|past| past.latest_use).map(|past| past.number),
            NumberSelectionBehavior::AvoidSticky => candidates.first_fit(is_new),
        };
        chosen
            .or_else(|| candidates.first_fit(is_free))
            .ok_or(SelectionError::NoUnusedNumber { identifier: request.identifier })
    }

    /// What speaks for or against each entry, given what [`select`](Self::select) made of the same request.
    pub(crate) fn verdicts(
        &self,
        request: &SelectionRequest,
        history: &[NumberHistory],
        chosen: Option<NumberSlot>,
    ) -> Vec<NumberVerdict> {
        let verdict = |slot, entry| match obstacle(entry, request) {
            Some(obstacle) => obstacle,
            None if chosen == Some(slot) => Verdict::Chosen,
            None if past(history, slot).is_some_and(|past| past.is_held) => Verdict::Held,
            None => Verdict::Eligible,
        };
        self.order
            .values()
            .filter_map(|slot| {
                let entry = self.entry(*slot)?;
                let PhoneNumber { sid, phone_number, .. } = entry.number;
                Some(NumberVerdict { sid, phone_number, verdict: verdict(*slot, entry) })
            })
            .collect()
    }

    /// The steps of SEL-7 that do not depend on who holds what, and what they leave.
    fn candidates(&self, request: &SelectionRequest) -> Result<Candidates<'_>, SelectionError> {
        let SelectionRequest { identifier, mode, .. } = *request;
        if self.order.is_empty() {
            return Err(SelectionError::NoNumbers);
        }
        let Some(regional) = self.regions.get(&request.region()) else {
            return Err(SelectionError::NoNumberForCountry { country: identifier.country() });
        };
        let has = |mode| regional.whole.get(mode).stocked > 0;
        if mode.has_voice() && !has(SessionMode::VoiceOnly) {
            return Err(SelectionError::NoVoiceNumber);
        }
        if mode.has_messages() && !has(SessionMode::MessageOnly) {
            return Err(SelectionError::NoMessageNumber);
        }
        if !has(mode) {
            return Err(SelectionError::NoNumberForBoth { identifier });
        }
        let candidates = Candidates { regional, area: request.area(), mode };
        let (mut is_stocked, mut has_unreserved) = (false, false);
        candidates.visit(|shelf| {
            is_stocked |= shelf.stocked > 0;
            has_unreserved |= !shelf.unreserved.is_empty();
        });
        if !is_stocked {
            return Err(SelectionError::NoNumberInArea { identifier, area_code: identifier.area_code() });
        }
        if !has_unreserved {
            return Err(SelectionError::NoUnreservedNumber);
        }
        Ok(candidates)
    }
}

/// The entries that have the region, the area and the capabilities that are asked for.
struct Candidates<'a> {
    regional: &'a Regional,
    area: Area,
    mode: SessionMode,
}

impl<'a> Candidates<'a> {
    /// The first of them, in the order of additions, that will do (SEL-6).
    fn first_fit(&self, will_do: impl Fn(NumberSlot) -> bool) -> Option<NumberSlot> {
        let mut first: Option<(u64, NumberSlot)> = None;
        self.visit(|shelf| {
            let fit = shelf.unreserved.iter().find(|(_, slot)| will_do(**slot));
            if let Some((ordinal, slot)) = fit
                && first.is_none_or(|(first, _)| *ordinal < first)
            {
                first = Some((*ordinal, *slot));
            }
        });
        first.map(|(_, slot)| slot)
    }

    /// Goes to their shelves: to a single one in most cases.
    fn visit(&self, mut at: impl FnMut(&'a Shelf)) {
        let Self { regional, area, mode } = *self;
        if let Area::Everywhere = area {
            return at(regional.whole.get(mode));
        }
        for shelves in area.parts().filter_map(|part| regional.parts.get(&part)) {
            at(shelves.get(mode));
        }
    }
}

/// The first reason against an entry, whoever holds it.
fn obstacle(entry: &Entry, request: &SelectionRequest) -> Option<Verdict> {
    let number = &entry.number;
    if number.region() != Some(request.region()) {
        Some(Verdict::OtherCountry)
    } else if !number.serves(request.mode) {
        Some(Verdict::LacksCapability)
    } else if !request.area().contains(number) {
        Some(Verdict::OtherArea)
    } else if number.is_reserved {
        Some(Verdict::Reserved)
    } else {
        None
    }
}

fn past(history: &[NumberHistory], slot: NumberSlot) -> Option<&NumberHistory> {
    history.binary_search_by_key(&slot, |past| past.number).ok().and_then(|index| history.get(index))
}
