//! The words of a line: positional ones, and `name=value`.

use core::iter;

use serde_json::{Map, Value};

/// What a step of a story gives, or what is wrong with its line.
pub(crate) type Told<T> = Result<T, String>;

/// The words of a line that were not asked for yet. Who has read a line ends with [`Words::end`].
pub(crate) struct Words(Vec<Word>);

#[derive(Debug)]
struct Word {
    name: Option<String>,
    text: String,
    is_quoted: bool,
}

impl Words {
    pub(crate) fn of(line: &str) -> Told<Self> {
        let mut words = Vec::new();
        let mut rest = line.trim();
        while !rest.is_empty() {
            let (word, behind) = Word::read(rest)?;
            words.push(word);
            rest = behind.trim_start();
        }
        Ok(Self(words))
    }

    /// The next positional word; a short SID is completed.
    pub(crate) fn next(&mut self, what: &str) -> Told<String> {
        self.next_if_any().ok_or_else(|| format!("{what} is missing"))
    }

    pub(crate) fn next_if_any(&mut self) -> Option<String> {
        self.remove(|word| word.name.is_none()).map(Word::into_text)
    }

    /// The value of `name=value`.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.remove(|word| word.name.as_deref() == Some(name)).map(Word::into_text)
    }

    fn remove(&mut self, is_it: impl Fn(&Word) -> bool) -> Option<Word> {
        let place = self.0.iter().position(is_it)?;
        Some(self.0.remove(place))
    }

    /// An object of the next positional words, under these names, and of all `name=value`.
    pub(crate) fn object(&mut self, names: &[&str]) -> Told<Map<String, Value>> {
        let mut object = Map::new();
        for name in names {
            object.insert((*name).to_owned(), self.next(name)?.into());
        }
        while let Some(word) = self.remove(|word| word.name.is_some()) {
            let name = word.name.clone().unwrap_or_default();
            if object.insert(name.clone(), word.into_value()).is_some() {
                return Err(format!("`{name}` stands twice"));
            }
        }
        Ok(object)
    }

    /// All `Name=value` that start with a capital: the parameters that Twilio has handed over with a contact.
    pub(crate) fn parameters(&mut self) -> Vec<(String, String)> {
        let is_parameter =
            |word: &Word| word.name.as_ref().is_some_and(|name| name.starts_with(|c: char| c.is_ascii_uppercase()));
        let parameters = iter::from_fn(|| self.remove(is_parameter));
        parameters.map(|word| (word.name.clone().unwrap_or_default(), word.into_text())).collect()
    }

    /// What stands before, between and behind the words `with`.
    pub(crate) fn split_at_with(self) -> Vec<Self> {
        let mut parts = vec![Self(Vec::new())];
        for word in self.0 {
            if word.name.is_none() && !word.is_quoted && word.text == "with" {
                parts.push(Self(Vec::new()));
            } else if let Some(Self(part)) = parts.last_mut() {
                part.push(word);
            }
        }
        parts
    }

    pub(crate) fn end(self) -> Told<()> {
        self.0.first().map_or(Ok(()), |word| Err(format!("`{}` is not expected here", word.shown())))
    }
}

impl Word {
    fn read(text: &str) -> Told<(Self, &str)> {
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        let (name, text) = match text.split_once('=') {
            Some((name, value)) if is_name(name) => (Some(name.to_owned()), value),
            _ => (None, text),
        };
        let (read, is_quoted, behind) = match text.chars().next() {
            Some('"') => {
                let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
                let read = strings.next().and_then(Result::ok).ok_or("what stands in \" is no JSON text")?;
                let behind = strings.byte_offset();
                (read, true, text.get(behind..).unwrap_or_default())
            }
            Some('\'') => {
                let (read, behind) = text.get(1..).and_then(|text| text.split_once('\'')).ok_or("a ' is missing")?;
                (read.to_owned(), true, behind)
            }
            _ => {
                let (read, behind) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
                (read.to_owned(), false, behind)
            }
        };
        if !behind.is_empty() && !behind.starts_with(char::is_whitespace) {
            return Err(format!("a blank is missing before `{behind}`"));
        }
        Ok((Self { name, text: read, is_quoted }, behind))
    }

    fn shown(&self) -> String {
        self.name.iter().map(|name| format!("{name}=")).chain([self.text.clone()]).collect()
    }

    fn into_text(self) -> String {
        if self.is_quoted { self.text } else { completed(&self.text) }
    }

    /// A number, a span, a truth, `none` or text, by its looks; text for certain if it is quoted.
    fn into_value(self) -> Value {
        match self.text.as_str() {
            _ if self.is_quoted => self.text.into(),
            "none" => Value::Null,
            "true" => true.into(),
            "false" => false.into(),
            text => seconds(text).map_or_else(|| completed(text).into(), Value::from),
        }
    }
}

/// `KC7` as it is in full; other text as it is.
pub(crate) fn completed(text: &str) -> String {
    let kinds = ["AC", "KS", "KC", "KP", "KI", "PN", "SC", "IS", "CA", "SM", "MM"];
    let (kind, number) = text.split_at_checked(2).unwrap_or_default();
    match number.parse::<u16>() {
        Ok(number) if kinds.contains(&kind) => format!("{kind}{number:032x}"),
        _ => text.to_owned(),
    }
}

/// `90`, `90s`, `1d12h`.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    if let Ok(seconds) = text.parse() {
        return text.starts_with(|c: char| c.is_ascii_digit()).then_some(seconds);
    }
    let mut rest = text;
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let (count, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let unit = match behind.chars().next()? {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        sum = sum.checked_add(count.parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = behind.get(1..)?;
    }
    (!text.is_empty()).then_some(sum)
}
