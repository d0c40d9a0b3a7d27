//! Objects that are asked for over HTTP, or by anything that speaks in its terms: what to ask for, and what replies mean.
//!
//! Sending is up to a [`Transport`]. A reply is verified: 404 means missing, unless the user says otherwise; 206 must hold
//! the bytes that were asked for, by its length and by what it says of itself; 200 to a request for a range is the whole
//! object, of which the range is cut out; any other status is an error. What is learned of a server is kept: whether it
//! ignores ranges, and whether its last bytes must be asked for by their place.

use std::cell::Cell;

use futures::Stream;

use super::{Outcome, Reply, Request, Store, StoredBytes, answer_each, too_short};
use crate::byte_range::ByteRange;
use crate::error::{Error, Result};

/// Of objects that are not wanted whole, this many bytes are received where a server sends all of them.
const MOST_UNASKED: u64 = 64 << 20;

/// A whole object may have this many bytes, or four times those that are expected: objects may have bytes that nobody reads.
const MOST_WHOLE: u64 = 512 << 20;

/// Statuses of failures that may pass (RFC 9110, section 15; 429 of RFC 6585).
const TRANSIENT: [u16; 6] = [408, 429, 500, 502, 503, 504];

/// Sends requests for objects.
pub trait Transport {
    type Bytes: StoredBytes;

    /// Sends a request and waits for all of the answer. Dropping the future cancels it.
    ///
    /// # Errors
    /// `store` for what did not come to an answer.
    fn send(&self, key: &str, asked: Asked) -> impl Future<Output = Result<Answer<Self::Bytes>>>;

    /// What a person may look for, if the object has such a name.
    fn location(&self, key: &str) -> Option<String>;

    /// Whether ranges can be asked for.
    fn has_ranges(&self) -> bool;

    /// Whether the last bytes can be asked for at no other cost than a range.
    fn has_free_suffixes(&self) -> bool;
}

/// What is asked of a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The object, or a range of it. Of a body that is the whole object no more than `most` bytes are of use.
    Body { range: ByteRange, most: u64, is_afresh: bool },
    /// How long the object is.
    Length,
}

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct Answer<B> {
    pub status: u16,
    /// Bytes of the body, at least those of use.
    pub body: B,
    /// Length of the whole body, if it is known.
    pub body_len: Option<u64>,
    /// What a body of status 206 is, if it is known.
    pub content_range: Option<ContentRange>,
    /// How long to wait before the next attempt, if it was said.
    pub retry_after_ms: Option<f64>,
}

/// What a reply says that it is a part of (RFC 9110, section 14.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    pub first: u64,
    pub last: u64,
    pub object_len: Option<u64>,
}

pub struct RemoteStore<T> {
    transport: T,
    /// Statuses that mean that there is no such object.
    missing: Vec<u16>,
    ignores_ranges: Cell<bool>,
    /// Whether the last request for a range that told was answered by the range alone.
    serves_ranges: Cell<bool>,
    /// Whether a request for the last bytes was refused, or answered by others.
    misreads_suffixes: Cell<bool>,
    /// Whether requests for the length are answered with it, if that is known.
    tells_lengths: Cell<Option<bool>>,
}

/// Statuses by which servers refuse ranges that they do not know; with 200 they send all of the object.
const UNKNOWN_RANGE: [Option<u16>; 4] = [Some(200), Some(400), Some(416), Some(501)];

impl<T: Transport> RemoteStore<T> {
    pub fn new(transport: T, missing: Vec<u16>) -> Self {
        let no = || Cell::new(false);
        let tells_lengths = Cell::new(None);
        Self { transport, missing, ignores_ranges: no(), serves_ranges: no(), misreads_suffixes: no(), tells_lengths }
    }

    async fn exchange(&self, request: &Request) -> Outcome<T::Bytes> {
        let ByteRange::Suffix(len) = request.range else { return self.part(request, request.range).await };
        if !self.transport.has_free_suffixes() || self.misreads_suffixes.get() {
            return self.end(request, len).await;
        }
        match self.part(request, request.range).await {
            Err(error) if UNKNOWN_RANGE.contains(&error.place().status) => {
                let found = self.end(request, len).await?;
                self.misreads_suffixes.set(true);
                Ok(found)
            }
            outcome => outcome,
        }
    }

    /// The last bytes of an object by their place, for which its length must be known.
    async fn end(&self, request: &Request, len: u64) -> Outcome<T::Bytes> {
        let suffix = ByteRange::Suffix(len);
        if self.tells_lengths.get() == Some(false) {
            return self.part(request, suffix).await;
        }
        let answer = self.transport.send(&request.key, Asked::Length).await?;
        if let (200, Some(object_len)) = (answer.status, answer.body_len) {
            let range = suffix.within(object_len).ok_or_else(|| too_short(suffix, object_len))?;
            let reply = self.part(request, ByteRange::Range { start: range.start, stop: range.end }).await?;
            // It may have been the length of something else: of the object as it is encoded, or as it was.
            if reply.as_ref().and_then(|reply| reply.object_len).is_none_or(|found| found == object_len) {
                self.tells_lengths.set(Some(true));
                return Ok(reply.map(|reply| Reply { object_len: Some(object_len), ..reply }));
            }
        } else if self.missing.contains(&answer.status) {
            // Some servers know nothing but GET, and call all else missing. To ask for the first bytes is free, too.
            let start = ByteRange::Range { start: 0, stop: len };
            if self.tells_lengths.get() == Some(true) || self.part(request, start).await?.is_none() {
                return Ok(None);
            }
        } else if TRANSIENT.contains(&answer.status) {
            return Err(self.refused(&answer));
        }
        self.tells_lengths.set(Some(false));
        self.part(request, suffix).await
    }

    async fn part(&self, request: &Request, range: ByteRange) -> Outcome<T::Bytes> {
        let Request { key, most, is_afresh, .. } = request;
        let most = match range {
            ByteRange::Whole => most.saturating_mul(4).max(MOST_WHOLE),
            _ => MOST_UNASKED.max(range.known_len().unwrap_or_default()),
        };
        let answer = self.transport.send(key, Asked::Body { range, most, is_afresh: *is_afresh }).await?;
        match answer.status {
            200 => return self.cut(answer, range, most).map(Some),
            status if self.missing.contains(&status) => return Ok(None),
            206 if range != ByteRange::Whole => {}
            416 if range != ByteRange::Whole => {
                return Err(Error::corrupt_chunk(format!("{range} lie beyond the end of the object")).with_status(416));
            }
            _ => return Err(self.refused(&answer)),
        }
        if let (ByteRange::Suffix(len), Some(ContentRange { last, object_len: Some(object_len), .. })) =
            (range, answer.content_range)
            && last.saturating_add(1) < object_len
            && let Some(start) = object_len.checked_sub(len)
        {
            // Some servers take the last bytes for the first ones. How long the object is they have said.
            self.misreads_suffixes.set(true);
            return Box::pin(self.part(request, ByteRange::Range { start, stop: object_len })).await;
        }
        // Over a network it may come right the next time.
        let passing = |error: Error| if self.is_remote() { error.with_status(206).transient(None) } else { error };
        let reply = verified(answer, range).map_err(passing)?;
        self.serves_ranges.set(true);
        Ok(Some(reply))
    }

    /// An answer that is the whole object, or as much of it as is of use.
    fn cut(&self, answer: Answer<T::Bytes>, range: ByteRange, most: u64) -> Result<Reply<T::Bytes>> {
        let Answer { body, body_len, .. } = answer;
        let len = body.len() as u64;
        let is_complete = body_len == Some(len);
        let place = match (range, is_complete) {
            (_, true) => range.within(len).ok_or_else(|| too_short(range, len))?,
            (ByteRange::Range { start, stop }, false) if stop <= len => start..stop,
            (ByteRange::Whole, false) => {
                return Err(Error::corrupt_chunk(format!(
                    "the object has more than the {most} bytes that it can have"
                )));
            }
            _ => {
                let message =
                    format!("{range} were asked for, the server sends the whole object, of more than {most} bytes");
                return Err(Error::store(message).with_status(200));
            }
        };
        if matches!(range, ByteRange::Range { .. }) {
            self.serves_ranges.set(false);
        }
        // Servers may send all of the object if all of it was asked for.
        let is_ignored = is_complete && place.end - place.start < len;
        match range {
            ByteRange::Suffix(_) if is_ignored => self.misreads_suffixes.set(true),
            ByteRange::Range { .. } if is_ignored => self.ignores_ranges.set(true),
            _ => {}
        }
        let part = body.slice(place.start as usize..place.end as usize);
        let whole = (range != ByteRange::Whole && is_complete).then_some(body);
        Ok(Reply { whole, ..Reply::new(part, body_len) })
    }

    fn refused(&self, answer: &Answer<T::Bytes>) -> Error {
        let status = answer.status;
        let hint = if status == 403 {
            ": if it means that there is no such object, open the store with missing: [403, 404]"
        } else {
            ""
        };
        let missing = self.missing.iter().fold(String::new(), |list, status| format!("{list}, {status}"));
        let error =
            Error::store(format!("status {status}, expected one of 200, 206{missing}{hint}")).with_status(status);
        if TRANSIENT.contains(&status) { error.transient(answer.retry_after_ms) } else { error }
    }
}

impl<T: Transport> Store for RemoteStore<T> {
    type Bytes = T::Bytes;

    fn get_many<'a, Tag: 'a>(
        &'a self,
        requests: impl Iterator<Item = (Tag, Request)> + 'a,
    ) -> impl Stream<Item = (Tag, Outcome<T::Bytes>)> + 'a {
        answer_each(requests, |request| self.get(request))
    }

    async fn get(&self, request: Request) -> Outcome<T::Bytes> {
        let outcome = self.exchange(&request).await;
        outcome.map_err(|error| self.located(&request.key, error))
    }

    fn has_ranges(&self) -> bool {
        self.transport.has_ranges() && !self.ignores_ranges.get()
    }

    fn serves_ranges(&self) -> bool {
        self.serves_ranges.get()
    }

    fn location(&self, key: &str) -> Option<String> {
        self.transport.location(key)
    }
}

/// A reply that says it is a part of the object: where that holds the range, the range is cut out of it.
fn verified<B: StoredBytes>(answer: Answer<B>, range: ByteRange) -> Result<Reply<B>> {
    let Answer { body, content_range, .. } = answer;
    let found = body.len() as u64;
    let refused = |message: String| Error::store(message);
    // Other origins may hide the header; then the length alone has to do.
    let Some(ContentRange { first, last, object_len }) = content_range else {
        return match range.known_len() {
            Some(expected) if expected == found => Ok(Reply::new(body, None)),
            _ => Err(refused(format!("{range} were asked for, {found} bytes came"))),
        };
    };
    let stop = last.checked_add(1).filter(|stop| stop.checked_sub(first) == Some(found));
    let Some(stop) = stop else {
        let message = format!("{range} were asked for, {found} bytes came, the reply says {first} to {last}");
        return Err(refused(message));
    };
    let wanted = match (range, object_len) {
        (ByteRange::Range { start, stop }, None) => start..stop,
        (_, Some(object_len)) => range.within(object_len).ok_or_else(|| too_short(range, object_len))?,
        // Where the end of the object is stays unknown: its last bytes are what the server says they are.
        (_, None) if range.known_len() == Some(found) => first..stop,
        (_, None) => return Err(refused(format!("{range} were asked for, {found} bytes came"))),
    };
    if wanted.start < first || wanted.end > stop {
        return Err(refused(format!("{range} were asked for, the reply says it is {first} to {last}")));
    }
    let bytes = body.slice((wanted.start - first) as usize..(wanted.end - first) as usize);
    Ok(Reply::new(bytes, object_len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::store::{MemoryBytes, MemoryStore};
    use futures::executor::block_on;
    use std::cell::RefCell;
    use std::rc::Rc;

    /// A server with one object of ten bytes, which answers as it is told.
    struct Server {
        answer: Box<dyn Fn(Asked) -> Answer<MemoryBytes>>,
        has_free_suffixes: bool,
        asked: RefCell<Vec<Asked>>,
    }

    fn bytes(text: &str) -> MemoryBytes {
        let mut store = MemoryStore::default();
        store.insert("a", text.as_bytes());
        store.lookup(&Request::whole("a")).unwrap().unwrap().bytes
    }

    const OBJECT: &str = "0123456789";

    fn reply(status: u16, body: &str) -> Answer<MemoryBytes> {
        let body_len = Some(body.len() as u64);
        Answer { status, body: bytes(body), body_len, content_range: None, retry_after_ms: None }
    }

    /// What a good server answers.
    fn honest(asked: Asked) -> Answer<MemoryBytes> {
        let Asked::Body { range, .. } = asked else {
            return Answer { body: bytes(""), ..reply(200, OBJECT) };
        };
        if range == ByteRange::Whole {
            return reply(200, OBJECT);
        }
        let Some(place) = range.within(10) else { return reply(416, "") };
        let part = reply(206, &OBJECT[place.start as usize..place.end as usize]);
        let content_range = ContentRange { first: place.start, last: place.end - 1, object_len: Some(10) };
        Answer { content_range: Some(content_range), ..part }
    }

    impl Transport for Server {
        type Bytes = MemoryBytes;

        async fn send(&self, _: &str, asked: Asked) -> Result<Answer<MemoryBytes>> {
            self.asked.borrow_mut().push(asked);
            Ok((self.answer)(asked))
        }

        fn location(&self, key: &str) -> Option<String> {
            Some(format!("http://host/{key}"))
        }

        fn has_ranges(&self) -> bool {
            true
        }

        fn has_free_suffixes(&self) -> bool {
            self.has_free_suffixes
        }
    }

    fn store(answer: impl Fn(Asked) -> Answer<MemoryBytes> + 'static) -> RemoteStore<Server> {
        let server = Server { answer: Box::new(answer), has_free_suffixes: true, asked: RefCell::default() };
        RemoteStore::new(server, vec![404])
    }

    fn get(store: &RemoteStore<Server>, range: ByteRange) -> Result<Option<(String, Option<u64>)>> {
        let reply = block_on(store.get(Request::of("a", range, 10)))?;
        Ok(reply.map(|reply| (String::from_utf8(reply.bytes.to_vec()).unwrap(), reply.object_len)))
    }

    /// The ranges that were asked for; none stands for the length alone.
    fn asked(store: &RemoteStore<Server>) -> Vec<Option<ByteRange>> {
        let asked = store.transport.asked.take();
        let range = |asked| if let Asked::Body { range, .. } = asked { Some(range) } else { None };
        asked.into_iter().map(range).collect()
    }

    const MIDDLE: ByteRange = ByteRange::Range { start: 2, stop: 5 };
    const END: ByteRange = ByteRange::Suffix(3);
    const PLACED_END: ByteRange = ByteRange::Range { start: 7, stop: 10 };

    fn found(text: &str) -> Option<(String, Option<u64>)> {
        Some((text.to_owned(), Some(10)))
    }

    #[test]
    fn objects_and_their_parts_are_what_was_asked_for() {
        let store = store(honest);
        let parts = [ByteRange::Whole, MIDDLE, END].map(|range| get(&store, range).unwrap());
        assert_eq!(parts, [OBJECT, "234", "789"].map(found));
        assert!(store.has_ranges());
        let beyond = get(&store, ByteRange::Range { start: 8, stop: 12 }).unwrap_err();
        assert_eq!((beyond.code(), beyond.place().status), (ErrorCode::CorruptChunk, Some(416)));
        assert_eq!(beyond.place().url.as_deref(), Some("http://host/a"));
    }

    #[test]
    fn a_part_that_hides_its_place_must_be_as_long_as_was_asked() {
        let hidden = |asked| Answer { content_range: None, ..honest(asked) };
        assert_eq!(get(&store(hidden), MIDDLE).unwrap(), Some(("234".into(), None)));
        for wrong in ["23", "2345"] {
            let error = get(&store(move |_| reply(206, wrong)), MIDDLE).unwrap_err();
            assert_eq!(error.message(), format!("bytes 2..5 were asked for, {} bytes came", wrong.len()));
            assert!(error.retry().is_some());
        }
    }

    #[test]
    fn a_part_must_hold_what_was_asked_for_and_may_hold_more() {
        let placed = |first: u64, last: u64| {
            move |_| Answer {
                content_range: Some(ContentRange { first, last, object_len: Some(10) }),
                ..reply(206, &OBJECT[first as usize..=last as usize])
            }
        };
        assert_eq!(get(&store(placed(1, 6)), MIDDLE).unwrap(), found("234"));
        for (first, last) in [(0, 2), (3, 5)] {
            let error = get(&store(placed(first, last)), MIDDLE).unwrap_err();
            assert_eq!(error.message(), format!("bytes 2..5 were asked for, the reply says it is {first} to {last}"));
        }
    }

    #[test]
    fn the_whole_object_in_place_of_a_part_is_cut_and_remembered() {
        let store = store(|_| reply(200, OBJECT));
        assert_eq!(get(&store, ByteRange::Range { start: 0, stop: 10 }).unwrap(), found(OBJECT));
        assert_eq!(get(&store, ByteRange::Suffix(10)).unwrap(), found(OBJECT));
        assert!(store.has_ranges(), "it may be that all of it was asked for");
        assert_eq!(get(&store, MIDDLE).unwrap(), found("234"));
        assert!(!store.has_ranges());
        assert_eq!(get(&store, END).unwrap(), found("789"));
    }

    #[test]
    fn a_huge_object_that_was_given_up_has_what_came_of_it() {
        let gives_up = Rc::new(Cell::new(false));
        let also = gives_up.clone();
        let huge = move |asked| match also.get() {
            true => Answer { body_len: Some(1 << 40), ..reply(200, OBJECT) },
            false => honest(asked),
        };
        let store = store(huge);
        assert!(!store.serves_ranges(), "nothing is known yet");
        get(&store, MIDDLE).unwrap();
        assert!(store.serves_ranges());
        gives_up.set(true);
        assert_eq!(get(&store, MIDDLE).unwrap(), Some(("234".into(), Some(1 << 40))));
        assert!(store.has_ranges() && !store.serves_ranges());
        assert_eq!(get(&store, END).unwrap_err().place().status, Some(200));
        assert_eq!(get(&store, ByteRange::Whole).unwrap_err().code(), ErrorCode::CorruptChunk);
    }

    #[test]
    fn of_a_part_all_that_was_asked_for_may_come_however_long_it_is() {
        let store = store(|_| reply(404, ""));
        let most = |range| {
            assert_eq!(get(&store, range).unwrap(), None);
            let Some(Asked::Body { most, .. }) = store.transport.asked.take().pop() else { unreachable!() };
            most
        };
        assert_eq!(most(MIDDLE), MOST_UNASKED);
        assert_eq!(most(ByteRange::Range { start: 5, stop: 5 + 2 * MOST_UNASKED }), 2 * MOST_UNASKED);
        assert_eq!(most(ByteRange::Suffix(3 * MOST_UNASKED)), 3 * MOST_UNASKED);
    }

    #[test]
    fn last_bytes_are_asked_for_by_their_place_where_that_costs_less() {
        let mut store = store(honest);
        store.transport.has_free_suffixes = false;
        assert_eq!(get(&store, END).unwrap(), found("789"));
        assert_eq!(asked(&store), [None, Some(PLACED_END)]);
        assert_eq!(get(&store, ByteRange::Suffix(11)).unwrap_err().code(), ErrorCode::CorruptChunk);
    }

    #[test]
    fn a_server_that_does_not_tell_lengths_is_not_asked_for_them_again() {
        let mut store = store(|asked| if asked == Asked::Length { reply(405, "") } else { honest(asked) });
        store.transport.has_free_suffixes = false;
        for expected in [&[None, Some(END)][..], &[Some(END)]] {
            assert_eq!(get(&store, END).unwrap(), found("789"));
            assert_eq!(asked(&store), expected);
        }
    }

    #[test]
    fn a_server_that_knows_only_one_method_is_not_believed_that_objects_are_missing() {
        let is_there = Rc::new(Cell::new(true));
        let also = is_there.clone();
        let mut store = store(move |asked| match asked {
            Asked::Body { .. } if also.get() => honest(asked),
            _ => reply(404, ""),
        });
        store.transport.has_free_suffixes = false;
        let start = ByteRange::Range { start: 0, stop: 3 };
        is_there.set(false);
        assert_eq!(get(&store, END).unwrap(), None);
        assert_eq!(asked(&store), [None, Some(start)]);
        is_there.set(true);
        assert_eq!(get(&store, END).unwrap(), found("789"));
        assert_eq!(asked(&store), [None, Some(start), Some(END)]);
        assert_eq!(get(&store, END).unwrap(), found("789"));
        assert_eq!(asked(&store), [Some(END)]);
    }

    #[test]
    fn a_server_that_tells_lengths_is_believed_that_objects_are_missing() {
        let is_there = Rc::new(Cell::new(true));
        let also = is_there.clone();
        let mut store = store(move |asked| if also.get() { honest(asked) } else { reply(404, "") });
        store.transport.has_free_suffixes = false;
        assert_eq!(get(&store, END).unwrap(), found("789"));
        is_there.set(false);
        assert_eq!(get(&store, END).unwrap(), None);
        assert_eq!(asked(&store), [None, Some(PLACED_END), None]);
    }

    #[test]
    fn a_length_that_is_not_that_of_the_object_is_not_believed() {
        let encoded = |asked| match asked {
            Asked::Length => Answer { body: bytes(""), ..reply(200, "01234567") },
            asked => honest(asked),
        };
        let mut store = store(encoded);
        store.transport.has_free_suffixes = false;
        for expected in [&[None, Some(ByteRange::Range { start: 5, stop: 8 }), Some(END)][..], &[Some(END)]] {
            assert_eq!(get(&store, END).unwrap(), found("789"));
            assert_eq!(asked(&store), expected);
        }
    }

    #[test]
    fn a_server_that_does_not_know_last_bytes_is_asked_for_their_place() {
        for status in [200, 400, 416, 501] {
            let store = store(move |asked| match asked {
                Asked::Body { range: ByteRange::Suffix(_), .. } => Answer { body_len: None, ..reply(status, "01") },
                asked => honest(asked),
            });
            for expected in [&[Some(END), None, Some(PLACED_END)][..], &[None, Some(PLACED_END)]] {
                assert_eq!(get(&store, END).unwrap(), found("789"));
                assert_eq!(asked(&store), expected);
            }
        }
        let refusing = store(|_| reply(400, ""));
        assert_eq!(get(&refusing, END).unwrap_err().place().status, Some(400));
        assert!(!refusing.misreads_suffixes.get());
    }

    #[test]
    fn a_server_that_sends_all_where_the_last_bytes_were_asked_for_may_know_other_ranges() {
        let store = store(|asked| match asked {
            Asked::Body { range: ByteRange::Suffix(_), .. } => reply(200, OBJECT),
            asked => honest(asked),
        });
        for expected in [&[Some(END)][..], &[None, Some(PLACED_END)]] {
            assert_eq!(get(&store, END).unwrap(), found("789"));
            assert_eq!(asked(&store), expected);
            assert!(store.has_ranges());
        }
    }

    #[test]
    fn places_beyond_all_numbers_are_refused() {
        let last = |first| {
            let content_range = Some(ContentRange { first, last: u64::MAX, object_len: Some(u64::MAX) });
            get(&store(move |_| Answer { content_range, ..reply(206, "2") }), END)
        };
        for first in [0, u64::MAX] {
            assert_eq!(last(first).unwrap_err().code(), ErrorCode::Store);
        }
    }

    #[test]
    fn a_server_that_takes_last_bytes_for_first_ones_is_found_out_once() {
        let misreading = |asked| match asked {
            Asked::Body { range: ByteRange::Suffix(_), most, is_afresh } => {
                honest(Asked::Body { range: ByteRange::Range { start: 0, stop: 4 }, most, is_afresh })
            }
            asked => honest(asked),
        };
        let store = store(misreading);
        for expected in [[Some(END), Some(PLACED_END)], [None, Some(PLACED_END)]] {
            assert_eq!(get(&store, END).unwrap(), found("789"));
            assert_eq!(asked(&store), expected);
        }
    }

    #[test]
    fn statuses_are_missing_passing_or_failures() {
        assert_eq!(get(&store(|_| reply(404, "")), MIDDLE).unwrap(), None);
        for status in [204, 206, 403, 408, 429, 500, 502, 503, 504] {
            let answer = move |_| Answer { retry_after_ms: Some(7.0), ..reply(status, "") };
            let error = get(&store(answer), ByteRange::Whole).unwrap_err();
            assert_eq!((error.code(), error.place().status), (ErrorCode::Store, Some(status)));
            assert_eq!(error.retry().and_then(|retry| retry.after_ms), TRANSIENT.contains(&status).then_some(7.0));
        }
        let error = get(&store(|_| reply(403, "")), ByteRange::Whole).unwrap_err();
        assert!(error.message().ends_with("open the store with missing: [403, 404]"), "{error}");
    }
}
