use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::{fmt, slice, str::FromStr};

#[cfg(feature = "serde")]
use crate::macros::{AtMost, TextVisitor};
use crate::{
    address::trimmed,
    text::{ParseTextError, bounded},
};

/// The text of a message: at most 1600 characters, maybe none. Personal data: `Debug` tells its length only.
///
/// ```
/// use twilio_proxy_core::{MessageBody, ParseTextError};
///
/// let body: MessageBody = "On my way".parse()?;
/// assert_eq!(body.as_str(), "On my way");
/// assert_eq!(format!("{body:?}"), "MessageBody(9 bytes)");
/// assert_eq!("x".repeat(1_601).parse::<MessageBody>(), Err(ParseTextError::TooLong { limit: 1_600 }));
/// # Ok::<(), ParseTextError>(())
/// ```
#[derive(Clone, Default, Eq, PartialEq)]
pub struct MessageBody(Box<str>);

impl MessageBody {
    /// The longest one, in characters.
    pub const LIMIT: usize = 1_600;

    /// The text.
    ///
    /// ```
    /// use twilio_proxy_core::MessageBody;
    ///
    /// assert_eq!("On my way".parse::<MessageBody>()?.as_str(), "On my way");
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    ///
    /// ```
    /// use twilio_proxy_core::MessageBody;
    ///
    /// assert!(MessageBody::default().is_empty());
    /// assert!(!" ".parse::<MessageBody>()?.is_empty());
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is an opt-out word and nothing else, in any ASCII case (RTE-3).
    ///
    /// ```
    /// # use twilio_proxy_core::MessageBody;
    /// assert!(" Stop\r\n".parse::<MessageBody>()?.is_opt_out());
    /// assert!(!"Stop at the corner".parse::<MessageBody>()?.is_opt_out());
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub fn is_opt_out(&self) -> bool {
        let text = trimmed(&self.0);
        OPT_OUT_WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
    }

    /// The `data` of a message that says this (INT-1).
    pub(crate) fn to_data(&self) -> Box<str> {
        format!(r#"{{"body":{}}}"#, serde_json::Value::from(self.as_str())).into()
    }
}

/// RTE-3. START, YES and DEBUT are none of them.
const OPT_OUT_WORDS: [&str; 12] = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "ARRET",
    "ARRETT",
    "ARRETE",
    "UNSTOP",
];

impl FromStr for MessageBody {
    type Err = ParseTextError;

    fn from_str(text: &str) -> Result<Self, ParseTextError> {
        Ok(Self(bounded(text, Self::LIMIT)?.into()))
    }
}

impl fmt::Display for MessageBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for MessageBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageBody({} bytes)", self.0.len())
    }
}

serde_as_text!({} MessageBody, "text of at most 1600 characters");

/// Where a picture or other medium of a message is found: at most 4000 characters, no white space, no control characters.
///
/// ```
/// use twilio_proxy_core::{MediaUrl, ParseMediaUrlError};
///
/// let url: MediaUrl = "https://media.example.com/1.png".parse()?;
/// assert_eq!(url.as_str(), "https://media.example.com/1.png");
/// assert_eq!("a picture".parse::<MediaUrl>(), Err(ParseMediaUrlError::Character));
/// # Ok::<(), ParseMediaUrlError>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct MediaUrl(Box<str>);

/// Without the URL, which may lead to something personal.
impl fmt::Debug for MediaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaUrl({} characters)", self.0.chars().count())
    }
}

impl MediaUrl {
    /// The longest one, in characters.
    pub const LIMIT: usize = 4_000;

    /// The text.
    ///
    /// ```
    /// use twilio_proxy_core::MediaUrl;
    ///
    /// let url: MediaUrl = "https://media.example.com/1.png".parse()?;
    /// assert_eq!(url.as_str(), "https://media.example.com/1.png");
    /// # Ok::<(), twilio_proxy_core::ParseMediaUrlError>(())
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MediaUrl {
    type Err = ParseMediaUrlError;

    fn from_str(text: &str) -> Result<Self, ParseMediaUrlError> {
        let text = bounded(text, Self::LIMIT).map_err(|_| ParseMediaUrlError::TooLong)?;
        if text.is_empty() {
            return Err(ParseMediaUrlError::Empty);
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(ParseMediaUrlError::Character);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for MediaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

serde_as_text!({} MediaUrl, "a URL of at most 4000 characters");

/// Why a text is no [`MediaUrl`]: each is 80701.
///
/// ```
/// use twilio_proxy_core::{MediaUrl, ParseMediaUrlError};
///
/// match "my picture.png".parse::<MediaUrl>() {
///     Err(ParseMediaUrlError::Character) => {} // escape it
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseMediaUrlError {
    /// It has no characters.
    #[error("the media URL is empty")]
    Empty,
    /// It has more than 4000 characters.
    #[error("the media URL is longer than 4000 characters")]
    TooLong,
    /// It has white space or a control character in it.
    #[error("the media URL contains white space or a control character")]
    Character,
}

/// The media of a message: ten at most.
///
/// ```
/// use twilio_proxy_core::Media;
///
/// let media = Media::try_from(vec!["https://media.example.com/1.png".parse()?])?;
/// assert_eq!(media.iter().count(), 1);
/// let url = media.iter().next().cloned().expect("there is one");
/// assert!(Media::try_from(vec![url; 11]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(from = "AtMost<MediaUrl, { Media::LIMIT }>", into = "Vec<MediaUrl>")
)]
pub struct Media(Vec<MediaUrl>);

impl Media {
    /// The most that there may be.
    pub const LIMIT: usize = 10;

    /// Whether there are none.
    ///
    /// ```
    /// use twilio_proxy_core::Media;
    ///
    /// assert!(Media::default().is_empty());
    /// ```
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where they are found, in order.
    ///
    /// ```
    /// use twilio_proxy_core::Media;
    ///
    /// let media = Media::try_from(vec!["https://media.example.com/1.png".parse()?])?;
    /// assert!(media.iter().all(|url| url.as_str().starts_with("https://")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter(&self) -> slice::Iter<'_, MediaUrl> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Media {
    type Item = &'a MediaUrl;
    type IntoIter = slice::Iter<'a, MediaUrl>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TryFrom<Vec<MediaUrl>> for Media {
    type Error = TooManyMediaUrls;

    fn try_from(urls: Vec<MediaUrl>) -> Result<Self, TooManyMediaUrls> {
        if urls.len() > Self::LIMIT { Err(TooManyMediaUrls { found: urls.len() }) } else { Ok(Self(urls)) }
    }
}

#[cfg(feature = "serde")]
impl From<AtMost<MediaUrl, { Media::LIMIT }>> for Media {
    fn from(list: AtMost<MediaUrl, { Self::LIMIT }>) -> Self {
        Self(list.0)
    }
}

impl From<Media> for Vec<MediaUrl> {
    fn from(media: Media) -> Self {
        media.0
    }
}

/// 80701: a message has more than ten media.
///
/// ```
/// use twilio_proxy_core::{Media, MediaUrl};
///
/// let url: MediaUrl = "https://media.example.com/1.png".parse()?;
/// let error = Media::try_from(vec![url; 11]).unwrap_err();
/// assert_eq!(error.found - Media::LIMIT, 1);
/// # Ok::<(), twilio_proxy_core::ParseMediaUrlError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("a message has at most 10 media, not {found}")]
pub struct TooManyMediaUrls {
    /// How many there are.
    pub found: usize,
}

/// Parameters of a form, in order: at most 200, of at most 64 KiB in all. Personal data: `Debug` tells the names only.
///
/// ```
/// use twilio_proxy_core::{FormParameters, FormParametersError};
///
/// let parameters = FormParameters::try_from(vec![("From".to_owned(), "+15558675310".to_owned())])?;
/// assert_eq!(parameters.iter().next(), Some(("From", "+15558675310")));
/// assert_eq!(format!("{parameters:?}"), r#"FormParameters["From"]"#);
/// # Ok::<(), FormParametersError>(())
/// ```
#[derive(Clone, Default, Eq, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(try_from = "FormList", into = "Vec<(Box<str>, Box<str>)>")
)]
pub struct FormParameters(Vec<(Box<str>, Box<str>)>);

impl FormParameters {
    /// The most that there may be.
    pub const LIMIT: usize = 200;
    /// The most bytes that names and values may have in all.
    pub const BYTES_LIMIT: usize = 64 * 1_024;

    /// Whether there are none.
    ///
    /// ```
    /// use twilio_proxy_core::FormParameters;
    ///
    /// assert!(FormParameters::default().is_empty());
    /// ```
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values, in order.
    ///
    /// ```
    /// use twilio_proxy_core::FormParameters;
    ///
    /// let parameters = FormParameters::try_from(vec![("CallStatus".to_owned(), "ringing".to_owned())])?;
    /// let status = parameters.iter().find(|(name, _)| *name == "CallStatus");
    /// assert_eq!(status.map(|(_, value)| value), Some("ringing"));
    /// # Ok::<(), twilio_proxy_core::FormParametersError>(())
    /// ```
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl TryFrom<Vec<(String, String)>> for FormParameters {
    type Error = FormParametersError;

    fn try_from(parameters: Vec<(String, String)>) -> Result<Self, FormParametersError> {
        if parameters.len() > Self::LIMIT {
            return Err(FormParametersError::TooMany { found: parameters.len() });
        }
        let bytes = parameters.iter().map(|(name, value)| name.len().saturating_add(value.len()));
        if bytes.fold(0, usize::saturating_add) > Self::BYTES_LIMIT {
            return Err(FormParametersError::TooLong);
        }
        Ok(Self(parameters.into_iter().map(|(name, value)| (name.into(), value.into())).collect()))
    }
}

/// A name or value of a form, no longer than a whole form may be.
#[cfg(feature = "serde")]
struct FormText(String);

#[cfg(feature = "serde")]
impl FromStr for FormText {
    type Err = FormParametersError;

    fn from_str(text: &str) -> Result<Self, FormParametersError> {
        if text.len() > FormParameters::BYTES_LIMIT { Err(FormParametersError::TooLong) } else { Ok(Self(text.into())) }
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for FormText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor { expecting: "a text of a form", parsed: core::marker::PhantomData })
    }
}

#[cfg(feature = "serde")]
type FormList = AtMost<(FormText, FormText), { FormParameters::LIMIT }>;

#[cfg(feature = "serde")]
impl TryFrom<FormList> for FormParameters {
    type Error = FormParametersError;

    fn try_from(list: FormList) -> Result<Self, FormParametersError> {
        list.0.into_iter().map(|(name, value)| (name.0, value.0)).collect::<Vec<_>>().try_into()
    }
}

impl From<FormParameters> for Vec<(Box<str>, Box<str>)> {
    fn from(parameters: FormParameters) -> Self {
        parameters.0
    }
}

impl fmt::Debug for FormParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormParameters")?;
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// Why parameters are no [`FormParameters`]: each is 80701.
///
/// ```
/// use twilio_proxy_core::{FormParameters, FormParametersError};
///
/// let error = FormParameters::try_from(vec![(String::new(), String::new()); 201]).unwrap_err();
/// assert_eq!(error, FormParametersError::TooMany { found: 201 });
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FormParametersError {
    /// There are more than 200.
    #[error("a form has at most 200 parameters, not {found}")]
    TooMany {
        /// How many there are.
        found: usize,
    },
    /// They have more than 64 KiB in all.
    #[error("the parameters of the form have more than 65536 bytes")]
    TooLong,
}

/// The `Content-Type` of an answer: at most 255 characters.
///
/// ```
/// use twilio_proxy_core::ContentType;
///
/// let json: ContentType = "Application/JSON; charset=utf-8".parse()?;
/// assert!(json.is("application/json"));
/// # Ok::<(), twilio_proxy_core::ParseTextError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContentType(Box<str>);

impl ContentType {
    /// The longest one, in characters.
    pub const LIMIT: usize = 255;

    /// The text.
    ///
    /// ```
    /// use twilio_proxy_core::ContentType;
    ///
    /// assert_eq!("Text/XML".parse::<ContentType>()?.as_str(), "Text/XML");
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the media type, without regard to case and parameters (WHK-5).
    ///
    /// ```
    /// use twilio_proxy_core::ContentType;
    ///
    /// let xml: ContentType = "Text/XML; charset=utf-8".parse()?;
    /// assert!(xml.is("text/xml") && !xml.is("application/xml"));
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub fn is(&self, media_type: &str) -> bool {
        let own = self.0.split(';').next().unwrap_or_default();
        own.trim_matches([' ', '\t']).eq_ignore_ascii_case(media_type)
    }
}

impl FromStr for ContentType {
    type Err = ParseTextError;

    fn from_str(text: &str) -> Result<Self, ParseTextError> {
        Ok(Self(bounded(text, Self::LIMIT)?.into()))
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

serde_as_text!({} ContentType, "text of at most 255 characters");

/// What an out-of-session answer says: at most 64 KiB. May hold personal data: `Debug` tells its length only.
///
/// ```
/// use twilio_proxy_core::AnswerBody;
///
/// let document: AnswerBody = "<Response/>".parse()?;
/// assert_eq!(document.as_str(), "<Response/>");
/// assert!(" ".repeat(65_537).parse::<AnswerBody>().is_err());
/// # Ok::<(), twilio_proxy_core::AnswerBodyTooLong>(())
/// ```
#[derive(Clone, Default, Eq, PartialEq)]
pub struct AnswerBody(Box<str>);

impl AnswerBody {
    /// The longest one, in bytes.
    pub const LIMIT: usize = 64 * 1_024;

    /// The text.
    ///
    /// ```
    /// use twilio_proxy_core::AnswerBody;
    ///
    /// assert_eq!("<Response/>".parse::<AnswerBody>()?.as_str(), "<Response/>");
    /// # Ok::<(), twilio_proxy_core::AnswerBodyTooLong>(())
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it says nothing.
    ///
    /// ```
    /// use twilio_proxy_core::AnswerBody;
    ///
    /// assert!(AnswerBody::default().is_empty());
    /// ```
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for AnswerBody {
    type Err = AnswerBodyTooLong;

    fn from_str(text: &str) -> Result<Self, AnswerBodyTooLong> {
        if text.len() > Self::LIMIT { Err(AnswerBodyTooLong) } else { Ok(Self(text.into())) }
    }
}

impl fmt::Display for AnswerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for AnswerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnswerBody({} bytes)", self.0.len())
    }
}

serde_as_text!({} AnswerBody, "text of at most 65536 bytes");

/// An answer has more than 64 KiB: 80701.
///
/// ```
/// use twilio_proxy_core::AnswerBody;
///
/// let error = "x".repeat(AnswerBody::LIMIT + 1).parse::<AnswerBody>().unwrap_err();
/// assert_eq!(error.to_string(), "the answer has more than 65536 bytes");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("the answer has more than 65536 bytes")]
pub struct AnswerBodyTooLong;

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use super::*;

    fn body(text: &str) -> MessageBody {
        text.parse().unwrap()
    }

    #[test]
    fn rte_3_an_opt_out_word_is_the_whole_message_in_any_ascii_case() {
        for word in OPT_OUT_WORDS {
            assert!(body(word).is_opt_out(), "{word}");
            assert!(body(&format!("\r\n\t {} \u{c}", word.to_lowercase())).is_opt_out(), "{word}");
            assert!(!body(&format!("{word}.")).is_opt_out(), "{word}");
            assert!(!body(&format!("\u{a0}{word}")).is_opt_out(), "{word}");
        }
        for text in ["START", "YES", "DEBUT", "", "STOP ALL", "\u{17f}top", "ARRÊT"] {
            assert!(!body(text).is_opt_out(), "{text}");
        }
    }

    #[test]
    fn rte_1_the_url_of_a_medium_is_taken_as_it_is() {
        let url: MediaUrl = "https://media.example.com/a%20b?c=D#e".parse().unwrap();
        assert_eq!(url.as_str(), "https://media.example.com/a%20b?c=D#e");
        assert_eq!(url.to_string(), url.as_str());
    }

    #[test]
    fn int_1_only_quote_backslash_and_control_characters_are_escaped() {
        assert_eq!(&*body("").to_data(), r#"{"body":""}"#);
        assert_eq!(&*body("a/\"b\"\\\n\0é東🚕<").to_data(), r#"{"body":"a/\"b\"\\\n\u0000é東🚕<"}"#);
    }

    #[test]
    fn rte_1_contents_are_bounded() {
        assert!("🚕".repeat(1_600).parse::<MessageBody>().is_ok());
        assert!("🚕".repeat(1_601).parse::<MessageBody>().is_err());
        assert!("x".repeat(64 * 1_024).parse::<MessageBody>().is_err());
        assert!("é".repeat(4_000).parse::<MediaUrl>().is_ok());
        assert_eq!("é".repeat(4_001).parse::<MediaUrl>(), Err(ParseMediaUrlError::TooLong));
        assert_eq!("".parse::<MediaUrl>(), Err(ParseMediaUrlError::Empty));
        assert_eq!("a\0".parse::<MediaUrl>(), Err(ParseMediaUrlError::Character));
        let url: MediaUrl = "https://a.example/1".parse().unwrap();
        let most = Media::try_from(vec![url.clone(); 10]).unwrap();
        assert!((&most).into_iter().eq([&url; 10]));
        assert_eq!(Media::try_from(vec![url; 100]), Err(TooManyMediaUrls { found: 100 }));
        assert!("x".repeat(65_536).parse::<AnswerBody>().is_ok());
        assert!("x".repeat(256).parse::<ContentType>().is_err());
    }

    #[test]
    fn whk_3_a_form_has_200_parameters_and_64_kib_at_most() {
        let form =
            |count: usize, length: usize| FormParameters::try_from(vec![("n".to_string(), "v".repeat(length)); count]);
        assert_eq!(form(200, 1).map(|form| form.iter().count()), Ok(200));
        assert_eq!(form(201, 1), Err(FormParametersError::TooMany { found: 201 }));
        assert!(form(1, 65_535).is_ok());
        assert_eq!(form(1, 65_536), Err(FormParametersError::TooLong));
    }

    #[test]
    #[cfg(feature = "serde")]
    fn inv_5_json_of_a_form_is_read_no_further_than_a_text_that_is_too_long() {
        let read = |length: usize, rest: &str| {
            let json = format!(r#"[["", "{}"]{rest}]"#, "v".repeat(length));
            serde_json::from_str::<FormParameters>(&json).map_err(|error| error.to_string())
        };
        assert!(read(65_536, "").is_ok());
        assert!(read(65_536, ", 0").is_err_and(|error| error.starts_with("invalid type")));
        let too_long = FormParametersError::TooLong.to_string();
        assert!(read(65_537, ", 0").is_err_and(|error| error.starts_with(&too_long)));
    }

    #[test]
    fn whk_5_the_media_type_counts_without_case_and_parameters() {
        let is_json = |text: &str| text.parse::<ContentType>().unwrap().is("application/json");
        assert!(
            is_json("application/json") && is_json("APPLICATION/json ;charset=utf-8") && is_json(" application/json")
        );
        assert!(!is_json("application/json2") && !is_json("") && !is_json("text/html; application/json"));
    }

    #[test]
    fn txt_3_debug_shows_no_contents() {
        let parameters = FormParameters::try_from(vec![("Body".to_string(), "secret".to_string())]).unwrap();
        assert_eq!(format!("{parameters:?} {:?}", body("secret")), r#"FormParameters["Body"] MessageBody(6 bytes)"#);
        assert_eq!(format!("{:?}", "secret".parse::<AnswerBody>()), "Ok(AnswerBody(6 bytes))");
    }
}
