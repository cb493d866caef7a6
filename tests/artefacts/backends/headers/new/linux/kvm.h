/* What a header needs of <linux/kvm.h>, and what it may meet there, on arm64 since the SMCCC filter (Linux 6.4). */
#include "../../old/linux/kvm.h"

#ifndef __ARM_KVM_H__
#define __ARM_KVM_H__

enum kvm_smccc_filter_action {
	KVM_SMCCC_FILTER_HANDLE = 0,
	KVM_SMCCC_FILTER_DENY,
	KVM_SMCCC_FILTER_FWD_TO_USER,
};

struct kvm_smccc_filter {
	__u32 base;
	__u32 nr_functions;
	__u8 action;
	__u8 pad[15];
};

#define KVM_HYPERCALL_EXIT_SMC (1U << 0)
#define KVM_HYPERCALL_EXIT_16BIT (1U << 1)
#define KVM_ARM_VM_SMCCC_CTRL 0
#define KVM_ARM_VM_SMCCC_FILTER 0
#define KVM_REG_ARM_STD_BMAP 0x6030000000160000ULL

#endif
