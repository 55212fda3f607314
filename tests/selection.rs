//! SEL: which number a participant gets.

mod common;

use common::*;

const P1: &str = "+14155559001";
const P2: &str = "+14155559002";

#[test]
fn sel_9_the_worked_example() {
    let mut service = service().with_numbers(&[P1, P2]);
    let [first, second, third] = [1, 2, 3].map(|n| service.open(n));
    assert_eq!((service.add(first, 1, ALICE), service.add(first, 2, XAVER)), (P1.into(), P1.into()));
    assert_eq!((service.add(second, 3, BOB), service.add(second, 4, "+12125550002")), (P1.into(), P1.into()));
    assert_eq!((service.add(third, 5, CAROL), service.add(third, 6, XAVER)), (P1.into(), P2.into()));
}
