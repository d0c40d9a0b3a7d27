//! Zstandard frames, by `structured-zstd`.

use structured_zstd::decoding::errors::{
    DecodeBlockContentError, DecodeBufferError, DecompressBlockError, ErrorCode, ExecuteSequencesError,
    FrameDecoderError,
};
use structured_zstd::decoding::{ContentChecksum, FrameDecoder};

/// The crate's decoder, kept for its tables, with the one setting that must not be forgotten: by default it computes
/// checksums and accepts a wrong one.
pub struct Decoder(FrameDecoder);

impl Default for Decoder {
    fn default() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_content_checksum(ContentChecksum::Verify);
        Self(decoder)
    }
}

impl Decoder {
    /// Decodes all frames of `encoded` and answers how many bytes they hold, or `None` if that is more than `decoded`
    /// has room for; what is wrong with them is a message. Nothing is allocated by what a frame claims: contents go
    /// straight into `decoded`.
    #[inline(never)]
    pub fn decode(&mut self, encoded: &[u8], decoded: &mut [u8]) -> Result<Option<usize>, &'static str> {
        match self.0.decode_all(encoded, decoded) {
            Ok(written) => Ok(Some(written)),
            Err(error) if is_too_small(&error) => Ok(None),
            Err(error) => Err(describe(error.code())),
        }
    }
}

/// The errors of a target that is too small: before a block, and in the midst of one.
fn is_too_small(error: &FrameDecoderError) -> bool {
    matches!(
        error,
        FrameDecoderError::TargetTooSmall
            | FrameDecoderError::FailedToReadBlockBody(DecodeBlockContentError::DecompressBlockError(
                DecompressBlockError::ExecuteSequencesError(
                    ExecuteSequencesError::OutputBufferOverflow { .. }
                        | ExecuteSequencesError::DecodebufferError(DecodeBufferError::OutputBufferOverflow { .. }),
                ),
            ))
    )
}

/// By class: the crate's own messages, of every field that can be wrong, are a tenth of the whole download.
fn describe(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::ChecksumWrong => "checksum mismatch: the frame decodes to other bytes than were encoded",
        ErrorCode::PrefixUnknown => "no frame begins where one is expected",
        ErrorCode::FrameParameterWindowTooLarge => "the frame needs a window that is larger than any writer's",
        ErrorCode::DictionaryWrong => "the frame needs a dictionary",
        ErrorCode::SrcSizeWrong => "the frame ends early",
        other => other.message(),
    }
}
