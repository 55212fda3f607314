use core::{fmt, str::FromStr};

/// A short code: 3 to 8 digits, without `+` (TXT-4). It carries messages only.
///
/// ```
/// use twilio_proxy_core::{ParseShortCodeError, ShortCode};
///
/// let code: ShortCode = "04455".parse()?;
/// assert_eq!(code.to_string(), "04455");
/// assert!("12".parse::<ShortCode>().is_err());
/// # Ok::<(), ParseShortCodeError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ShortCode {
    /// The digits, then zero bytes.
    text: [u8; 8],
}

impl ShortCode {
    /// The digits.
    ///
    /// ```
    /// use twilio_proxy_core::ShortCode;
    ///
    /// assert_eq!("04455".parse::<ShortCode>()?.as_str(), "04455");
    /// # Ok::<(), twilio_proxy_core::ParseShortCodeError>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.text).unwrap_or_default().trim_end_matches('\0')
    }
}

impl FromStr for ShortCode {
    type Err = ParseShortCodeError;

    fn from_str(text: &str) -> Result<Self, ParseShortCodeError> {
        let mut bytes = [0; 8];
        match bytes.get_mut(..text.len()) {
            Some(start) if text.len() >= 3 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                start.copy_from_slice(text.as_bytes());
                Ok(Self { text: bytes })
            }
            _ => Err(ParseShortCodeError),
        }
    }
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text is no short code. As a pool number: 80406.
///
/// ```
/// use twilio_proxy_core::ShortCode;
///
/// let error = "+44551".parse::<ShortCode>().unwrap_err();
/// assert_eq!(error.to_string(), "a short code is 3 to 8 digits");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("a short code is 3 to 8 digits")]
pub struct ParseShortCodeError;
