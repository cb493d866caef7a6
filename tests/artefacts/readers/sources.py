"""C and Rust that somebody could have written, and what it holds: base, number, action, and how the base is written."""

from typing import NamedTuple

from smccc_filter.kvm.uapi import Action

HANDLE, DENY, FORWARD = Action.HANDLE, Action.DENY, Action.FORWARD

Row = tuple[int, int, Action]


class Source(NamedTuple):
    """A source that compiles where ``array`` is set: the name of the array that holds exactly ``rows``."""

    text: str
    rows: tuple[Row, ...]
    array: str | None = None
    written: tuple[str, ...] | None = None


LINUX_NAMES = """\
#define PSCI_0_2_FN_BASE 0x84000000
#define PSCI_0_2_64BIT 0x40000000
#define PSCI_0_2_FN64_BASE (PSCI_0_2_FN_BASE + PSCI_0_2_64BIT)
#define PSCI_0_2_FN(n) (PSCI_0_2_FN_BASE + (n))
#define PSCI_0_2_FN64(n) (PSCI_0_2_FN64_BASE + (n))
#define PSCI_0_2_FN64_CPU_ON PSCI_0_2_FN64(3)
#define PSCI_0_2_FN_CPU_OFF PSCI_0_2_FN(2)
#define KVM_PSCI_FN_BASE 0x95c1ba5e
#define KVM_PSCI_FN(n) (KVM_PSCI_FN_BASE + (n))
#define ARM_SMCCC_FAST_CALL 1UL
#define ARM_SMCCC_SMC_32 0
#define ARM_SMCCC_SMC_64 1
#define ARM_SMCCC_OWNER_VENDOR_HYP 6
#define ARM_SMCCC_CALL_VAL(type, conv, owner, number) \\
    (((type) << 31) | ((conv) << 30) | (((owner) & 0x3F) << 24) | ((number) & 0xFFFF))
"""
"""What the C below takes from Linux's headers, for a compiler that does not have them."""

C = {
    "an array, by designators": Source(
        """
        static struct kvm_smccc_filter psci_ranges[] = {
            { .base = KVM_PSCI_FN_BASE, .nr_functions = 4, .action = KVM_SMCCC_FILTER_DENY },
            { .base = PSCI_0_2_FN_BASE, .nr_functions = 0x20, .action = KVM_SMCCC_FILTER_FWD_TO_USER, },
            {
                .action = KVM_SMCCC_FILTER_FWD_TO_USER,
                .nr_functions = 32,
                .base = PSCI_0_2_FN64_BASE,
            },
        };
        """,
        ((0x95C1BA5E, 4, DENY), (0x84000000, 32, FORWARD), (0xC4000000, 32, FORWARD)),
        "psci_ranges",
        ("KVM_PSCI_FN_BASE", "PSCI_0_2_FN_BASE", "PSCI_0_2_FN64_BASE"),
    ),
    "an array, by position": Source(
        """
        const struct kvm_smccc_filter f[2] = {{0x82000000U, 0x10000UL, 1, {0}}, {0xc2000000u, 1 << 16, 2}};
        """,
        ((0x82000000, 0x10000, DENY), (0xC2000000, 0x10000, FORWARD)),
        "f",
        ("0x82000000U", "0xc2000000u"),
    ),
    "elements by index, in any order": Source(
        "struct kvm_smccc_filter f[] = { [1] = {3, 1, 1}, {5, 1, 0}, [0] = {.base = 1, .nr_functions = 1} };",
        ((1, 1, HANDLE), (3, 1, DENY), (5, 1, HANDLE)),
        "f",
    ),
    "a position behind a designator": Source(
        "struct kvm_smccc_filter f[] = { { .nr_functions = 2, KVM_SMCCC_FILTER_DENY, .base = 7 } };",
        ((7, 2, DENY),),
        "f",
    ),
    "calculated constants": Source(
        """
        #define COUNT 0x1f + 1  /* not in brackets: what it is part of matters */
        #define FIRST(owner) (0x80000000u | (owner) << 24)
        struct kvm_smccc_filter f[] = {
            { FIRST(2), COUNT * 2, 1 },
            { ((0xC4000050)), 020, (__u8)2 },
            { ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL, ARM_SMCCC_SMC_64, ARM_SMCCC_OWNER_VENDOR_HYP, 64), 2, 2 },
            { KVM_PSCI_FN(1), 1, 1 },
        };
        """,
        ((0x82000000, 0x21, DENY), (0xC4000050, 16, FORWARD), (0xC6000040, 2, FORWARD), (0x95C1BA5F, 1, DENY)),
        "f",
        (
            "FIRST(2)",
            "0xC4000050",
            "ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL, ARM_SMCCC_SMC_64, ARM_SMCCC_OWNER_VENDOR_HYP, 64)",
            "KVM_PSCI_FN(1)",
        ),
    ),
    "a macro for the entry": Source(
        """
        #define RANGE(first, count, what) \\
            { .base = (first), .nr_functions = (count), .action = KVM_SMCCC_FILTER_DENY, .pad = { 0 } }
        #define LIST RANGE(0x84000050, 16, deny), RANGE(0xC4000050, 16, deny)
        struct kvm_smccc_filter f[] = { LIST };
        """,
        ((0x84000050, 16, DENY), (0xC4000050, 16, DENY)),
        "f",
    ),
    "comments, strings and joined lines where they hurt": Source(
        """
        /* struct kvm_smccc_filter a[] = { {1, 1, 1} }; */
        // struct kvm_smccc_filter b[] = { {2, 1, 1} }; \\
           {3, 1, 1} };
        const char *text = "struct kvm_smccc_filter c[] = { {4, 1, 1} }; // \\"";
        const char quote = '"';
        struct kvm_smccc_fil\\
ter f[] = { {5/**/, 1, /* , 2 */ 1} };
        """,
        ((5, 1, DENY),),
        "f",
    ),
    "conditions that the file decides": Source(
        """
        #define WITH_TRNG
        #if 0
        struct kvm_smccc_filter f[] = { {1, 1, 1} }; it's dead
        #elif defined(WITH_TRNG) && !defined(UNDEFINED_HERE_BELOW) || 1
        struct kvm_smccc_filter f[] = { {2, 1, 1},
        #ifndef WITH_TRNG
            {3, 1, 1},
        #else
            {4, 1, 1},
        #endif
        };
        #else
        #error nothing
        #endif
        """,
        ((2, 1, DENY), (4, 1, DENY)),
        "f",
    ),
    "a macro that changes": Source(
        """
        #define FIRST 1
        struct kvm_smccc_filter f[] = { {FIRST, 1, 1},
        #undef FIRST
        #define FIRST 9
            {FIRST, 1, 1} };
        """,
        ((1, 1, DENY), (9, 1, DENY)),
        "f",
        ("FIRST", "FIRST"),
    ),
    "a typedef": Source(
        "typedef struct kvm_smccc_filter range_t; static const range_t f[] = { {1, 1, 1}, };",
        ((1, 1, DENY),),
        "f",
    ),
    "literals": Source(
        """
        struct kvm_smccc_filter f[] = {
            (struct kvm_smccc_filter){ .base = 1, .nr_functions = 1, .action = KVM_SMCCC_FILTER_DENY },
        };
        """,
        ((1, 1, DENY),),
    ),
    "a variable, and a copy of it": Source(
        """
        void install(int fd) {
            struct kvm_smccc_filter trng = { 0x84000050, 16, KVM_SMCCC_FILTER_FWD_TO_USER };
            struct kvm_smccc_filter copy = trng;
            kvm_device_attr_set(fd, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, &trng);
            ioctl(fd, KVM_SET_DEVICE_ATTR, &(struct kvm_smccc_filter){ 0xC4000050, 16, KVM_SMCCC_FILTER_FWD_TO_USER });
        }
        """,
        ((0x84000050, 16, FORWARD), (0xC4000050, 16, FORWARD)),
    ),
    "calls of a function with its body": Source(
        """
        int forward(int fd, uint32_t id);
        static int install(int fd, uint32_t first, uint32_t last, uint8_t what)
        {
            struct kvm_smccc_filter range = { .base = first, .nr_functions = last - first + 1, .action = what };
            return ioctl(fd, KVM_SET_DEVICE_ATTR, &range);
        }
        int forward(int fd, uint32_t id) { return install(fd, id, id, KVM_SMCCC_FILTER_FWD_TO_USER); }
        void setup(int fd)
        {
            if (forward(fd, PSCI_0_2_FN64_CPU_ON) || install(fd, 0x82000000, 0x8200FFFF, KVM_SMCCC_FILTER_DENY))
                abort();
        }
        """,
        ((0xC4000003, 1, FORWARD), (0x82000000, 0x10000, DENY)),
        None,
        ("PSCI_0_2_FN64_CPU_ON", "0x82000000"),
    ),
    "calls as in Linux's selftest, handed on once": Source(
        """
        static int __set_smccc_filter(struct kvm_vm *vm, uint32_t start, uint32_t nr_functions,
                                      enum kvm_smccc_filter_action action)
        {
            struct kvm_smccc_filter filter = { .base = start, .nr_functions = nr_functions, .action = action };

            return __kvm_device_attr_set(vm->fd, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, &filter);
        }
        static void set_smccc_filter(struct kvm_vm *vm, uint32_t start, uint32_t nr_functions,
                                     enum kvm_smccc_filter_action action)
        {
            int ret = __set_smccc_filter(vm, start, nr_functions, action);

            TEST_ASSERT(!ret, "failed to configure SMCCC filter: %d", ret);
        }
        static void test_filter_denied(void)
        {
            struct kvm_vm *vm = setup_vm();

            set_smccc_filter(vm, PSCI_0_2_FN_PSCI_VERSION, 1, KVM_SMCCC_FILTER_DENY);
        }
        """,
        ((0x84000000, 1, DENY),),
    ),
    "an array given to KVM as kvmtool does": Source(
        """
        static struct kvm_smccc_filter filter_ranges[] = {
            { .base = KVM_PSCI_FN_BASE, .nr_functions = 4, .action = KVM_SMCCC_FILTER_DENY },
        };
        static void setup_smccc(struct kvm *kvm)
        {
            struct kvm_device_attr attr = { .group = KVM_ARM_VM_SMCCC_CTRL, .attr = KVM_ARM_VM_SMCCC_FILTER };
            unsigned int i;

            if (ioctl(kvm->vm_fd, KVM_HAS_DEVICE_ATTR, &attr))
                return;
            for (i = 0; i < ARRAY_SIZE(filter_ranges); i++) {
                attr.addr = (u64)&filter_ranges[i];
                if (ioctl(kvm->vm_fd, KVM_SET_DEVICE_ATTR, &attr))
                    die_perror("KVM_SET_DEVICE_ATTR failed");
            }
        }
        """,
        ((0x95C1BA5E, 4, DENY),),
    ),
    "the function of QEMU's series": Source(
        """
        int kvm_arm_set_smccc_filter(uint64_t func, uint8_t faction)
        {
            struct kvm_smccc_filter filter = { .base = func, .nr_functions = 1, .action = faction };
            struct kvm_device_attr attr = {
                .group = KVM_ARM_VM_SMCCC_CTRL,
                .attr = KVM_ARM_VM_SMCCC_FILTER,
                .flags = 0,
                .addr = (uintptr_t)&filter,
            };

            if (kvm_vm_ioctl(kvm_state, KVM_SET_DEVICE_ATTR, &attr)) {
                error_report("failed to set SMCCC filter in the kernel: %s", strerror(errno));
                return -1;
            }
            return 0;
        }
        int kvm_arch_init(MachineState *ms, KVMState *s)
        {
            return kvm_arm_set_smccc_filter(PSCI_0_2_FN64_CPU_ON, KVM_SMCCC_FILTER_FWD_TO_USER);
        }
        """,
        ((0xC4000003, 1, FORWARD),),
    ),
    "constants of the file": Source(
        """
        enum { FIRST = 0x84000000, SECOND, ALL = 1 << 4 };
        static const uint32_t count = ALL + 1;
        struct kvm_smccc_filter f[] = { { SECOND, count, 1 } };
        """,
        ((0x84000001, 17, DENY),),
    ),
    "calls as in QEMU's series, whose function is in another file": Source(
        """
        int kvm_arch_init(MachineState *ms, KVMState *s)
        {
            if (kvm_arm_set_smccc_filter(PSCI_0_2_FN64_CPU_ON, KVM_SMCCC_FILTER_FWD_TO_USER)) {
                return -1;
            }
            return kvm_arm_set_smccc_filter(PSCI_0_2_FN_CPU_OFF,
                                            KVM_SMCCC_FILTER_FWD_TO_USER);
        }
        """,
        ((0xC4000003, 1, FORWARD), (0x84000002, 1, FORWARD)),
        None,
        ("PSCI_0_2_FN64_CPU_ON", "PSCI_0_2_FN_CPU_OFF"),
    ),
    "a struct of the same fields": Source(
        """
        struct my_range { uint32_t base; uint32_t nr_functions; uint8_t action; uint8_t pad[15]; };
        extern "C" { static struct my_range f[] = { {1, 2, 1} }; }
        """,
        ((1, 2, DENY),),
    ),
    "fields one by one": Source(
        """
        static int forward(int fd, uint32_t first)
        {
            struct kvm_smccc_filter range = { 0 };
            struct kvm_device_attr attr = { 0 };

            range.base = first;
            range.nr_functions = 16;
            range.action = KVM_SMCCC_FILTER_FWD_TO_USER;
            range.pad[0] = 0;
            attr.addr = (uintptr_t)&range;
            return ioctl(fd, KVM_SET_DEVICE_ATTR, &attr);
        }
        void setup(int fd)
        {
            enum { FIRST = 0x82000000 };
            struct kvm_smccc_filter ranges[2];
            int i;
            memset(ranges, 0, sizeof(ranges));
            ranges[0].base = FIRST;
            ranges[0].nr_functions = 1;
            ranges[1].base = 1;
            ranges[1].base = FIRST + 1;
            ranges[1].nr_functions = 2;
            ranges[1].action = KVM_SMCCC_FILTER_DENY;
            forward(fd, 0x84000050);
            for (i = 0; i < 2; i++)
                ioctl(fd, KVM_SET_DEVICE_ATTR, &ranges[i]);
        }
        """,
        ((0x82000000, 1, HANDLE), (0x82000001, 2, DENY), (0x84000050, 16, FORWARD)),
        None,
        ("FIRST", "FIRST + 1", "0x84000050"),
    ),
    "C++": Source(
        "namespace vmm { constexpr kvm_smccc_filter f[]{{0x8400'0050, 16, 2}}; auto g = kvm_smccc_filter{1, 1, 1}; }",
        ((0x84000050, 16, FORWARD), (1, 1, DENY)),
    ),
    "a default that says what Linux says": Source(
        """
        #ifndef PSCI_0_2_FN_BASE
        #define PSCI_0_2_FN_BASE 0x84000000
        #endif
        struct kvm_smccc_filter f[] = { { PSCI_0_2_FN_BASE, 1, 1 } };
        """,
        ((0x84000000, 1, DENY),),
    ),
}

RUST = {
    "kvm-bindings": Source(
        """
        use kvm_bindings::{kvm_smccc_filter, kvm_smccc_filter_action_KVM_SMCCC_FILTER_DENY};
        pub static RANGES: [kvm_smccc_filter; 2] = [
            kvm_smccc_filter {
                base: 0x8400_0050,
                nr_functions: 0x10u32,
                action: kvm_smccc_filter_action_KVM_SMCCC_FILTER_DENY as u8,
                pad: [0; 15],
            },
            kvm_smccc_filter { pad: [0u8; 15], base: TRNG64, nr_functions: 1_6, action: 2 },
        ];
        const TRNG64: u32 = SMC64 | TRNG;
        const SMC64: u32 = 1 << 30;
        const TRNG: u32 = 0x8400_0050;
        """,
        ((0x84000050, 16, DENY), (0xC4000050, 16, FORWARD)),
        "RANGES",
        ("0x8400_0050", "TRNG64"),
    ),
    "numbers": Source(
        """
        use kvm_bindings::kvm_smccc_filter as Range;
        static RANGES: [Range; 1] = [Range { base: 010, nr_functions: 0b11 + 0o7, action: b(1), pad: [0; 15] }];
        """.replace("b(1)", "0x1"),
        ((10, 10, DENY),),
    ),
    "calls of a method": Source(
        """
        impl Vm {
            /* fn x() { self.forward(1, 1) } /* nested */ */
            pub(super) fn forward(&self, base: u32, nr_functions: u32) -> Result<()> {
                let range = kvm_smccc_filter {
                    base,
                    nr_functions,
                    action: kvm_smccc_filter_action_KVM_SMCCC_FILTER_FWD_TO_USER as u8,
                    ..Default::default()
                };
                self.set(&range as *const _ as u64)
            }
            fn setup<'a>(&'a self) -> Result<()> {
                let quote = '"';
                self.forward(psci::PSCI_0_2_FN_BASE, 0x20)?;
                self.forward(Self::TRNG, 16)
            }
            const TRNG: u32 = 0x8400_0050;
        }
        """,
        ((0x84000000, 32, FORWARD), (0x84000050, 16, FORWARD)),
        None,
        ("psci::PSCI_0_2_FN_BASE", "Self::TRNG"),
    ),
    "a struct of the same fields, and conditions that arm64 decides": Source(
        """
        #[repr(C)]
        pub struct SmcccFilter { pub base: u32, pub nr_functions: u32, pub action: u8, pub _pad: [u8; 15] }
        #[cfg(target_arch = "x86_64")]
        fn none() { let a = SmcccFilter { base: 1, nr_functions: 1, action: 1, _pad: [0; 15] }; }
        #[cfg(all(target_arch = "aarch64", not(test)))]
        static F: SmcccFilter = SmcccFilter { base: 2, nr_functions: 1, action: 1, _pad: [0; 15] };
        #[cfg(test)]
        mod tests { fn t() { let a = SmcccFilter { base: 3, nr_functions: 1, action: 1, _pad: [0; 15] }; } }
        """,
        ((2, 1, DENY),),
    ),
}
