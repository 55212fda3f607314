//! Histories from the bytes of a fuzzer.

use arbitrary::{Arbitrary, Result, Unstructured};

use super::{Histories, History, histories};

impl Histories {
    /// The one that these bytes spell, a byte a choice: where bytes differ little, so do the histories. With the last
    /// byte it ends.
    ///
    /// ```
    /// use arbitrary::Unstructured;
    /// use twilio_proxy_core::testing::histories;
    ///
    /// let history = histories().without_traffic().from_bytes(&mut Unstructured::new(&[0; 200]));
    /// assert!(!history.entries.is_empty());
    /// ```
    #[must_use]
    pub fn from_bytes(&self, bytes: &mut Unstructured<'_>) -> History {
        self.draw(bytes)
    }
}

impl<'a> Arbitrary<'a> for History {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        Ok(histories().from_bytes(bytes))
    }
}
