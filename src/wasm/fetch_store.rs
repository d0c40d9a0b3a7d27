//! Objects below a URL, by the platform's `fetch`.
//!
//! A reply is verified: 404 means missing; 206 must have exactly the bytes that were asked for; 200 to a request for a
//! range is the whole object, of which the range is cut out; any other status is an error.

use futures::{Stream, StreamExt, stream};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use super::abort::RequestGuard;
use super::error::{caused, describe};
use super::js_bytes::JsBytes;
use crate::byte_range::ByteRange;
use crate::error::{Error, Result};
use crate::store::{Outcome, Reply, Request, Store, StoredBytes, too_short};

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
}

impl FetchStore {
    pub fn new(url: &str) -> Self {
        let url = url.split('#').next().unwrap_or_default();
        let (base, query) = match url.find('?') {
            Some(at) => url.split_at(at),
            None => (url, ""),
        };
        Self { base: base.trim_end_matches('/').to_owned(), query: query.to_owned() }
    }

    /// The URL of a key for messages: without the query, where credentials may stand.
    pub fn location(&self, key: &str) -> String {
        let segments = key.split('/').filter(|segment| !segment.is_empty());
        segments.fold(self.base.clone(), |url, segment| url + "/" + &encode_segment(segment))
    }

    async fn request(&self, request: &Request) -> Outcome<JsBytes> {
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
            200 | 404 => {}
            206 if range != ByteRange::Whole => {}
            416 if range != ByteRange::Whole => {
                return Err(Error::corrupt_chunk(format!("{range} lie beyond the end of the object")).with_status(416));
            }
            _ => {
                let message = format!("status {status} {}, expected 200, 206 or 404", response.status_text());
                return Err(Error::store(message).with_status(status));
            }
        }
        let content_range = response.headers().get("content-range").ok().flatten();
        let body = JsFuture::from(response.array_buffer().map_err(failed)?).await.map_err(failed)?;
        guard.complete();
        if status == 404 {
            // The body was read all the same, so that the connection can be used again.
            return Ok(None);
        }
        let bytes = JsBytes(Uint8Array::new(&body));
        if status == 206 { part(bytes, range, content_range.as_deref()) } else { cut(bytes, range) }.map(Some)
    }
}

impl Store for FetchStore {
    type Bytes = JsBytes;

    fn get_many<'a, T: 'a>(
        &'a self,
        requests: impl Iterator<Item = (T, Request)> + 'a,
    ) -> impl Stream<Item = (T, Outcome<JsBytes>)> + 'a {
        let outcomes =
            stream::iter(requests).map(move |(tag, request)| async move { (tag, self.request(&request).await) });
        outcomes.buffer_unordered(usize::MAX)
    }
}

fn range_header(range: ByteRange) -> Option<String> {
    match range {
        ByteRange::Whole => None,
        ByteRange::Range { start, stop } => Some(format!("bytes={start}-{}", stop - 1)),
        ByteRange::Suffix(len) => Some(format!("bytes=-{len}")),
    }
}

/// A reply that is the range itself.
fn part(bytes: JsBytes, range: ByteRange, content_range: Option<&str>) -> Result<Reply<JsBytes>> {
    let (found, expected) = (bytes.len() as u64, range.known_len().unwrap_or_default());
    if found != expected {
        return Err(Error::corrupt_chunk(format!("{range} were asked for, {found} bytes came")).with_status(206));
    }
    // Other origins may hide the header; then the length alone has to do.
    let said = content_range.and_then(parse_content_range);
    if let (Some((start, _)), ByteRange::Range { start: wanted, .. }) = (said, range)
        && start != wanted
    {
        return Err(Error::store(format!("{range} were asked for, the reply starts at {start}")).with_status(206));
    }
    Ok(Reply { bytes, object_len: said.and_then(|(_, total)| total) })
}

/// A reply that is the whole object.
fn cut(bytes: JsBytes, range: ByteRange) -> Result<Reply<JsBytes>> {
    let object_len = bytes.len() as u64;
    let place = range.within(object_len).ok_or_else(|| too_short(range, object_len))?;
    let bytes = bytes.slice(place.start as usize..place.end as usize);
    Ok(Reply { bytes, object_len: Some(object_len) })
}

/// First byte and length of the object of `bytes 0-99/1234`; the length may be `*` (RFC 9110, section 14.4).
fn parse_content_range(value: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let start = range.split_once('-')?.0.trim().parse().ok()?;
    Some((start, total.trim().parse().ok()))
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
