/*
 * What KVM_GET_ONE_REG and KVM_SET_ONE_REG call the registers of a vCPU that every call has to do with.
 */
#ifndef CORE_H
#define CORE_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

#define CORE_REGISTER(member) \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | (offsetof(struct kvm_regs, member) / sizeof(__u32)))

/* They are numbered in words, of which each of these has two. */
static inline uint64_t core_x(unsigned int n)
{
	return CORE_REGISTER(regs.regs[0]) + 2 * n;
}

static inline uint64_t core_pc(void)
{
	return CORE_REGISTER(regs.pc);
}

static inline uint64_t core_pstate(void)
{
	return CORE_REGISTER(regs.pstate);
}

#endif
