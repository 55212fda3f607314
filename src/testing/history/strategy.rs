//! Histories for property tests.

use proptest::{
    arbitrary::any,
    strategy::{NewTree, Strategy, ValueTree},
    test_runner::TestRunner,
};

use super::{Histories, History, reduction::Reduction};

/// Each history shrinks to the commands without which the test does not fail. The commands stay what they are.
///
/// ```
/// use proptest::{strategy::{Strategy, ValueTree}, test_runner::TestRunner};
/// use twilio_proxy_core::testing::histories;
///
/// let history = histories().new_tree(&mut TestRunner::deterministic())?.current();
/// assert_eq!(history.entries.len(), 100);
/// # Ok::<(), proptest::test_runner::Reason>(())
/// ```
impl Strategy for Histories {
    type Tree = HistoryTree;
    type Value = History;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let n = any::<u64>().new_tree(runner)?.current();
        Ok(HistoryTree(Reduction::new(self.seeded(n))))
    }
}

/// A [`History`] that shrinks.
#[derive(Clone, Debug)]
pub struct HistoryTree(Reduction);

impl ValueTree for HistoryTree {
    type Value = History;

    fn current(&self) -> History {
        self.0.history().clone()
    }

    fn simplify(&mut self) -> bool {
        self.0.shorten()
    }

    fn complicate(&mut self) -> bool {
        let is_restored = self.0.restore();
        if is_restored {
            self.0.shorten();
        }
        is_restored
    }
}
