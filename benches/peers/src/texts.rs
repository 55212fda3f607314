//! SIDs beside `uuid`, which has as many bits in as many digits.

use core::hint::black_box;

use twilio_proxy_core::{E164, SessionSid};
use uuid::Uuid;

use crate::{
    options::Options,
    random::SplitMix,
    report::{Bar, Report},
    timing::{Round, rounds, timed},
};

const TEXTS: usize = 2_048;
const PASSES: usize = 50;

pub(crate) fn measure(options: &Options, report: &mut Report) {
    let mut random = SplitMix(1);
    let bits: Vec<u128> = (0..TEXTS).map(|_| random.next_u128()).collect();
    let sids: Vec<SessionSid> = bits.iter().map(|bits| SessionSid::from_u128(*bits)).collect();
    let uuids: Vec<Uuid> = bits.iter().map(|bits| Uuid::from_u128(*bits)).collect();
    let sid_texts: Vec<String> = sids.iter().map(ToString::to_string).collect();
    let uuid_texts: Vec<String> = uuids.iter().map(|uuid| uuid.simple().to_string()).collect();

    let parsing = rounds(options.rounds * 3, TEXTS * PASSES, || {
        let ((), ours) = timed(|| each(&sid_texts, |text| _ = black_box(text.parse::<SessionSid>())));
        let ((), theirs) = timed(|| each(&uuid_texts, |text| _ = black_box(Uuid::try_parse(text))));
        Ok(Round { ours, theirs })
    });
    let printing = rounds(options.rounds * 3, TEXTS * PASSES, || {
        let mut buffer = [0; 34];
        let ((), ours) = timed(|| each(&sids, |sid| _ = black_box(sid.encode(&mut buffer))));
        let mut buffer = Uuid::encode_buffer();
        let ((), theirs) = timed(|| each(&uuids, |uuid| _ = black_box(uuid.simple().encode_lower(&mut buffer))));
        Ok(Round { ours, theirs })
    });
    if let (Ok(parsing), Ok(printing)) = (parsing, printing) {
        report.ratio("parse a SID / uuid try_parse simple", parsing, Some(Bar(1.05)));
        report.ratio("print a SID / uuid encode_lower simple", printing, Some(Bar(0.9)));
    }

    let number = "+14155550123";
    let allocations = allocation_counter::measure(|| {
        use core::fmt::Write;

        for text in &sid_texts {
            let _ = black_box(text.parse::<SessionSid>());
        }
        for sid in &sids {
            let _ = write!(black_box(Nowhere), "{sid}");
            black_box(sid.encode(&mut [0; 34]));
        }
        if let Ok(number) = black_box(number).parse::<E164>() {
            let _ = write!(black_box(Nowhere), "{number}");
        }
    });
    report.line("allocations, SID and E.164 parse and print", allocations.count_total as f64, Some(Bar(0.0)));
}

fn each<T>(items: &[T], mut work: impl FnMut(&T)) {
    for _ in 0..PASSES {
        for item in items {
            work(black_box(item));
        }
    }
}

struct Nowhere;

impl core::fmt::Write for Nowhere {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        black_box(text);
        Ok(())
    }
}
