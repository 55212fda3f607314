//! Lists by the page, whatever is created and deleted meanwhile (API-5).
#![cfg(feature = "rest")]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a fixture that fails is a failed test"
)]

use proptest::{collection::vec, prelude::*, sample::Index};
use twilio_proxy_core::{AccountCommand, NewOwnedNumber, Policy, ShortCodeSid, geography::Country};

use crate::common::{
    at,
    rest::{ALICE_IN_SESSION, Answer, Api, SERVICE, SESSION, spare},
};

/// A list, how it grows and how it shrinks.
#[derive(Clone, Copy, Debug)]
enum List {
    Services,
    PhoneNumbers,
    ShortCodes,
    Sessions,
    Participants,
    Interactions,
    MessageInteractions,
}

const LISTS: [List; 7] = [
    List::Services,
    List::PhoneNumbers,
    List::ShortCodes,
    List::Sessions,
    List::Participants,
    List::Interactions,
    List::MessageInteractions,
];

impl List {
    fn path(self) -> String {
        match self {
            Self::Services => "/v1/Services".into(),
            Self::PhoneNumbers => format!("{SERVICE}/PhoneNumbers"),
            Self::ShortCodes => format!("{SERVICE}/ShortCodes"),
            Self::Sessions => format!("{SERVICE}/Sessions"),
            Self::Participants => format!("{SESSION}/Participants"),
            Self::Interactions => format!("{SESSION}/Interactions"),
            Self::MessageInteractions => format!("{ALICE_IN_SESSION}/MessageInteractions"),
        }
    }

    /// Adds an item, and others that are none of this list.
    fn create(self, api: &mut Api) -> String {
        let n = api.requests + 1_000;
        let answer = match self {
            Self::Services => api.post("/v1/Services", &format!("UniqueName=service-{n}")),
            Self::PhoneNumbers | Self::ShortCodes => {
                let code = ShortCodeSid::from_u128(n);
                let new = NewOwnedNumber::short_code(code, format!("5{n}").parse().unwrap(), Country::US);
                let code = AccountCommand::RegisterNumber { new };
                for command in [spare(n, &format!("+1415666{n:04}")), code] {
                    api.account.apply(command, at(0)).unwrap();
                }
                let number = api.post(&Self::PhoneNumbers.path(), &format!("Sid=PN{n:032x}"));
                let code = api.post(&Self::ShortCodes.path(), &format!("Sid=SC{n:032x}"));
                if matches!(self, Self::PhoneNumbers) { number } else { code }
            }
            Self::Sessions => api.post(&self.path(), ""),
            Self::Participants => {
                let people = api.get(&format!("{}?PageSize=1000", self.path()));
                let live =
                    people.json["participants"].as_array().unwrap().iter().rfind(|one| one["date_deleted"].is_null());
                if let Some(live) = live {
                    let path = format!("{}/{}", self.path(), live["sid"].as_str().unwrap());
                    assert_eq!(api.delete(&path).status, 204);
                }
                api.post(&self.path(), &format!("Identifier=%2B1415777{n:04}"))
            }
            Self::Interactions | Self::MessageInteractions => {
                api.post(&Self::MessageInteractions.path(), &format!("Body={n}"))
            }
        };
        assert_eq!(answer.status, 201, "{answer}");
        answer.str("sid").to_owned()
    }

    /// Takes an item away; participants stay in the list.
    fn delete(self, api: &mut Api, sid: &str) {
        let path = match self {
            Self::Participants => return,
            Self::MessageInteractions => format!("{}/{sid}", Self::Interactions.path()),
            Self::Services | Self::PhoneNumbers | Self::ShortCodes | Self::Sessions | Self::Interactions => {
                format!("{}/{sid}", self.path())
            }
        };
        assert_eq!(api.delete(&path).status, 204, "{path}");
    }

    /// The world without any item of this list.
    fn empty(self) -> Api {
        let mut api = Api::busy();
        match self {
            Self::Services => assert_eq!(api.delete(SERVICE).status, 204),
            Self::PhoneNumbers | Self::ShortCodes | Self::Sessions => {
                assert_eq!(api.delete(SESSION).status, 204);
                for number in [
                    "PhoneNumbers/PN00000000000000000000000000000001",
                    "PhoneNumbers/PN00000000000000000000000000000002",
                    "ShortCodes/SC00000000000000000000000000000001",
                ] {
                    assert_eq!(api.delete(&format!("{SERVICE}/{number}")).status, 204);
                }
            }
            Self::Participants => {}
            Self::Interactions | Self::MessageInteractions => {
                self.delete(&mut api, "KI00000000000000000000000000000008");
            }
        }
        api
    }
}

/// The SIDs on a page.
fn sids(page: &Answer) -> Vec<String> {
    assert_eq!(page.status, 200, "{page}");
    let key = page.json["meta"]["key"].as_str().unwrap();
    let items = page.json[key].as_array().unwrap();
    items.iter().map(|item| item["sid"].as_str().unwrap().to_owned()).collect()
}

/// The path and query of a page that is linked to.
fn link(page: &Answer, field: &str) -> Option<String> {
    let url = &page.json["meta"][field];
    url.as_str().map(|url| url.strip_prefix("https://proxy.twilio.com").unwrap().to_owned())
}

#[derive(Clone, Debug)]
enum Step {
    Create,
    Delete(Index),
    Turn,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::Create),
        2 => any::<Index>().prop_map(Step::Delete),
        4 => Just(Step::Turn),
    ];
    vec(step, 1..40)
}

proptest! {
    #[test]
    fn api_5_pages_neither_repeat_nor_skip(
        list in proptest::sample::select(&LISTS[..]),
        size in 1_usize..4,
        forwards: bool,
        steps in steps(),
    ) {
        let mut api = list.empty();
        let mut stored: Vec<String> = sids(&api.get(&list.path()));
        stored.extend((0..6).map(|_| list.create(&mut api)).collect::<Vec<_>>());
        let field = if forwards { "next_page_url" } else { "previous_page_url" };

        // A walk starts at the first page, or behind the last item.
        let start = |api: &mut Api| {
            if forwards {
                return Some(format!("{}?PageSize={size}", list.path()));
            }
            let mut last = api.get(&format!("{}?PageSize=1000", list.path()));
            let items = sids(&last).len();
            let mut path = format!("{}?PageSize={}", list.path(), items.max(1));
            list.create(api);
            last = api.get(&path);
            path = link(&last, "next_page_url").unwrap();
            let behind = api.get(&path.replace(&format!("PageSize={}", items.max(1)), &format!("PageSize={size}")));
            link(&behind, "previous_page_url")
        };
        let mut next = start(&mut api);
        stored = sids(&api.get(&format!("{}?PageSize=1000", list.path())));
        let mut seen: Vec<String> = Vec::new();
        let mut at_start = stored.clone();
        if !forwards {
            // A walk backwards starts before the last item.
            at_start.pop();
        }
        for step in steps {
            match step {
                Step::Create => stored.push(list.create(&mut api)),
                Step::Delete(index) => {
                    if matches!(list, List::Participants) || stored.is_empty() {
                        continue;
                    }
                    let sid = stored.remove(index.index(stored.len()));
                    list.delete(&mut api, &sid);
                    at_start.retain(|other| *other != sid);
                    seen.retain(|other| *other != sid);
                }
                Step::Turn => {
                    let Some(path) = next.take() else { break };
                    let page = api.get(&path);
                    let items = sids(&page);
                    prop_assert!(items.len() <= size);
                    prop_assert!(items.iter().all(|item| stored.contains(item) && !seen.contains(item)), "{items:?} {seen:?}");
                    if forwards {
                        seen.extend(items);
                    } else {
                        seen.splice(0..0, items);
                    }
                    let in_order: Vec<String> = stored.iter().filter(|item| seen.contains(item)).cloned().collect();
                    prop_assert_eq!(&in_order, &seen, "in order of creation, and without a gap");
                    next = link(&page, field);
                    if next.is_none() {
                        let missed = if forwards { at_start.iter().find(|item| !seen.contains(item)) } else { None };
                        prop_assert_eq!(missed, None);
                        let first = stored.first().filter(|_| !forwards);
                        prop_assert!(first.is_none_or(|first| seen.first() == Some(first) || !at_start.contains(first)));
                    }
                }
            }
            // What was seen is a piece of what is stored, without a hole.
            if let (Some(first), Some(last)) = (seen.first(), seen.last()) {
                let from = stored.iter().position(|item| item == first).unwrap();
                let to = stored.iter().position(|item| item == last).unwrap();
                prop_assert_eq!(&stored[from..=to], &seen[..]);
            }
        }
    }
}

#[test]
fn api_5_a_list_is_walked_there_and_back() {
    for list in LISTS {
        let mut api = list.empty();
        for _ in 0..5 {
            list.create(&mut api);
        }
        let all = sids(&api.get(&list.path()));
        let mut path = format!("{}?PageSize=2&Page=7", list.path());
        let mut walked = Vec::new();
        let mut numbers = Vec::new();
        let last = loop {
            let page = api.get(&path);
            assert_eq!(link(&page, "url").unwrap(), path);
            assert_eq!(link(&page, "first_page_url").unwrap(), format!("{}?PageSize=2&Page=0", list.path()));
            assert_eq!(page.json["meta"]["page_size"], 2);
            assert_eq!(page.json["meta"]["previous_page_url"].is_null(), walked.is_empty());
            numbers.push(page.json["meta"]["page"].as_u64().unwrap());
            walked.extend(sids(&page));
            match link(&page, "next_page_url") {
                Some(next) => path = next,
                None => break page,
            }
        };
        assert_eq!(walked, all, "{list:?}");
        assert!(numbers.iter().copied().eq((7..).take(numbers.len())), "{numbers:?}");
        // Back from the last page, whose items nobody has to walk to.
        let mut page = last;
        let mut back = sids(&page);
        while let Some(path) = link(&page, "previous_page_url") {
            page = api.get(&path);
            back.splice(0..0, sids(&page));
        }
        assert_eq!(back, all, "{list:?}");
        assert_eq!(page.json["meta"]["page"], 7);
    }
}

#[test]
fn api_5_a_page_whose_items_are_gone_still_shows_the_way() {
    let list = List::Sessions;
    let mut api = list.empty();
    let created: Vec<String> = (0..3).map(|_| list.create(&mut api)).collect();
    let second = link(&api.get(&format!("{}?PageSize=1", list.path())), "next_page_url").unwrap();
    let back = link(&api.get(&second), "previous_page_url").unwrap();
    list.delete(&mut api, &created[0]);
    let page = api.get(&back);
    assert_eq!((sids(&page).len(), link(&page, "previous_page_url")), (0, None));
    assert_eq!(sids(&api.get(&link(&page, "next_page_url").unwrap())), created[1..2]);
    list.delete(&mut api, &created[1]);
    list.delete(&mut api, &created[2]);
    let page = api.get(&second);
    assert_eq!((sids(&page).len(), link(&page, "previous_page_url"), link(&page, "next_page_url")), (0, None, None));
    let fourth = list.create(&mut api);
    assert_eq!(sids(&api.get(&second)), [fourth]);
}

#[test]
fn api_5_a_token_counts_in_its_list_alone() {
    let mut api = Api::busy();
    for _ in 0..3 {
        for list in LISTS {
            if !matches!(list, List::Participants) {
                list.create(&mut api);
            }
        }
    }
    let token = |api: &mut Api, list: List| {
        let path = link(&api.get(&format!("{}?PageSize=1", list.path())), "next_page_url").unwrap();
        path.rsplit_once("PageToken=").unwrap().1.to_owned()
    };
    for list in LISTS {
        let own = token(&mut api, list);
        for other in LISTS {
            let answer = api.get(&format!("{}?PageToken={own}", other.path()));
            let is_own = format!("{list:?}") == format!("{other:?}");
            assert_eq!(answer.status, if is_own { 200 } else { 400 }, "{list:?} {other:?}");
        }
        // Written in another way, of the first place, of one that there never was, cut, prolonged.
        let (place, mark) = own[2..].split_at(16);
        let forged = [
            format!("PB{:016x}{mark}", 0),
            format!("PA{:016x}{mark}", 1_000_000),
            format!("PB{:016x}{mark}", 1_000_000),
            format!("PA{:016x}{mark}", u64::MAX),
            format!("PB{:016x}{mark}", u64::MAX),
            format!("PC{place}{mark}"),
            format!("PA+{}{mark}", &place[1..]),
            format!("PA{place}{}", mark.to_uppercase().replace(|c: char| c.is_ascii_digit(), "0")),
            own[..own.len() - 1].to_owned(),
            format!("{own}0"),
            "PA".to_owned(),
            "%C3%A9%C3%A9%C3%A9".to_owned(),
        ];
        for token in forged.iter().filter(|token| **token != own && token.is_ascii()) {
            let answer = api.get(&format!("{}?PageToken={token}", list.path()));
            assert_eq!(answer.error(), (400, 80701, "'PageToken' is invalid. It is no token of this list"), "{token}");
        }
    }
}

#[test]
fn api_5_page_sizes() {
    let mut policy = Policy::default();
    policy.max_page_size = 2;
    let mut api = Api::busy_with(policy);
    for _ in 0..3 {
        List::Sessions.create(&mut api);
    }
    for (query, size) in [("", 2), ("?PageSize=1", 1), ("?PageSize=2", 2), ("?PageSize=3", 2), ("?PageSize=1000", 2)] {
        let page = api.get(&format!("{}{query}", List::Sessions.path()));
        assert_eq!((sids(&page).len(), &page.json["meta"]["page_size"]), (size, &size.into()), "{query}");
    }
    for bad in ["0", "1001", "-1", "x", "99999999999999999999", "+1", "1e1"] {
        let page = api.get(&format!("{}?PageSize={bad}", List::Sessions.path()));
        assert_eq!(page.error(), (400, 80701, "'PageSize' is invalid. It is no integer from 1 to 1000"), "{bad}");
    }
    let page = Api::busy().get(&List::Sessions.path());
    assert_eq!(page.json["meta"]["page_size"], 50);
    let page = Api::busy().get(&format!("{}?PageSize=1000&PageSize=&Page=", List::Sessions.path()));
    assert_eq!((&page.json["meta"]["page_size"], &page.json["meta"]["page"]), (&50.into(), &0.into()));
    let last = u64::MAX;
    let page = api.get(&format!("{}?PageSize=1&Page={last}", List::Sessions.path()));
    assert!(link(&page, "next_page_url").unwrap().contains(&format!("Page={last}&PageToken=PA")));
    let page = api.get(&link(&page, "next_page_url").unwrap().replace(&last.to_string(), "0"));
    assert!(link(&page, "previous_page_url").unwrap().contains("Page=0&PageToken=PB"));
}
