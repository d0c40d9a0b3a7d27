//! What sequences do (section 3.1.1.4).

use super::Stop;
use crate::copy;
use crate::lane::LANE_LEN;

/// So many literals are copied, then so many bytes from `offset` bytes before.
#[derive(Clone, Copy, Default)]
pub struct Sequence {
    pub literals_len: u32,
    pub match_len: u32,
    pub offset: u32,
}

/// What is copied at once: most sequences have no more literals, and at most half as many bytes of a match.
pub const AT_ONCE: usize = 2 * LANE_LEN;

const TOO_FEW: Stop = Stop::Wrong("too few literals");

/// What sequences take from and add to.
pub struct Block<'a> {
    /// With bytes behind them, if there are any.
    pub literals: &'a [u8],
    /// So many of them are to be used.
    pub len: usize,
    pub used: usize,
    pub frame: &'a mut [u8],
    pub written: usize,
}

impl Block<'_> {
    #[inline(never)]
    pub fn execute(&mut self, sequences: &[Sequence]) -> Result<(), Stop> {
        let (literals, frame) = (self.literals, &mut *self.frame);
        let (mut used, mut written) = (self.used, self.written);
        let (literals_limit, frame_limit) =
            (literals.len().saturating_sub(AT_ONCE), frame.len().saturating_sub(AT_ONCE));
        let has_room = literals.len() >= AT_ONCE && frame.len() >= AT_ONCE;
        for sequence in sequences {
            let (literals_len, match_len) = (sequence.literals_len as usize, sequence.match_len as usize);
            let start = written + literals_len;
            let from = start.wrapping_sub(sequence.offset as usize);
            // Each comparison also spares those of the slices below. Whether there are as many literals is asked at last.
            if ((literals_len / 2) | match_len.wrapping_sub(1)) < LANE_LEN
                && has_room
                && used <= literals_limit
                && written <= frame_limit
                && start <= frame_limit
                && from < start
            {
                frame[written..written + AT_ONCE].copy_from_slice(&literals[used..used + AT_ONCE]);
                copy::short_ahead(frame, sequence.offset as usize, from, start);
            } else {
                let left = self.len.checked_sub(used).ok_or(TOO_FEW)?;
                execute_one(sequence, &literals[used..], left, frame, written)?;
            }
            used += literals_len;
            written = start + match_len;
        }
        (self.used, self.written) = (used, written);
        if used > self.len { Err(TOO_FEW) } else { Ok(()) }
    }
}

/// Executes a sequence that is long or stands near an end. Of `literals`, so many are to be used.
#[inline(never)]
fn execute_one(sequence: &Sequence, literals: &[u8], len: usize, frame: &mut [u8], written: usize) -> Result<(), Stop> {
    let (literals_len, offset) = (sequence.literals_len as usize, sequence.offset as usize);
    let start = written + literals_len;
    let end = start + sequence.match_len as usize;
    if literals_len > len {
        return Err(TOO_FEW);
    }
    if offset.wrapping_sub(1) >= start {
        return Err(Stop::Wrong("a match begins before its frame"));
    }
    if end > frame.len() {
        return Err(Stop::Full);
    }
    copy::literals(literals, 0, frame, written, literals_len);
    copy::a_match(frame, offset, start, end);
    Ok(())
}
