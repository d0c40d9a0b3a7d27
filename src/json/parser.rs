//! The grammar of JSON (RFC 8259). As usual, of members with the same name the last one counts, lone surrogates are no
//! text, integers of 64 bits are kept as such, other numbers are the nearest float64, and none is beyond the largest.

use std::fmt;

use serde_json::{Map, Number, Value};

use super::{WORDS, float};

/// Lists and objects in one another that are too many.
const MAX_DEPTH: usize = 128;

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    expected: &'static str,
    /// Bytes before the place.
    at: usize,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.at)
    }
}

type Result<T> = std::result::Result<T, SyntaxError>;

/// Parses JSON; the bare words become strings, with `mark` before them so that they can be told from texts.
pub fn parse(bytes: &[u8], mark: &str) -> Result<Value> {
    let mut parser = Parser { rest: bytes, len: bytes.len(), depth: 0, mark };
    let value = parser.value()?;
    parser.skip_space();
    if parser.rest.is_empty() { Ok(value) } else { parser.fail("the end") }
}

struct Parser<'a> {
    rest: &'a [u8],
    /// Bytes of the whole text.
    len: usize,
    depth: usize,
    mark: &'a str,
}

impl<'a> Parser<'a> {
    fn fail<T>(&self, expected: &'static str) -> Result<T> {
        Err(SyntaxError { expected, at: self.len - self.rest.len() })
    }

    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let len = self.rest.iter().position(|&byte| !belongs(byte));
        self.take(len.unwrap_or(self.rest.len()))
    }

    fn skip_space(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
    }

    /// Whether the text goes on with `token`, which then is behind.
    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token.as_bytes());
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self) -> Result<Value> {
        self.skip_space();
        match self.rest.first() {
            Some(b'0'..=b'9') => return self.number(false),
            Some(b'"') => return self.string().map(Value::String),
            Some(b'[') => return self.list(),
            Some(b'{') => return self.object(),
            _ => {}
        }
        for (word, value) in [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))] {
            if self.eat(word) {
                return Ok(value);
            }
        }
        for (word, _) in WORDS {
            if self.eat(word) {
                return Ok(Value::String([self.mark, word].concat()));
            }
        }
        if self.eat("-") { self.number(true) } else { self.fail("a value") }
    }

    fn enter(&mut self) -> Result<()> {
        self.take(1);
        self.depth += 1;
        if self.depth < MAX_DEPTH { Ok(()) } else { self.fail("no value so deep") }
    }

    /// Whether another item follows in what ends with `end`; the first one has no comma before it.
    fn goes_on(&mut self, end: &str, is_first: bool) -> Result<bool> {
        self.skip_space();
        if self.eat(end) {
            self.depth -= 1;
            return Ok(false);
        }
        if is_first || self.eat(",") { Ok(true) } else { self.fail("a comma or the end of a list or object") }
    }

    fn list(&mut self) -> Result<Value> {
        self.enter()?;
        let mut items = Vec::new();
        while self.goes_on("]", items.is_empty())? {
            items.push(self.value()?);
        }
        Ok(Value::Array(items))
    }

    fn object(&mut self) -> Result<Value> {
        self.enter()?;
        let mut members = Map::new();
        while self.goes_on("}", members.is_empty())? {
            self.skip_space();
            if self.rest.first() != Some(&b'"') {
                return self.fail("the name of a member");
            }
            let name = self.string()?;
            self.skip_space();
            if !self.eat(":") {
                return self.fail("a colon");
            }
            let value = self.value()?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }

    fn string(&mut self) -> Result<String> {
        self.take(1);
        let mut text = Vec::new();
        loop {
            text.extend_from_slice(self.take_while(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\'));
            if self.eat("\"") {
                let text = String::from_utf8(text);
                return text.or_else(|_| self.fail("a string in UTF-8 before its end"));
            }
            if !self.eat("\\") {
                return self.fail("a character of a string, or its end");
            }
            let character = self.escaped()?;
            text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    /// The character of an escape, of which the backslash is behind.
    fn escaped(&mut self) -> Result<char> {
        Ok(match self.take(1) {
            [plain @ (b'"' | b'\\' | b'/')] => char::from(*plain),
            b"b" => '\x08',
            b"f" => '\x0c',
            b"n" => '\n',
            b"r" => '\r',
            b"t" => '\t',
            b"u" => {
                let mut code = self.hex()?;
                if (0xd800..0xdc00).contains(&code) && self.eat("\\u") {
                    let low = self.hex()?;
                    if !(0xdc00..0xe000).contains(&low) {
                        return self.fail("the second half of a surrogate pair before");
                    }
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                }
                match char::from_u32(code) {
                    Some(character) => character,
                    None => return self.fail("a whole surrogate pair before"),
                }
            }
            _ => return self.fail("a known escape before"),
        })
    }

    fn hex(&mut self) -> Result<u32> {
        let digits = self.take(4);
        let code = digits.iter().try_fold(0, |code, &digit| Some(code * 16 + char::from(digit).to_digit(16)?));
        match code {
            Some(code) if digits.len() == 4 => Ok(code),
            _ => self.fail("four hexadecimal digits before"),
        }
    }

    fn digits(&mut self) -> Result<&'a [u8]> {
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        if digits.is_empty() { self.fail("a digit") } else { Ok(digits) }
    }

    /// A number, of which the sign is behind.
    fn number(&mut self, is_negative: bool) -> Result<Value> {
        let whole = match self.eat("0") {
            true => b"0",
            false => self.digits()?,
        };
        let fraction = if self.eat(".") { Some(self.digits()?) } else { None };
        let exponent = if self.eat("e") || self.eat("E") { Some(self.exponent()?) } else { None };
        if (fraction, exponent) == (None, None)
            && let Some(integer) = integer(whole, is_negative)
        {
            return Ok(integer.into());
        }
        let fraction = fraction.unwrap_or_default();
        let digits = whole.iter().chain(fraction).copied();
        let exponent = exponent.unwrap_or(0).saturating_sub(fraction.len() as i64);
        let float = float::nearest(digits, exponent);
        match Number::from_f64(if is_negative { -float } else { float }) {
            Some(number) => Ok(Value::Number(number)),
            None => self.fail("a number that float64 holds before"),
        }
    }

    fn exponent(&mut self) -> Result<i64> {
        let is_negative = self.eat("-");
        if !is_negative {
            self.eat("+");
        }
        let add = |number: i64, digit: &u8| number.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
        let exponent = self.digits()?.iter().fold(0, add);
        Ok(if is_negative { -exponent } else { exponent })
    }
}

/// The integer if it has 64 bits; −0 is none.
fn integer(digits: &[u8], is_negative: bool) -> Option<Number> {
    let add = |number: u64, digit: &u8| number.checked_mul(10)?.checked_add(u64::from(digit - b'0'));
    let number = digits.iter().try_fold(0, add)?;
    match is_negative {
        false => Some(number.into()),
        true => 0i64.checked_sub_unsigned(number).filter(|&number| number != 0).map(Number::from),
    }
}
