//! What a VMM takes from kvm-bindings and kvm-ioctls, with an ioctl that remembers what it is given.

#![allow(non_camel_case_types, non_upper_case_globals, clippy::missing_safety_doc)]

use std::cell::RefCell;

#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct kvm_smccc_filter {
    pub base: u32,
    pub nr_functions: u32,
    pub action: u8,
    pub pad: [u8; 15],
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct kvm_device_attr {
    pub flags: u32,
    pub group: u32,
    pub attr: u64,
    pub addr: u64,
}

pub const KVM_SMCCC_FILTER_HANDLE: u32 = 0;
pub const KVM_SMCCC_FILTER_DENY: u32 = 1;
pub const KVM_SMCCC_FILTER_FWD_TO_USER: u32 = 2;
pub const kvm_smccc_filter_action_KVM_SMCCC_FILTER_DENY: u32 = 1;
pub const kvm_smccc_filter_action_KVM_SMCCC_FILTER_FWD_TO_USER: u32 = 2;
pub const PSCI_0_2_FN_BASE: u32 = 0x8400_0000;
pub const PSCI_0_2_FN64_BASE: u32 = 0xC400_0000;
pub const KVM_PSCI_FN_BASE: u32 = 0x95C1_BA5E;

thread_local! {
    static INSTALLED: RefCell<Vec<kvm_smccc_filter>> = RefCell::new(Vec::new());
}

pub fn install(filter: &kvm_smccc_filter) {
    INSTALLED.with(|all| all.borrow_mut().push(*filter));
}

pub fn install_value(filter: kvm_smccc_filter) {
    install(&filter);
}

pub fn install_at(address: u64) {
    install(unsafe { &*(address as *const kvm_smccc_filter) });
}

pub unsafe fn ioctl_with_ref(_fd: i32, _request: u64, attr: &kvm_device_attr) -> i32 {
    install_at(attr.addr);
    0
}

pub fn has_filter() -> bool {
    true
}

/// Run a program and print what it installed, or that it panicked.
pub fn dump(number: u32, program: fn()) {
    INSTALLED.with(|all| all.borrow_mut().clear());
    let panicked = std::panic::catch_unwind(program).is_err();
    println!("program {number}{}", if panicked { " panicked" } else { "" });
    INSTALLED.with(|all| {
        for f in all.borrow().iter() {
            println!("{} {} {}", f.base, f.nr_functions, f.action);
        }
    });
}
