//! Copies of 16 bytes at a time, beyond the end of what is to be copied: what is behind it is written later.

use crate::lane::{LANE_LEN, Lane};

/// What there must be behind the end, on both sides.
pub const ROOM: usize = LANE_LEN;

#[inline(always)]
pub fn literals_ahead(literals: &[u8], mut from: usize, frame: &mut [u8], mut to: usize, end: usize) {
    loop {
        frame[to..to + LANE_LEN].copy_from_slice(&literals[from..from + LANE_LEN]);
        (from, to) = (from + LANE_LEN, to + LANE_LEN);
        if to >= end {
            break;
        }
    }
}

/// Copies the lane that begins `offset` bytes before `to`, a lane or more.
#[inline(always)]
pub fn lane_ahead(frame: &mut [u8], offset: usize, to: usize) {
    let from = to - offset;
    frame.copy_within(from..from + LANE_LEN, to);
}

/// Copies what is `offset` bytes before `to`.
#[inline(always)]
pub fn match_ahead(frame: &mut [u8], offset: usize, mut to: usize, end: usize) {
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

/// For each offset, the places of bytes that are repeated.
const PLACES: [[u8; LANE_LEN]; LANE_LEN] = {
    let mut places = [[0; LANE_LEN]; LANE_LEN];
    let mut offset = 1;
    while offset < LANE_LEN {
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
pub fn repeat_ahead(frame: &mut [u8], offset: usize, mut to: usize, end: usize) {
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

/// Copies what is `offset` bytes before `to`: ahead, if there is room behind the end.
pub fn a_match(frame: &mut [u8], offset: usize, to: usize, end: usize) {
    if frame.len() - end < ROOM {
        match_exactly(frame, offset, to, end);
    } else {
        match_ahead(frame, offset, to, end);
    }
}

/// Copies no byte more than told.
pub fn match_exactly(frame: &mut [u8], offset: usize, to: usize, end: usize) {
    let mut at = to;
    // What is ahead of this end is before the other one.
    if end - to > ROOM {
        at = end - ROOM;
        match_ahead(frame, offset, to, at);
    }
    for at in at..end {
        frame[at] = frame[at - offset];
    }
}
