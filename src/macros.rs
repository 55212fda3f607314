//! What several rooms write the same way.

/// Serde of a type as the text that `Display` prints and `FromStr` parses, without copying the text first.
macro_rules! serde_as_text {
    ({$($bounds:tt)*} $type:ty, $expecting:literal) => {
        #[cfg(feature = "serde")]
        impl<$($bounds)*> serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        deserialize_from_text!({$($bounds)*} $type, $expecting);
    };
}

/// The half of [`serde_as_text`] that reads.
macro_rules! deserialize_from_text {
    ({$($bounds:tt)*} $type:ty, $expecting:literal) => {
        #[cfg(feature = "serde")]
        impl<'de, $($bounds)*> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer
                    .deserialize_str($crate::macros::TextVisitor { expecting: $expecting, parsed: core::marker::PhantomData })
            }
        }
    };
}

/// Serde of a new number over its derived functions: what is read must have a SID and a number of one kind.
macro_rules! serde_of_new_number {
    ($type:ty) => {
        #[cfg(feature = "serde")]
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let new = Self::deserialize(deserializer)?;
                if new.sid.fits(new.phone_number) {
                    Ok(new)
                } else {
                    Err(serde::de::Error::custom("a phone number has a PN SID and a short code an SC SID"))
                }
            }
        }
    };
}

/// An enumeration of wire literals: each variant, its literal, and `as_str`, `Display`, `FromStr` and serde over them.
macro_rules! literals {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $literal:literal,)* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every value, in the order of the API's documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The literal on the wire.
            ///
            /// ```
            /// use twilio_proxy_core::SessionMode;
            ///
            /// assert_eq!(SessionMode::VoiceOnly.as_str(), "voice-only");
            /// ```
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $literal,)* }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::text::UnknownLiteral;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($literal => Ok(Self::$variant),)*
                    _ => Err($crate::text::UnknownLiteral { expected: &[$($literal),*] }),
                }
            }
        }

        serde_as_text!({} $name, "one of the literals of the API");
    };
}

#[cfg(feature = "serde")]
pub(crate) struct TextVisitor<T> {
    pub(crate) expecting: &'static str,
    pub(crate) parsed: core::marker::PhantomData<T>,
}

#[cfg(feature = "serde")]
impl<T: core::str::FromStr<Err: core::fmt::Display>> serde::de::Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// A list of at most `N` elements, which is read no further than that.
#[cfg(feature = "serde")]
pub(crate) struct AtMost<T, const N: usize>(pub(crate) alloc::vec::Vec<T>);

#[cfg(feature = "serde")]
impl<'de, T: serde::Deserialize<'de>, const N: usize> serde::Deserialize<'de> for AtMost<T, N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(AtMostVisitor::<T, N>(core::marker::PhantomData))
    }
}

#[cfg(feature = "serde")]
struct AtMostVisitor<T, const N: usize>(core::marker::PhantomData<T>);

#[cfg(feature = "serde")]
impl<'de, T: serde::Deserialize<'de>, const N: usize> serde::de::Visitor<'de> for AtMostVisitor<T, N> {
    type Value = AtMost<T, N>;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "a list of at most {N} elements")
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut elements: A) -> Result<AtMost<T, N>, A::Error> {
        let mut list = alloc::vec::Vec::new();
        while let Some(element) = elements.next_element()? {
            if list.len() == N {
                return Err(serde::de::Error::invalid_length(N.saturating_add(1), &self));
            }
            list.push(element);
        }
        Ok(AtMost(list))
    }
}
