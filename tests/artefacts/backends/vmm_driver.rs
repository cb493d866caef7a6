//! Makes the exits that standard input describes to generated dispatchers, and prints what they answer and which handler
//! they call with what.

use std::io::BufRead;

MODULES

/// What a handler leaves, and what the last one was told.
#[derive(Default)]
struct Given {
    status: i64,
    out: [u64; 4],
    entropy: [u8; 24],
    called: String,
}

impl Given {
    fn tell(&mut self, name: &str, values: &[u64]) {
        self.called = name.to_string();
        for value in values {
            self.called += &format!(" {value:x}");
        }
    }
}

HANDLERS

fn shown(results: &[u64; 4]) -> String {
    format!("{:x} {:x} {:x} {:x}", results[0], results[1], results[2], results[3])
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let mut x = [0_u64; 18];
        for (register, word) in x.iter_mut().zip(&words[2..20]) {
            *register = u64::from_str_radix(word, 16).unwrap();
        }
        let mut given = Given { status: words[20].parse().unwrap(), ..Given::default() };
        for (out, word) in given.out[1..].iter_mut().zip(&words[21..24]) {
            *out = u64::from_str_radix(word, 16).unwrap();
        }
        for (byte, word) in given.entropy.iter_mut().zip(&words[24..]) {
            *byte = u8::from_str_radix(word, 16).unwrap();
        }
        let (answer, results) = match words[0] {
            CASES
            _ => unreachable!(),
        };
        let answer = answer.map_or("0 1 2 3 4".to_string(), |results| format!("1 {}", shown(&results)));
        println!(" | answer {answer} | dispatch 1 {} | {} |", shown(&results), given.called);
    }
}
