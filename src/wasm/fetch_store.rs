//! Objects below a URL, by the platform's `fetch`.
//!
//! A reply is verified: 404 means missing, unless the user says otherwise; 206 must hold the bytes that were asked for, by
//! its length and by what it says of itself; 200 to a request for a range is the whole object, of which the range is cut
//! out; any other status is an error.

use std::cell::Cell;

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use super::abort::RequestGuard;
use super::error::{caused, describe};
use super::js_bytes::JsBytes;
use crate::byte_range::ByteRange;
use crate::error::{Error, Result};
use crate::store::{Outcome, Reply, Request, StoredBytes, too_short};

#[wasm_bindgen]
extern "C" {
    /// The global `fetch`, which pages, workers and Node have alike.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

pub struct FetchStore {
    /// URL of the store without a slash at its end.
    base: String,
    /// The query string, with its question mark: credentials of signed URLs stand there.
    query: String,
    /// Statuses that mean that there is no such object.
    missing: Vec<u16>,
    /// Whether the server has answered a request for a range with the whole object.
    ignores_ranges: Cell<bool>,
}

impl FetchStore {
    pub fn new(url: &str, missing: Vec<u16>) -> Self {
        let url = url.split('#').next().unwrap_or_default();
        let (base, query) = match url.find('?') {
            Some(at) => url.split_at(at),
            None => (url, ""),
        };
        Self {
            base: base.trim_end_matches('/').to_owned(),
            query: query.to_owned(),
            missing,
            ignores_ranges: Cell::new(false),
        }
    }

    /// The URL of a key for messages: without the query, where credentials may stand.
    pub fn location(&self, key: &str) -> String {
        let segments = key.split('/').filter(|segment| !segment.is_empty());
        segments.fold(self.base.clone(), |url, segment| url + "/" + &encode_segment(segment))
    }

    /// Whether parts of an object cost less than the whole of it.
    pub fn has_ranges(&self) -> bool {
        !self.ignores_ranges.get()
    }

    pub async fn request(&self, request: Request) -> Outcome<JsBytes> {
        let location = self.location(&request.key);
        let outcome = self.exchange(&format!("{location}{}", self.query), request.range).await;
        outcome.map_err(|error| error.at_url(&location))
    }

    async fn exchange(&self, url: &str, range: ByteRange) -> Outcome<JsBytes> {
        let failed = |thrown: JsValue| caused(Error::store(format!("request failed: {}", describe(&thrown))), thrown);
        let (guard, signal) = RequestGuard::new().map_err(failed)?;
        let init = RequestInit::new();
        init.set_signal(Some(&signal));
        if let Some(value) = range_header(range) {
            let headers = Headers::new().map_err(failed)?;
            headers.set("range", &value).map_err(failed)?;
            init.set_headers(&headers);
        }
        let response = JsFuture::from(fetch(url, &init).map_err(failed)?).await.map_err(failed)?;
        let response: Response = response.unchecked_into();
        let status = response.status();
        match status {
            200 => {}
            _ if self.missing.contains(&status) => {}
            206 if range != ByteRange::Whole => {}
            416 if range != ByteRange::Whole => {
                return Err(Error::corrupt_chunk(format!("{range} lie beyond the end of the object")).with_status(416));
            }
            _ => {
                let hint = if status == 403 {
                    ": if it means that there is no such object, open the store with missing: [403, 404]"
                } else {
                    ""
                };
                let missing: Vec<String> = self.missing.iter().map(u16::to_string).collect();
                let expected = [&["200", "206"].map(String::from)[..], &missing].concat().join(", ");
                let message = format!("status {status} {}, expected one of {expected}{hint}", response.status_text());
                return Err(Error::store(message).with_status(status));
            }
        }
        let content_range = response.headers().get("content-range").ok().flatten();
        let content_range = content_range.as_deref().and_then(parse_content_range);
        let body = JsFuture::from(response.array_buffer().map_err(failed)?).await.map_err(failed)?;
        guard.complete();
        if self.missing.contains(&status) {
            // The body was read all the same, so that the connection can be used again.
            return Ok(None);
        }
        let bytes = JsBytes(Uint8Array::new(&body));
        if status != 206 {
            self.ignores_ranges.set(self.ignores_ranges.get() || range != ByteRange::Whole);
            return cut(bytes, range).map(Some);
        }
        if let (ByteRange::Suffix(len), Some(ContentRange { last, object_len: Some(object_len), .. })) =
            (range, content_range)
            && last + 1 < object_len
            && let Some(start) = object_len.checked_sub(len)
        {
            // Some servers take the last bytes for the first ones. How long the object is they have said.
            let range = ByteRange::Range { start, stop: object_len };
            return Box::pin(self.exchange(url, range)).await;
        }
        part(bytes, range, content_range).map(Some)
    }
}

fn range_header(range: ByteRange) -> Option<String> {
    match range {
        ByteRange::Whole => None,
        ByteRange::Range { start, stop } => Some(format!("bytes={start}-{}", stop - 1)),
        ByteRange::Suffix(len) => Some(format!("bytes=-{len}")),
    }
}

/// A reply that says it is a part of the object: where that holds the range, the range is cut out of it.
fn part(bytes: JsBytes, range: ByteRange, content_range: Option<ContentRange>) -> Result<Reply<JsBytes>> {
    let found = bytes.len() as u64;
    let refused = |message: String| Error::store(message).with_status(206);
    // Other origins may hide the header; then the length alone has to do.
    let Some(ContentRange { first, last, object_len }) = content_range else {
        return match range.known_len() {
            Some(expected) if expected == found => Ok(Reply { bytes, object_len: None, whole: None }),
            _ => Err(refused(format!("{range} were asked for, {found} bytes came"))),
        };
    };
    if last.checked_sub(first).and_then(|len| len.checked_add(1)) != Some(found) {
        return Err(refused(format!("{range} were asked for, {found} bytes came, the reply says {first} to {last}")));
    }
    let wanted = match (range, object_len) {
        (ByteRange::Range { start, stop }, None) => start..stop,
        (_, Some(object_len)) => range.within(object_len).ok_or_else(|| too_short(range, object_len))?,
        // Where the end of the object is stays unknown: its last bytes are what the server says they are.
        (_, None) if range.known_len() == Some(found) => first..last + 1,
        (_, None) => return Err(refused(format!("{range} were asked for, {found} bytes came"))),
    };
    if wanted.start < first || wanted.end > last + 1 {
        return Err(refused(format!("{range} were asked for, the reply says it is {first} to {last}")));
    }
    let bytes = bytes.slice((wanted.start - first) as usize..(wanted.end - first) as usize);
    Ok(Reply { bytes, object_len, whole: None })
}

/// A reply that is the whole object.
fn cut(bytes: JsBytes, range: ByteRange) -> Result<Reply<JsBytes>> {
    let object_len = bytes.len() as u64;
    let place = range.within(object_len).ok_or_else(|| too_short(range, object_len))?;
    let part = bytes.slice(place.start as usize..place.end as usize);
    Ok(Reply { bytes: part, object_len: Some(object_len), whole: (range != ByteRange::Whole).then_some(bytes) })
}

/// What a reply says that it is a part of (RFC 9110, section 14.4).
#[derive(Clone, Copy, Debug)]
struct ContentRange {
    first: u64,
    last: u64,
    object_len: Option<u64>,
}

/// `bytes 0-99/1234`; the length of the object may be `*`.
fn parse_content_range(value: &str) -> Option<ContentRange> {
    let (range, object_len) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let [first, last] = [first, last].map(|number| number.trim().parse().ok());
    Some(ContentRange { first: first?, last: last?, object_len: object_len.trim().parse().ok() })
}

/// One segment of a key as it stands in a URL: node names may hold any character (RFC 3986, section 2.3).
fn encode_segment(segment: &str) -> String {
    let mut encoded = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
