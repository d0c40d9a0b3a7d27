//! Finite-state codes: their descriptions and tables.

use super::super::Input;
use super::super::fse::{self, Alphabet, Table};
use super::write::{counts, forward};

/// The states of a code of so many symbols, which stand for themselves: symbol, bits, base.
fn states(description: &[u8], symbols: usize, max_log: u32) -> Option<Vec<(u8, u8, u16)>> {
    static NONE: [u8; 53] = [0; 53];
    let mut input = Input { bytes: description, at: 0 };
    let mut table = Table::default();
    table.read(&mut input, &Alphabet { extra_bits: &NONE[..symbols], first: 0, max_log }).ok()?;
    assert!(input.rest().is_empty(), "the description ends where it ends");
    let state = |entry: fse::Entry| {
        (entry.value as u8, fse::state_bits(entry.rest) as u8, (entry.next_state(&mut 0) % 512) as u16)
    };
    Some((0..1 << table.log).map(|at| state(table.entry(at))).collect())
}

/// Section 3.1.1.3.2.2.1.
const LITERAL_LENGTHS: [i32; 36] =
    [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1];

#[test]
fn states_are_where_the_specification_has_them() {
    let states = states(&counts(6, &LITERAL_LENGTHS), 36, 9).unwrap();
    // The first and the last of appendix A.
    assert_eq!(states[..6], [(0, 4, 0), (0, 4, 16), (1, 5, 32), (3, 5, 0), (4, 5, 0), (6, 5, 0)]);
    assert_eq!(states[60..], [(35, 6, 0), (34, 6, 0), (33, 6, 0), (32, 6, 0)]);
}

#[test]
fn every_state_can_be_come_to_from_every_symbol_in_one_way() {
    let mut one = vec![0; 52];
    one.push(512);
    let shapes: [(u32, Vec<i32>); 7] = [
        (6, LITERAL_LENGTHS.to_vec()),
        (5, vec![31, -1]),
        (5, vec![-1; 32]),
        (9, one),
        (9, vec![1, 0, 0, 0, 500, 0, -1, 0, 0, 5, 0, 0, 0, 0, 0, 0, 5]),
        (6, vec![0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 31, -1]),
        (7, vec![64, 32, 16, 8, 4, 2, 1, -1]),
    ];
    for (log, shape) in shapes {
        let states = states(&counts(log, &shape), 53, 9).unwrap();
        assert_eq!(states.len(), 1 << log);
        for (symbol, &count) in shape.iter().enumerate() {
            let of_symbol: Vec<_> = states.iter().filter(|state| usize::from(state.0) == symbol).collect();
            assert_eq!(of_symbol.len() as i32, count.abs());
            let mut reached = vec![0; if count == 0 { 0 } else { states.len() }];
            for &&(_, bits, base) in &of_symbol {
                reached[usize::from(base)..][..1 << bits].iter_mut().for_each(|times| *times += 1);
            }
            assert!(reached.iter().all(|&times| times == 1), "{shape:?}, symbol {symbol}");
        }
    }
}

#[test]
fn a_description_of_too_much_is_refused() {
    assert!(states(&counts(9, &[512]), 53, 9).is_some());
    assert!(states(&counts(9, &[512]), 53, 8).is_none());
    assert!(states(&counts(5, &[1; 32]), 32, 9).is_some());
    assert!(states(&counts(5, &[1; 32]), 31, 9).is_none());
    let skips = |zeros: usize| [&vec![0; zeros][..], &[32]].concat();
    assert!(states(&counts(5, &skips(35)), 36, 9).is_some());
    assert!(states(&counts(5, &skips(36)), 36, 9).is_none());
    // Zeros go beyond the symbols with no other count behind them, and then do not end.
    assert!(states(&forward(&[(0, 4), (1, 5), (3, 2), (3, 2), (3, 2), (1, 2), (1, 5)]), 8, 9).is_none());
    assert!(states(&[vec![0x10, 0xfe], vec![0xff; 1000]].concat(), 36, 9).is_none());
}

#[test]
fn a_description_that_is_cut_is_refused() {
    for shape in [&LITERAL_LENGTHS[..], &[63, -1], &[60, 0, 0, 0, 0, 0, 0, 0, 4]] {
        let description = counts(6, shape);
        for len in 0..description.len() {
            assert!(states(&description[..len], 36, 9).is_none(), "{len} of {} bytes", description.len());
        }
    }
}
