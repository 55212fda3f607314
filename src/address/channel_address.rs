use alloc::boxed::Box;
use core::fmt;

/// An address on a channel other than the telephone network, `channel:address`, such as `whatsapp:+14155551212` (TXT-2).
///
/// ```
/// use twilio_proxy_core::Identifier;
///
/// let Ok(Identifier::Channel(page)) = "messenger:987654532".parse() else { unreachable!() };
/// assert_eq!(page.channel(), "messenger");
/// assert_eq!(page.as_str(), "messenger:987654532");
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ChannelAddress(Box<ChannelText>);

/// Behind one pointer, so that an address is no larger than a phone number: most people have one of those.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct ChannelText {
    text: Box<str>,
}

impl ChannelAddress {
    /// The whole address, channel included.
    ///
    /// ```
    /// use twilio_proxy_core::Identifier;
    ///
    /// let Identifier::Channel(address) = "whatsapp:+14155551212".parse()? else { unreachable!() };
    /// assert_eq!(address.as_str(), "whatsapp:+14155551212");
    /// # Ok::<(), twilio_proxy_core::ParseIdentifierError>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The channel: what stands before the first colon.
    ///
    /// ```
    /// use twilio_proxy_core::Identifier;
    ///
    /// let Identifier::Channel(address) = "whatsapp:+14155551212".parse()? else { unreachable!() };
    /// assert_eq!(address.channel(), "whatsapp");
    /// # Ok::<(), twilio_proxy_core::ParseIdentifierError>(())
    /// ```
    #[must_use]
    pub fn channel(&self) -> &str {
        self.as_str().split(':').next().unwrap_or_default()
    }

    /// The grammar of TXT-2, for text of a length that was checked before.
    pub(super) fn parse_bounded(text: &str) -> Option<Self> {
        let (channel, address) = text.split_once(':')?;
        let channel_is_well_formed = channel.starts_with(|c: char| c.is_ascii_lowercase())
            && channel.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        let address_is_well_formed =
            !address.is_empty() && !address.contains(|c: char| c.is_whitespace() || c.is_control());
        (channel_is_well_formed && address_is_well_formed).then(|| Self(Box::new(ChannelText { text: text.into() })))
    }
}

impl fmt::Display for ChannelAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
