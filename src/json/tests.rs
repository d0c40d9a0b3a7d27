use serde_json::{Value, json};

use super::*;

/// What serde_json makes of a text, and what we do.
fn compare(text: &[u8]) {
    let expected: Option<Value> = serde_json::from_slice(text).ok();
    let found = parse(text, "");
    let shown = String::from_utf8_lossy(text);
    match (&expected, &found) {
        (Some(expected), Ok(found)) => {
            // Also the sign of zero.
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{shown}");
            assert_eq!(super::text(found), serde_json::to_string(found).unwrap());
        }
        (None, Err(_)) => {}
        _ if WORDS.iter().any(|(word, _)| shown.contains(word)) => {}
        _ => panic!("{shown:?}: {found:?}, serde_json: {expected:?}"),
    }
}

/// Random numbers that are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 8) as usize % end
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn digits(&mut self, max: usize) -> String {
        (0..=self.below(max)).map(|_| self.one_of(b"0001234567899") as char).collect()
    }

    fn number(&mut self) -> String {
        let mut text = self.one_of(&["", "", "-"]).to_owned();
        text += &if self.below(3) == 0 { "0".to_owned() } else { self.digits(22) };
        if self.below(2) == 0 {
            text = text + "." + &self.digits(25);
        }
        if self.below(2) == 0 {
            text = text + self.one_of(&["e", "E"]) + self.one_of(&["", "-", "+"]) + &self.below(330).to_string();
        }
        text
    }

    fn string(&mut self) -> String {
        let piece = |random: &mut Self| {
            random.one_of(&[
                "a",
                "é",
                "𝄞",
                "\\n",
                "\\\"",
                "\\\\",
                "\\/",
                "\\u00e9",
                "\\ud834\\udd1e",
                "\\u0000",
                "\u{7f}",
                "\\ud834",
                "\\b",
                "\\f",
                "\\r",
                "\\t",
                "\\uDD1E",
                "\\x",
                "\t",
                "b",
                "c",
                "d",
                "e",
                "f",
                "g",
                "NaN",
            ])
        };
        let pieces: String = (0..self.below(5)).map(|_| piece(self)).collect();
        format!("\"{pieces}\"")
    }

    fn value(&mut self, depth: usize) -> String {
        let space = self.one_of(&["", "", "", " ", "\n", "\t\r"]);
        let value = match self.below(if depth == 0 { 5 } else { 7 }) {
            0 => self.one_of(&["null", "true", "false"]).to_owned(),
            1..=2 => self.number(),
            3..=4 => self.string(),
            5 => {
                let items: Vec<_> = (0..self.below(4)).map(|_| self.value(depth - 1)).collect();
                format!("[{}]", items.join(","))
            }
            _ => {
                let members = (0..self.below(4)).map(|_| self.string() + space + ":" + &self.value(depth - 1));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
        };
        [space, &value, space].concat()
    }
}

#[test]
fn random_documents_are_what_serde_json_says() {
    let mut random = Random(1);
    for _ in 0..20_000 {
        let mut text = random.value(4).into_bytes();
        compare(&text);
        for _ in 0..3 {
            let at = random.below(text.len());
            match random.below(3) {
                0 => text[at] = random.one_of(b"{}[]\",:\\0123456789.-+eEnulltrue \n\t\xff\x80\xc3\x1f"),
                1 => text.truncate(at.max(1)),
                _ => text.insert(at, random.one_of(b"{}[]\",:\\0-.e \xe2\x82\xac")),
            }
            compare(&text);
        }
    }
}

#[test]
fn what_is_at_the_limits_is_what_serde_json_says() {
    for text in [
        "",
        " ",
        "-",
        "-0",
        "0",
        "-0.0",
        "00",
        "01",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "1.e5",
        "1E5",
        "1e-5",
        "- 1",
        "nul",
        "nulll",
        "true1",
        "[1,]",
        "[,]",
        "[",
        "[1",
        "[1 2]",
        "{",
        "{}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1 \"b\":2}",
        "\"",
        "\"\\",
        "\"\\u",
        "\"\\u12\"",
        "\"\\u+123\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\ud800x\"",
        "\"\\udc00\\ud800\"",
        "\"\\udbff\\udfff\"",
        "\"\\ud800\\n\"",
        "1 1",
        "\u{feff}1",
        "\u{a0}1",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "-18446744073709551616",
        "9007199254740993",
        "1e400",
        "-1e400",
        "1e-400",
        "0e400",
        "0e99999999999999999999",
        "-0e1",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "179769313486231580793e289",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "123456789012345678901234567890",
        "0.1e1",
        "1e22",
        "1e23",
    ] {
        compare(text.as_bytes());
    }
    for depth in [126, 127, 128, 129, 100_000] {
        compare(format!("{}{}", "[".repeat(depth), "]".repeat(depth)).as_bytes());
        compare(format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)).as_bytes());
        compare("[".repeat(depth).as_bytes());
    }
    // Beside one another is not in one another.
    compare(format!("[{}1]", "[[]],".repeat(1000)).as_bytes());
}

/// The parser of the standard library is another algorithm than ours and that of serde_json.
fn compare_float(digits: &str, exponent: i64) {
    let expected: f64 = format!("{digits}e{exponent}").parse().unwrap();
    let found = float::nearest(digits.bytes(), exponent);
    assert_eq!(found.to_bits(), expected.to_bits(), "{digits}e{exponent}: {found:e}, expected {expected:e}");
}

#[test]
fn decimals_become_the_nearest_floats() {
    let mut random = Random(2);
    for _ in 0..50_000 {
        let digits = random.digits(40);
        let exponent = random.below(720) as i64 - 360;
        compare_float(&digits, exponent);
    }
    for _ in 0..300 {
        compare_float(&random.digits(1500), random.below(400) as i64 - 1500);
    }
}

#[test]
fn the_middle_between_two_floats_goes_to_the_even_one_and_all_beside_it_to_the_nearer() {
    let mut random = Random(3);
    for round in 0..3000 {
        // The middle above a float has one more bit: in decimals it ends after at most 1075 places.
        let bits = if round < 300 { random.next() >> 12 } else { random.next() & (0x7fe << 52 | ((1 << 52) - 1)) };
        let float = f64::from_bits(bits);
        let mantissa = bits & ((1 << 52) - 1);
        let (mantissa, power) =
            if bits >> 52 == 0 { (mantissa, -1074) } else { (mantissa | 1 << 52, (bits >> 52) as i32 - 1075) };
        // In units of 2^(power - 1), written out by doubling or halving decimal digits.
        let mut digits: Vec<u8> = (2 * mantissa + 1).to_string().bytes().map(|digit| digit - b'0').collect();
        let mut places = 0;
        for _ in 0..(power - 1).unsigned_abs() {
            // Halving is times five, over ten.
            let factor = if power > 0 { 2 } else { 5 };
            let mut carry = 0;
            for digit in digits.iter_mut().rev() {
                carry += *digit * factor;
                *digit = carry % 10;
                carry /= 10;
            }
            if carry > 0 {
                digits.insert(0, carry);
            }
            places += i64::from(power <= 0);
        }
        while digits.last() == Some(&0) {
            digits.pop();
            places -= 1;
        }
        let above = f64::from_bits(bits + 1);
        let even = if bits.is_multiple_of(2) { float } else { above };
        let parse = |digits: &[u8], exponent| float::nearest(digits.iter().map(|digit| digit + b'0'), exponent);
        assert_eq!(parse(&digits, -places), even);
        let more = [&digits[..], &[0; 30], &[1]].concat();
        assert_eq!(parse(&more, -places - 31), above);
        let mut less = digits.clone();
        *less.last_mut().unwrap() -= 1;
        less.extend([9; 1000]);
        assert_eq!(parse(&less, -places - 1000), float);
    }
}

#[test]
fn floats_are_written_so_that_they_are_read_again() {
    let mut random = Random(4);
    let special =
        [0.0, -0.0, 5e-324, f64::MAX, f64::MIN_POSITIVE, 1e15, 1e16, 1e17, 123_456_789e8, 1e-4, 1e-5, 9.5e-5, 0.3, 2.5];
    let powers = (0..2046).map(|exponent: u64| f64::from_bits(exponent << 52));
    let short = (0..2000).map(|number| f64::from(number) / 100.0);
    let random = (0..20_000).map(|_| f64::from_bits(random.next())).filter(|float| float.is_finite());
    for float in special.into_iter().chain(powers).chain(short).chain(random) {
        let written = float_text(float);
        let read: f64 = written.parse().unwrap();
        assert_eq!(read.to_bits(), float.to_bits(), "{written}");
        let theirs = serde_json::to_string(&float).unwrap();
        let is_power_of_two = float.to_bits() << 12 == 0;
        assert!(written == theirs || is_power_of_two, "{written}, serde_json: {theirs}");
    }
}

#[test]
fn bare_words_become_marked_strings() {
    let text = br#"{"fill_value": NaN, "a": [-Infinity, Infinity, 1], "s": "NaN \" Infinity", "Infinity": 2}"#;
    let expected =
        json!({"fill_value": "NaN", "a": ["-Infinity", "Infinity", 1], "s": "NaN \" Infinity", "Infinity": 2});
    assert_eq!(parse(text, "").unwrap(), expected);
    assert_eq!(parse(b"[NaN, \"NaN\"]", "?").unwrap(), json!(["?NaN", "NaN"]));
    for text in ["[nan]", "[NaNs]", "[+Infinity]", "{NaN: 1}", "[-NaN]", "NaN1"] {
        assert!(parse(text.as_bytes(), "").is_err(), "{text}");
    }
}

#[test]
fn an_error_says_what_is_expected_where() {
    let message = |text: &str| parse(text.as_bytes(), "").unwrap_err().to_string();
    assert_eq!(message("[1, x]"), "expected a value at byte 4");
    assert_eq!(message("{\"a\" 1}"), "expected a colon at byte 5");
    assert_eq!(message("[1"), "expected a comma or the end of a list or object at byte 2");
}
