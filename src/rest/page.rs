//! Lists by the page (API-5).
//!
//! A token says after or before which of the items ever created its page lies, and of which list. It thus stays good
//! whatever is created and deleted meanwhile: no item that stays is skipped, and none comes twice.

use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::ops::{Bound, RangeInclusive};

use super::{
    Origin, ParameterFlaw, Refusal,
    form::{Form, Parameter, integer},
    resource::Meta,
};

/// Between which places in the order of creation; the first one ever has place 0.
pub(super) type Places = (Bound<u64>, Bound<u64>);

const EVERYWHERE: Places = (Bound::Unbounded, Bound::Unbounded);

fn after(place: u64) -> Places {
    (Bound::Excluded(place), Bound::Unbounded)
}

fn before(place: u64) -> Places {
    (Bound::Unbounded, Bound::Excluded(place))
}

/// Where a page starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Start {
    Top,
    After(u64),
    Before(u64),
}

/// Which page of which list is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct PageRequest {
    /// The path of the list.
    path: Box<str>,
    page_size: u32,
    page: u64,
    start: Start,
}

const PAGE_SIZES: RangeInclusive<u64> = 1..=1000;
const DEFAULT_PAGE_SIZE: u32 = 50;

impl PageRequest {
    /// The page of a list in which so many items were ever created; `cap` is the most that a page may have.
    pub(super) fn read(query: Option<&str>, path: String, created: u64, cap: u32) -> Result<Self, Refusal> {
        let form = Form::of_query(query)?;
        let page_size = form.get_with(Parameter::PageSize, |value| integer(value, PAGE_SIZES))?;
        let page = form.get_with(Parameter::Page, |value| integer(value, 0..=u64::MAX))?;
        let start = form.get_with(Parameter::PageToken, |value| {
            parse_token(value, &path).filter(|start| could_be_given(*start, created)).ok_or(ParameterFlaw::PageToken)
        })?;
        let page_size = page_size.and_then(|page_size| u32::try_from(page_size).ok()).unwrap_or(DEFAULT_PAGE_SIZE);
        Ok(Self {
            path: path.into(),
            page_size: page_size.min(cap).max(1),
            page: page.unwrap_or(0),
            start: start.unwrap_or(Start::Top),
        })
    }

    /// The page, and what is to be said of it. `items` gives the stored items between two places, with their places.
    pub(super) fn turn_to<'a, T: 'a, R, I: DoubleEndedIterator<Item = (u64, &'a T)>>(
        &self,
        items: impl Fn(Places) -> I,
        show: impl Fn(&T) -> Option<R>,
        key: &'static str,
        origin: &Origin,
    ) -> (Vec<R>, Meta) {
        let size = usize::try_from(self.page_size).unwrap_or(usize::MAX);
        let page: Vec<(u64, &T)> = match self.start {
            Start::Top => items(EVERYWHERE).take(size).collect(),
            Start::After(place) => items(after(place)).take(size).collect(),
            Start::Before(place) => {
                let mut page: Vec<_> = items(before(place)).rev().take(size).collect();
                page.reverse();
                page
            }
        };
        let places = page.first().zip(page.last()).map(|((first, _), (last, _))| (*first, *last));
        let (first, last) = match (places, self.start) {
            (Some(places), _) => places,
            // Where there is nothing, the page before ends at the place itself, and so does the page after.
            (None, Start::Top) => (0, 0),
            (None, Start::After(place)) => (place.saturating_add(1), place),
            (None, Start::Before(place)) => (place, place.saturating_sub(1)),
        };
        let previous = items(before(first)).next().map(|_| Start::Before(first));
        let next = items(after(last)).next().map(|_| Start::After(last));
        let url = |page: u64, start: Start| self.url(page, start, origin);
        let meta = Meta {
            first_page_url: url(0, Start::Top),
            key: key.into(),
            next_page_url: next.map(|start| url(self.page.saturating_add(1), start)),
            page: self.page,
            page_size: self.page_size,
            previous_page_url: previous.map(|start| url(self.page.saturating_sub(1), start)),
            url: url(self.page, self.start),
        };
        (page.into_iter().filter_map(|(_, item)| show(item)).collect(), meta)
    }

    fn url(&self, page: u64, start: Start, origin: &Origin) -> String {
        let Self { path, page_size, .. } = self;
        let mut url = format!("{origin}{path}?PageSize={page_size}&Page={page}");
        if let Some(token) = token(start, path) {
            url.push_str("&PageToken=");
            url.push_str(&token);
        }
        url
    }
}

/// The token of a page: after (`PA`) or before (`PB`) a place, and the mark of the list.
fn token(start: Start, path: &str) -> Option<String> {
    match start {
        Start::Top => None,
        Start::After(place) => Some(format!("PA{place:016x}{:016x}", mark(path))),
        Start::Before(place) => Some(format!("PB{place:016x}{:016x}", mark(path))),
    }
}

fn parse_token(text: &str, path: &str) -> Option<Start> {
    let (prefix, digits) = text.split_at_checked(2)?;
    let (place, _) = digits.split_at_checked(16)?;
    let place = u64::from_str_radix(place, 16).ok()?;
    let start = match prefix {
        "PA" => Start::After(place),
        "PB" => Start::Before(place),
        _ => return None,
    };
    // Another spelling of the same place is no token, nor is the mark of another list.
    (token(start, path)? == text).then_some(start)
}

/// Whether a list in which so many items were ever created may have given a token of this place.
const fn could_be_given(start: Start, created: u64) -> bool {
    match start {
        Start::Top => true,
        Start::After(place) => place < created,
        Start::Before(place) => 0 < place && place <= created,
    }
}

/// The mark of a list, so that no other list takes its tokens: FNV-1a of the path, which is the same everywhere.
fn mark(path: &str) -> u64 {
    path.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_5_nothing_lies_before_the_first_place_or_after_one_that_there_is_not() {
        let given = |start| could_be_given(start, 2);
        assert_eq!([0, 1, 2].map(|place| given(Start::After(place))), [true, true, false]);
        assert_eq!([0, 1, 2, 3].map(|place| given(Start::Before(place))), [false, true, true, false]);
    }

    /// The test vectors of FNV-1a; a token is good in every version and on every platform.
    #[test]
    fn api_5_the_mark_of_a_list_is_pinned() {
        for (path, pinned) in
            [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            assert_eq!(mark(path), pinned, "{path}");
        }
    }
}
