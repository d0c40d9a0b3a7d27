//! Copies of 16 bytes at a time, beyond the end of what is to be copied: what is behind it is written later.

use crate::lane::{LANE_LEN, Lane};

/// What there must be behind the end of a match.
const ROOM: usize = LANE_LEN;

/// So many literals are copied faster by the system's own copy.
const MANY: usize = 256;

/// Copies so many literals: by lanes where they are few and the last lane has room on both sides.
pub fn literals(literals: &[u8], from: usize, frame: &mut [u8], to: usize, len: usize) {
    let lanes_len = len.next_multiple_of(LANE_LEN);
    if len < MANY
        && let Some(source) = literals.get(from..from + lanes_len)
        && let Some(target) = frame.get_mut(to..to + lanes_len)
    {
        let (source, target) = (source.as_chunks::<LANE_LEN>().0, target.as_chunks_mut().0);
        for (to, from) in target.iter_mut().zip(source) {
            *to = *from;
        }
    } else {
        frame[to..to + len].copy_from_slice(&literals[from..from + len]);
    }
}

/// Copies what is `offset` bytes before `to`.
#[inline(always)]
fn match_ahead(frame: &mut [u8], offset: usize, mut to: usize, end: usize) {
    let mut from = to - offset;
    if offset >= LANE_LEN {
        loop {
            frame.copy_within(from..from + LANE_LEN, to);
            (from, to) = (from + LANE_LEN, to + LANE_LEN);
            if to >= end {
                break;
            }
        }
    } else {
        repeat_ahead(frame, offset, to, end);
    }
}

/// Copies a lane of what is `offset` bytes before `to`, at `from`, at any offset: without a branch that tells short ones.
#[inline(always)]
pub fn short_ahead(frame: &mut [u8], offset: usize, from: usize, to: usize) {
    let Some(bytes) = frame[from..].first_chunk() else { return };
    let repeated = Lane::load(bytes).pick(Lane::load(&PLACES[offset.min(LANE_LEN)]));
    let Some(target) = frame[to..].first_chunk_mut() else { return };
    repeated.store(target);
}

/// For each offset, the places of bytes that are repeated.
const PLACES: [[u8; LANE_LEN]; LANE_LEN + 1] = {
    let mut places = [[0; LANE_LEN]; LANE_LEN + 1];
    let mut offset = 1;
    while offset <= LANE_LEN {
        let mut at = 0;
        while at < LANE_LEN {
            places[offset][at] = (at % offset) as u8;
            at += 1;
        }
        offset += 1;
    }
    places
};

/// For each offset, how many of these bytes are whole repetitions.
const STEPS: [u8; LANE_LEN] = {
    let mut steps = [0; LANE_LEN];
    let mut offset = 1;
    while offset < LANE_LEN {
        steps[offset] = (LANE_LEN - LANE_LEN % offset) as u8;
        offset += 1;
    }
    steps
};

/// The bytes before `to` again and again, as many of them at a time as fit.
#[inline(always)]
fn repeat_ahead(frame: &mut [u8], offset: usize, mut to: usize, end: usize) {
    let places = &PLACES[offset % LANE_LEN];
    let Some(bytes) = frame[to - offset..].first_chunk() else { return };
    let repeated = Lane::load(bytes).pick(Lane::load(places));
    let step = usize::from(STEPS[offset % LANE_LEN]);
    loop {
        let Some(target) = frame[to..].first_chunk_mut() else { return };
        repeated.store(target);
        to += step;
        if to >= end {
            break;
        }
    }
}

/// Copies what is `offset` bytes before `to`: ahead as far as there is room, then byte by byte.
pub fn a_match(frame: &mut [u8], offset: usize, to: usize, end: usize) {
    let mut at = end;
    if frame.len() - end < ROOM {
        at = end.saturating_sub(ROOM).max(to);
    }
    if at > to {
        match_ahead(frame, offset, to, at);
    }
    for at in at..end {
        frame[at] = frame[at - offset];
    }
}
