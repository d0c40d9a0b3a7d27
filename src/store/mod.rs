//! Where the bytes are: one primitive, [`Store::get_many`], and what it takes and gives.
//!
//! A store is asked for a batch and answers in order of arrival. Wrappers are stores over stores: the bounded queue of
//! [`retrieve`](crate::retrieve) is one. Keys have no leading slash; a missing key is a value, every other failure an
//! error.

mod memory;
mod remote;
mod scripted;

use std::any::Any;
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

use futures::{Stream, StreamExt, stream};

pub use memory::{MemoryBytes, MemoryStore};
pub use remote::{Answer, Asked, ContentRange, RemoteStore, Transport};
pub use scripted::{Script, ScriptedStore};

use crate::byte_range::{ByteRange, Portions};
use crate::error::{Error, Result};

/// One object, or a part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub key: String,
    pub range: ByteRange,
    /// Bytes of the largest answer that can be right.
    pub most: u64,
    /// Bytes that are set aside for the answer.
    pub room: u64,
    pub caller: Caller,
    /// What caches have of it was wrong.
    pub is_afresh: bool,
}

/// On whose behalf requests are made: how urgent they are, the higher the sooner, how many may be in flight, and whether
/// anybody is there to take what comes. All may be changed while they wait.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Caller(Rc<CallerState>);

#[derive(Debug, PartialEq)]
struct CallerState {
    priority: Cell<f64>,
    slots: Cell<usize>,
    taken: Cell<usize>,
    held: Cell<u64>,
    is_away: Cell<bool>,
}

impl Default for CallerState {
    fn default() -> Self {
        let (held, is_away) = (Cell::new(0), Cell::new(false));
        Self { priority: Cell::new(0.0), slots: Cell::new(usize::MAX), taken: Cell::new(0), held, is_away }
    }
}

impl Caller {
    pub fn priority(&self) -> f64 {
        self.0.priority.get()
    }

    pub fn set_priority(&self, priority: f64) {
        self.0.priority.set(priority);
    }

    /// No more than this are to be in flight, or here and not yet decoded, at once.
    pub fn set_slots(&self, slots: usize) {
        self.0.slots.set(slots.max(1));
    }

    pub fn may_begin(&self) -> bool {
        self.0.taken.get() < self.0.slots.get() && !self.is_away()
    }

    pub fn begin(&self) {
        self.0.taken.set(self.0.taken.get() + 1);
    }

    pub fn end(&self) {
        self.0.taken.set(self.0.taken.get() - 1);
    }

    /// Bytes in flight, or here and not yet decoded.
    pub fn held(&self) -> u64 {
        self.0.held.get()
    }

    pub fn hold(&self, more: u64, less: u64) {
        self.0.held.set(self.held() + more - less);
    }

    /// Whether nobody is there to take what comes: until somebody is, nothing more is begun.
    pub fn is_away(&self) -> bool {
        self.0.is_away.get()
    }

    /// Answers what it was before.
    pub fn set_away(&self, is_away: bool) -> bool {
        self.0.is_away.replace(is_away)
    }
}

/// What is set aside for a document of metadata. Most are much smaller, and few larger.
const DOCUMENT_LEN: u64 = 64 << 10;

impl Request {
    /// A document, or another object of no great size.
    pub fn whole(key: impl Into<String>) -> Self {
        Self::of(key, ByteRange::Whole, DOCUMENT_LEN)
    }

    /// Bytes of an object; `most` is how many there may be where the range does not tell.
    pub fn of(key: impl Into<String>, range: ByteRange, most: u64) -> Self {
        let most = range.known_len().unwrap_or(most);
        Self { key: key.into(), range, most, room: most, caller: Caller::default(), is_afresh: false }
    }

    /// From where the object is, and not from a cache. Whoever asks holds what came before, and must not wait for room, nor
    /// for others who do.
    pub fn afresh(self) -> Self {
        Self { is_afresh: true, room: 0, ..self }
    }

    pub fn for_caller(self, caller: &Caller) -> Self {
        Self { caller: caller.clone(), ..self }
    }
}

/// The bytes of a reply. They stay wherever the store received them (on the web: outside of wasm memory) until somebody
/// copies them.
pub trait StoredBytes: Clone {
    fn len(&self) -> usize;

    /// A part of the bytes, without a copy where the store can do that. The range lies within `0..len()`.
    fn slice(&self, range: Range<usize>) -> Self;

    fn to_vec(&self) -> Vec<u8>;

    /// One after the other.
    ///
    /// # Errors
    /// `out-of-memory`
    fn joined(parts: &[Self]) -> Result<Self>;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a store has for a request: exactly the bytes that were asked for.
#[derive(Clone, Debug)]
pub struct Reply<B> {
    pub bytes: B,
    /// Length of the whole object, where the store said it.
    pub object_len: Option<u64>,
    /// All of the object, where a part was asked for and the store answered with everything.
    pub whole: Option<B>,
    pub held: Held,
}

/// What is to be kept as long as the bytes of a reply are: their share of a budget.
#[derive(Clone, Debug, Default)]
pub struct Held {
    _share: Option<Rc<dyn Any>>,
}

impl Held {
    pub fn new(share: impl Any) -> Self {
        Self { _share: Some(Rc::new(share)) }
    }
}

impl<B> Reply<B> {
    pub fn new(bytes: B, object_len: Option<u64>) -> Self {
        Self { bytes, object_len, whole: None, held: Held::default() }
    }
}

/// Answers every request of a batch by itself, all of them at once.
pub fn answer_each<'a, T: 'a, B: 'a, F: Future<Output = Outcome<B>> + 'a>(
    requests: impl Iterator<Item = (T, Request)> + 'a,
    answer: impl Fn(Request) -> F + Copy + 'a,
) -> impl Stream<Item = (T, Outcome<B>)> + 'a {
    let answers = stream::iter(requests).map(move |(tag, request)| async move { (tag, answer(request).await) });
    answers.buffer_unordered(usize::MAX)
}

/// What came of a request: the reply, or `None` where the store has no such key.
pub type Outcome<B> = Result<Option<Reply<B>>>;

/// A key-value store that can be read.
pub trait Store {
    type Bytes: StoredBytes;

    /// Requests every item of the batch and answers in order of arrival, each answer with the tag of its request.
    /// Dropping the stream cancels what has not arrived.
    fn get_many<'a, T: 'a>(
        &'a self,
        requests: impl Iterator<Item = (T, Request)> + 'a,
    ) -> impl Stream<Item = (T, Outcome<Self::Bytes>)> + 'a;

    /// Whether parts of an object cost less than the whole of it.
    fn has_ranges(&self) -> bool {
        true
    }

    /// In what portions to ask for objects.
    fn portions(&self) -> Portions {
        Portions::default()
    }

    /// Whether ranges are known to be answered by no more than that: several of one object would cost the whole of it each.
    fn serves_ranges(&self) -> bool {
        true
    }

    /// Whether bytes may be damaged on their way, so that it is of use to ask for them again.
    fn is_remote(&self) -> bool {
        self.location("").is_some()
    }

    /// The URL of a key, for messages.
    fn location(&self, _key: &str) -> Option<String> {
        None
    }

    /// The error, with the URL of the key that it is about.
    fn located(&self, key: &str, error: Error) -> Error {
        match self.location(key) {
            Some(url) => error.at_url(&url),
            None => error,
        }
    }

    /// A batch of one.
    fn get(&self, request: Request) -> impl Future<Output = Outcome<Self::Bytes>> {
        async move {
            let mut replies = std::pin::pin!(self.get_many(std::iter::once(((), request))));
            let reply = replies.next().await;
            reply.map_or_else(|| Err(Error::store("the store gave no answer")), |((), outcome)| outcome)
        }
    }
}

/// For a range that reaches beyond its object.
pub fn too_short(range: ByteRange, object_len: u64) -> Error {
    Error::corrupt_chunk(format!("{range} were asked for, the object has {object_len}"))
}
