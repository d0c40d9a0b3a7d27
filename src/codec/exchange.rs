//! What decoding asks of codecs outside, and what they answered.
//!
//! A pipeline decodes in one go, a codec outside may take its time: so decoding is repeated with the answers. A codec
//! that has no answer leaves a question here and fails; whoever runs the pipeline gets the questions answered, and
//! decodes again from the start. The codecs outside are usually the outermost ones, so that nothing is done twice.
//!
//! Questions belong to a *place*: the inner chunks, one within the other, that are being decoded. Inner chunks do not wait
//! for each other, so that one repetition answers all that are in a shard. At one place answers come in the order of the
//! questions.

use serde_json::{Map, Value};

use crate::error::Error;

/// Numbers of the inner chunks, the outermost first.
pub type Place = Vec<u32>;

/// One call of a codec outside.
pub struct Question {
    pub place: Place,
    /// What the codec is told beside the bytes, as JavaScript sees it.
    pub call: Map<String, Value>,
    pub encoded: Vec<u8>,
}

/// Decoded bytes, or why there are none.
pub type Answer = Result<Vec<u8>, Error>;

/// The questions and answers of one chunk.
#[derive(Default)]
pub struct Exchange {
    place: Place,
    /// Those that were taken leave nothing behind.
    answers: Vec<(Place, Option<Answer>)>,
    questions: Vec<Question>,
}

impl Exchange {
    /// Starts a chunk over, with all answers to the questions that it asked so far: in the order of their places, at one
    /// place in that of the questions.
    pub fn begin(&mut self, answers: impl IntoIterator<Item = (Place, Answer)>) {
        self.place.clear();
        self.questions.clear();
        self.answers = answers.into_iter().map(|(place, answer)| (place, Some(answer))).collect();
    }

    /// What a chunk that failed waits for; if it is nothing, the failure is final.
    pub fn take_questions(&mut self) -> Vec<Question> {
        std::mem::take(&mut self.questions)
    }

    pub(super) fn asked(&self) -> usize {
        self.questions.len()
    }

    pub(super) fn answer(&mut self) -> Option<Answer> {
        let first = self.answers.partition_point(|(place, _)| *place < self.place);
        let here = self.answers[first..].iter_mut().take_while(|(place, _)| *place == self.place);
        here.map(|(_, answer)| answer.take()).find(Option::is_some).flatten()
    }

    pub(super) fn ask(&mut self, call: Map<String, Value>, encoded: Vec<u8>) {
        self.questions.push(Question { place: self.place.clone(), call, encoded });
    }

    pub(super) fn enter(&mut self, inner_chunk: u32) {
        self.place.push(inner_chunk);
    }

    pub(super) fn leave(&mut self) {
        self.place.pop();
    }
}
