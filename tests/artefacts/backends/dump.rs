//! Prints what generated modules say: their arrays, and `forwards` on the IDs that the command line names.

MODULES

macro_rules! dump {
    ($module:ident, $ids:expr) => {
        println!("name {}", $module::NAME);
        for entry in &$module::FILTER {
            println!("entry {:x} {:x} {} {:?}", entry.base, entry.nr_functions, entry.action, entry.pad);
            let read = unsafe { core::slice::from_raw_parts(entry.addr() as *const u8, 24) };
            println!("bytes {:?}", read);
        }
        for (id, value) in &$module::REGISTERS {
            println!("register {:x} {:x}", id, value);
        }
        for fid in $ids {
            println!("forwards {:x} {}", fid, $module::forwards(*fid));
        }
    };
}

const _: () = assert!(psci_to_userspace::forwards(0x8400_0003) && !psci_to_userspace::forwards(0x95C1_BA5E));

fn main() {
    let ids: Vec<u32> = std::env::args().skip(1).map(|id| u32::from_str_radix(&id, 16).unwrap()).collect();
    DUMPS
}
