//! Every case that a few choices make, one after another.

/// What is chosen in one case: at each choice an index, and of how many.
#[derive(Default)]
pub(crate) struct Choices {
    made: Vec<(usize, usize)>,
    next: usize,
}

impl Choices {
    /// One of these, of which there is one at least.
    pub(crate) fn of<T: Clone>(&mut self, options: &[T]) -> T {
        if self.next == self.made.len() {
            self.made.push((0, options.len()));
        }
        let (chosen, _) = self.made[self.next];
        self.next += 1;
        options[chosen].clone()
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.of(&[false, true])
    }

    /// Turns to the next case: the last choice that can goes on, and all after it begin anew.
    fn turn(&mut self) -> bool {
        self.next = 0;
        while let Some((chosen, count)) = self.made.pop() {
            if chosen + 1 < count {
                self.made.push((chosen + 1, count));
                return true;
            }
        }
        false
    }
}

/// All cases that are possible.
pub(crate) fn every_case<C>(choose: fn(&mut Choices) -> C, is_possible: fn(&C) -> bool) -> Vec<C> {
    let mut choices = Choices::default();
    let mut cases = Vec::new();
    loop {
        cases.extend(Some(choose(&mut choices)).filter(is_possible));
        if !choices.turn() {
            return cases;
        }
    }
}
