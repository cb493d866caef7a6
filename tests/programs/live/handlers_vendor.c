/*
 * What a VMM answers in the range of the vendor of the hypervisor: KVM's implementations of CPUs, of which a VM that
 * does not migrate has one, and Hyper-V without a hypercall.
 */
#include "handlers.h"
#include "vcpus.h"

enum { INVALID_PARAMETER = -3 };
enum { RESULTS = 4, HV_STATUS_INVALID_HYPERCALL_CODE = 2 };

#define MIDR_EL1 ARM64_SYS_REG(3, 0, 0, 0, 0)
#define REVIDR_EL1 ARM64_SYS_REG(3, 0, 0, 0, 6)
#define AIDR_EL1 ARM64_SYS_REG(3, 1, 0, 0, 7)

int64_t vendor_hyp_kvm_discover_impl_ver(void *vcpu, uint64_t *out_version, uint64_t *out_count)
{
	(void)vcpu;
	*out_version = 1 << 16; /* 1.0 */
	*out_count = 1;
	return 0;
}

int64_t vendor_hyp_kvm_discover_impl_cpus(void *vcpu, uint64_t index, uint64_t *out_midr_el1, uint64_t *out_revidr_el1,
					  uint64_t *out_aidr_el1)
{
	if (index)
		return INVALID_PARAMETER;
	*out_midr_el1 = get_register(vcpu, MIDR_EL1);
	*out_revidr_el1 = get_register(vcpu, REVIDR_EL1);
	*out_aidr_el1 = get_register(vcpu, AIDR_EL1);
	return 0;
}

/* 58ba324d-6447-24cd-756c-ef8e24705916, by which Linux knows Hyper-V. */
int64_t vendor_hyp_call_uid(void *vcpu, uint64_t *out_uid_4_7, uint64_t *out_uid_8_11, uint64_t *out_uid_12_15)
{
	(void)vcpu;
	*out_uid_4_7 = 0xcd244764;
	*out_uid_8_11 = 0x8eef6c75;
	*out_uid_12_15 = 0x16597024;
	return 0x4d32ba58;
}

/* The status in X0; the rest is the guest's. */
void hyperv_hvcall(void *vcpu, const uint64_t *regs, uint64_t *results)
{
	(void)vcpu;
	results[0] = HV_STATUS_INVALID_HYPERCALL_CODE;
	for (unsigned int n = 1; n < RESULTS; n++)
		results[n] = regs[n];
}
