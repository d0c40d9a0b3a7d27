//! What can go wrong, as a small closed set with a stable code for programs and a message for people.
//!
//! A message says what was expected and what was found. Where it happened (array path, chunk key, codec, URL, status)
//! stands in fields of its own, filled in by whichever layer knows it while the error travels outwards.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use serde_json::{Map, Value};

/// Messages quote what they found, which may be a document of megabytes: characters beyond this are left out.
const MAX_MESSAGE_LEN: usize = 1000;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kinds of failure that a caller can tell apart. Their names are public and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// There is no array or group (or not of the wanted kind) at the path.
    NotFound,
    /// A metadata document breaks the specification.
    InvalidMetadata,
    /// Valid, but not understood by this library: a codec, data type, grid or other extension.
    Unsupported,
    /// The selection does not fit the array.
    InvalidSelection,
    /// An argument other than the selection is not what the function takes.
    InvalidArgument,
    /// The bytes of a chunk or shard cannot be what their metadata say.
    CorruptChunk,
    /// The store failed: network, status, or a reply that is not what was asked for.
    Store,
    /// A value cannot be had in the form that was asked for.
    Conversion,
    /// A chunk needs more memory than there is.
    OutOfMemory,
}

impl ErrorCode {
    const ALL: [Self; 9] = [
        Self::NotFound,
        Self::InvalidMetadata,
        Self::Unsupported,
        Self::InvalidSelection,
        Self::InvalidArgument,
        Self::CorruptChunk,
        Self::Store,
        Self::Conversion,
        Self::OutOfMemory,
    ];

    /// The public name, as JavaScript sees it in `error.code`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::InvalidMetadata => "invalid-metadata",
            Self::Unsupported => "unsupported",
            Self::InvalidSelection => "invalid-selection",
            Self::InvalidArgument => "invalid-argument",
            Self::CorruptChunk => "corrupt-chunk",
            Self::Store => "store",
            Self::Conversion => "conversion",
            Self::OutOfMemory => "out-of-memory",
        }
    }
}

/// A failure: its code, its message, and the place where it happened.
#[derive(Clone)]
pub struct Error(Box<Details>);

#[derive(Clone, Debug)]
struct Details {
    code: ErrorCode,
    message: String,
    place: Place,
    /// What another layer threw (on the web a JavaScript value); it does not leave this instance.
    cause: Option<Rc<dyn Any>>,
    retry: Option<Retry>,
}

/// Of a failure that may pass: when to try again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// Milliseconds, if the other side said so.
    pub after_ms: Option<f64>,
}

/// Where a failure happened, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Path of the array or group.
    pub path: Option<String>,
    /// Store key of the chunk, shard or metadata document.
    pub key: Option<String>,
    /// Name of the codec, as the metadata write it.
    pub codec: Option<String>,
    pub url: Option<String>,
    /// HTTP status of the reply.
    pub status: Option<u16>,
}

impl Error {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE_LEN) {
            message.truncate(end);
            message.push('…');
        }
        Self(Box::new(Details { code, message, place: Place::default(), cause: None, retry: None }))
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, message)
    }

    pub fn invalid_metadata(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidMetadata, message)
    }

    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unsupported, message)
    }

    pub fn invalid_selection(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidSelection, message)
    }

    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidArgument, message)
    }

    pub fn corrupt_chunk(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::CorruptChunk, message)
    }

    pub fn store(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Store, message)
    }

    pub fn conversion(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conversion, message)
    }

    pub fn out_of_memory(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::OutOfMemory, message)
    }

    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// What was expected and what was found, without the place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    pub fn place(&self) -> &Place {
        &self.0.place
    }

    pub fn cause(&self) -> Option<&Rc<dyn Any>> {
        self.0.cause.as_ref()
    }

    /// The place is filled in from the inside outwards, so what is known already stays.
    pub fn at_path(mut self, path: &str) -> Self {
        self.0.place.path.get_or_insert_with(|| path.to_owned());
        self
    }

    pub fn at_key(mut self, key: &str) -> Self {
        self.0.place.key.get_or_insert_with(|| key.to_owned());
        self
    }

    pub fn in_codec(mut self, name: &str) -> Self {
        self.0.place.codec.get_or_insert_with(|| name.to_owned());
        self
    }

    pub fn at_url(mut self, url: &str) -> Self {
        self.0.place.url.get_or_insert_with(|| url.to_owned());
        self
    }

    /// Puts what the message is about in front of it, such as one inner chunk of a shard.
    pub fn about(mut self, subject: &str) -> Self {
        self.0.message = format!("{subject}: {}", self.0.message);
        self
    }

    pub fn with_status(mut self, status: u16) -> Self {
        self.0.place.status = Some(status);
        self
    }

    /// Says that the same may succeed later.
    pub fn transient(mut self, after_ms: Option<f64>) -> Self {
        self.0.retry = Some(Retry { after_ms });
        self
    }

    /// When to try again, if that may be of use.
    pub fn retry(&self) -> Option<Retry> {
        self.0.retry
    }

    /// The error as a JSON object, `{ code, message, path?, key?, codec?, url?, status? }`: all but its cause.
    pub fn to_json(&self) -> Map<String, Value> {
        let Place { path, key, codec, url, status } = self.place();
        let texts = [
            ("code", Some(self.code().as_str())),
            ("message", Some(self.message())),
            ("path", path.as_deref()),
            ("key", key.as_deref()),
            ("codec", codec.as_deref()),
            ("url", url.as_deref()),
        ];
        let mut members = Map::new();
        for (name, text) in texts {
            if let Some(text) = text {
                members.insert(name.to_owned(), text.into());
            }
        }
        if let Some(status) = status {
            members.insert("status".to_owned(), (*status).into());
        }
        members
    }

    /// Undoes [`to_json`](Self::to_json), given the members by name; `None` where there is no code or no message.
    pub fn from_members(text: impl Fn(&str) -> Option<String>, status: Option<u16>) -> Option<Self> {
        let code = text("code")?;
        let code = ErrorCode::ALL.into_iter().find(|known| known.as_str() == code)?;
        let place = Place { path: text("path"), key: text("key"), codec: text("codec"), url: text("url"), status };
        Some(Self(Box::new(Details { code, message: text("message")?, place, cause: None, retry: None })))
    }

    pub fn caused_by(mut self, cause: Rc<dyn Any>) -> Self {
        self.0.cause = Some(cause);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { path, key, codec, url, .. } = self.place();
        for part in [path, key, codec].into_iter().flatten().filter(|part| part.as_str() != "/") {
            write!(f, "{part}: ")?;
        }
        f.write_str(self.message())?;
        url.as_ref().map_or(Ok(()), |url| write!(f, " ({url})"))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self, self.code().as_str())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_inner_place_wins_over_the_outer_one() {
        let error = Error::corrupt_chunk("7 bytes, expected 8").in_codec("zstd").in_codec("sharding_indexed");
        assert_eq!(error.at_key("c/4/0").at_path("/a").to_string(), "/a: c/4/0: zstd: 7 bytes, expected 8");
    }

    #[test]
    fn the_url_stands_behind_the_message() {
        let error = Error::store("status 500").at_url("http://host/a/c/0").at_path("/").at_key("c/0");
        assert_eq!(error.to_string(), "c/0: status 500 (http://host/a/c/0)");
    }

    #[test]
    fn a_message_that_quotes_megabytes_is_cut() {
        let error = Error::invalid_metadata("é".repeat(1 << 20));
        assert_eq!(error.message().chars().count(), 1001);
        assert!(error.message().ends_with("é…"));
    }

    #[test]
    fn an_error_survives_as_json() {
        // None is left out: they are as many as the last one's number says.
        assert_eq!(ErrorCode::ALL.len(), ErrorCode::OutOfMemory as usize + 1);
        for code in ErrorCode::ALL {
            let error = Error::new(code, "status 500").with_status(500).at_url("http://host/a").in_codec("zstd");
            let json = error.to_json();
            let text = |name: &str| json.get(name)?.as_str().map(str::to_owned);
            let back = Error::from_members(text, Some(500)).unwrap();
            assert_eq!((back.code(), back.message(), back.place()), (error.code(), error.message(), error.place()));
        }
        let json = Error::store("status 500").with_status(500).at_key("c/0").to_json();
        assert_eq!(Value::from(json), json!({"code": "store", "message": "status 500", "key": "c/0", "status": 500}));
        assert!(Error::from_members(|name| (name != "code").then(String::new), None).is_none());
    }
}
