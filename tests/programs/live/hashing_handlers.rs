//! Generated dispatchers for the table in C, with handlers that answer as those of hashing_handlers.h do.

#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unsafe { abort() }
}

extern "C" {
    fn abort() -> !;
}

MODULES

/// What a handler leaves.
#[derive(Default)]
struct Given {
    told: u64,
    status: i64,
    out: [u64; 4],
    entropy: [u8; 24],
}

fn mixed(hash: u64, word: u64) -> u64 {
    let hash = (hash ^ word).wrapping_mul(0x0100_0000_01b3);
    hash ^ hash >> 29
}

impl Given {
    fn tell(&mut self, name: &str, values: &[u64]) {
        let begun = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| mixed(hash, u64::from(byte)));
        let hash = values.iter().fold(begun, |hash, value| mixed(hash, *value));
        self.told = hash;
        self.status = if name == "trng_rnd" && hash % 8 != 0 { 0 } else { hash as i64 };
        for (i, out) in self.out.iter_mut().enumerate().skip(1) {
            *out = mixed(hash, i as u64);
        }
        for (i, byte) in self.entropy.iter_mut().enumerate() {
            *byte = mixed(hash, 4 + i as u64) as u8;
        }
    }
}

macro_rules! exported {
    ($function:ident, $module:ident) => {
        #[no_mangle]
        extern "C" fn $function(x: &[u64; 18], results: &mut [u64; 4]) -> u64 {
            let mut given = Given::default();
            *results = $module::dispatch(&mut given, x);
            given.told
        }
    };
}

HANDLERS
