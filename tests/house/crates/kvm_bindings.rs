//! What README's Rust names of the crate `kvm-bindings`, as it is there.
#![allow(non_camel_case_types)]

pub struct kvm_device_attr {
    pub flags: u32,
    pub group: u32,
    pub attr: u64,
    pub addr: u64,
}
