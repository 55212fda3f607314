//! Where the choices of a history come from: a seed, or the bytes of a fuzzer.

use alloc::vec::Vec;

/// A source of choices.
pub(super) trait Choices {
    /// One of `0..sides`, and 0 if nothing is left to choose from.
    fn below(&mut self, sides: u64) -> u64;

    /// Whether nothing is left.
    fn is_used_up(&self) -> bool;
}

/// Choices without end from one number (`SplitMix64`).
pub(super) struct Seeded(pub(super) u64);

impl Choices for Seeded {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(sides).unwrap_or(0)
    }

    fn is_used_up(&self) -> bool {
        false
    }
}

/// A byte a choice, for up to 256 sides: what a fuzzer changes stays where it is.
#[cfg(feature = "arbitrary")]
impl Choices for arbitrary::Unstructured<'_> {
    fn below(&mut self, sides: u64) -> u64 {
        self.int_in_range(0..=sides.saturating_sub(1)).unwrap_or(0)
    }

    fn is_used_up(&self) -> bool {
        self.is_empty()
    }
}

/// What is made of a source of choices. The first of several comes from a zero byte, so the plainest stands first.
pub(super) struct Dice<'a> {
    source: &'a mut dyn Choices,
    /// Whether what is chosen is to fit.
    pub(super) is_careful: bool,
}

impl<'a> Dice<'a> {
    pub(super) fn new(source: &'a mut dyn Choices) -> Self {
        Self { source, is_careful: true }
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.source.is_used_up()
    }

    pub(super) fn below(&mut self, sides: u64) -> u64 {
        self.source.below(sides)
    }

    pub(super) fn between(&mut self, first: u64, last: u64) -> u64 {
        first.saturating_add(self.below(last.saturating_sub(first).saturating_add(1)))
    }

    pub(super) fn one_in(&mut self, sides: u64) -> bool {
        self.below(sides) == sides.saturating_sub(1)
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let sides = u64::try_from(from.len()).unwrap_or(u64::MAX);
        from.get(usize::try_from(self.below(sides)).ok()?).cloned()
    }

    /// One of them, as often as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(T, u64)]) -> Option<T> {
        let total = from.iter().fold(0_u64, |sum, (_, weight)| sum.saturating_add(*weight));
        let mut drawn = self.below(total);
        for (value, weight) in from {
            match drawn.checked_sub(*weight) {
                Some(rest) => drawn = rest,
                None => return Some(*value),
            }
        }
        None
    }

    /// Whether to choose without regard to what fits.
    pub(super) fn slips(&mut self) -> bool {
        !self.is_careful && self.one_in(3)
    }

    /// One that fits, if there is any; without care now and then any at all.
    pub(super) fn choose<T: Clone>(&mut self, fitting: impl IntoIterator<Item = T>, any: &[T]) -> Option<T> {
        if self.slips() {
            return self.pick(any);
        }
        let fitting: Vec<T> = fitting.into_iter().collect();
        self.pick(&fitting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_nothing_to_choose_from_nothing() {
        let mut source = Seeded(1);
        let mut dice = Dice::new(&mut source);
        assert_eq!((dice.below(0), dice.below(1), dice.between(7, 7)), (0, 0, 7));
        assert_eq!(dice.pick::<u8>(&[]), None);
        assert_eq!(dice.weighted(&[('a', 0)]), None);
        assert_eq!(dice.choose([], &['a']), None);
    }

    #[test]
    fn a_weight_is_how_often_something_comes() {
        let mut source = Seeded(1);
        let mut dice = Dice::new(&mut source);
        let mut counts = [0_u32; 3];
        for _ in 0..1_000 {
            counts[dice.weighted(&[(0, 1), (1, 0), (2, 9)]).unwrap()] += 1;
        }
        assert!((50..150).contains(&counts[0]) && counts[1] == 0, "{counts:?}");
    }

    #[test]
    fn with_care_what_is_chosen_fits() {
        let mut source = Seeded(1);
        let mut dice = Dice::new(&mut source);
        assert!((0..100).all(|_| dice.choose(['a'], &['a', 'b']) == Some('a')));
        dice.is_careful = false;
        let slips = (0..100).filter(|_| dice.choose(['a'], &['a', 'b']) == Some('b')).count();
        assert!((5..40).contains(&slips), "{slips}");
    }

    #[cfg(feature = "arbitrary")]
    #[test]
    fn a_byte_is_a_choice_until_there_are_none() {
        let mut bytes = arbitrary::Unstructured::new(&[3, 250]);
        let mut dice = Dice::new(&mut bytes);
        assert_eq!((dice.below(4), dice.is_used_up()), (3, false));
        assert_eq!((dice.below(256), dice.is_used_up()), (250, true));
        assert_eq!((dice.below(256), dice.one_in(2)), (0, false));
    }
}
