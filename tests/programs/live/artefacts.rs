//! Prints the bytes of generated modules' tables, as a VMM written in Rust hands them to KVM: name, filter, registers.

MODULES

macro_rules! dump {
    ($module:ident) => {{
        let filter = &$module::FILTER;
        let bytes = unsafe { core::slice::from_raw_parts(filter.as_ptr().cast::<u8>(), core::mem::size_of_val(filter)) };
        print!("{} ", $module::NAME);
        hexadecimal(bytes);
        for (id, value) in &$module::REGISTERS {
            print!(" {:x}={:x}", id, value);
        }
        println!();
    }};
}

fn hexadecimal(bytes: &[u8]) {
    for byte in bytes {
        print!("{:02x}", byte);
    }
}

fn main() {
    DUMPS
}
