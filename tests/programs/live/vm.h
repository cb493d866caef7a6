/*
 * One VM with one vCPU, and a guest of a few instructions that makes SMCCC calls.
 *
 * Every function that asks KVM something returns 0 or KVM's errno. What must never fail ends the program through die(),
 * because an answer given after such a failure would be no answer of KVM's.
 */
#ifndef VM_H
#define VM_H

#include "core.h"

#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>

/* Bits of features[0] of struct kvm_vcpu_init. */
#define VCPU_EL1_32BIT (1u << 1)
#define VCPU_PSCI_0_2 (1u << 2)
#define VCPU_HAS_EL2 (1u << 7)

enum {
	PAGE = 4096,
	RAM = 0x10000,			/* guest address of the first of two pages: code, and what is shared */
	RAM_SIZE = 2 * PAGE,
	SHARED = RAM + PAGE,		/* guest address of the shared page */
	STOLEN_TIME = SHARED + 3072,	/* guest address of the stolen-time structure */
	UNMAPPED = 0x20000,		/* guest address where nothing is */
};

enum conduit { CONDUIT_HVC, CONDUIT_SMC };

/* Where in the guest a call is made: in A64 code at EL1, in A32 code, or the other way: in T32 code, at EL2. */
enum way { WAY_USUAL, WAY_OTHER };

/* vm.c */
void die(const char *what);
void must(int result, const char *what);
void kvm_open(void);
void vm_fresh(uint32_t vcpu_features, uint64_t type);
int vm_fd(void);
int vcpu_fd(void);
struct kvm_run *vcpu_run(void);
void *vm_page(uint64_t guest_address);
uint32_t vm_features(void);
int vm_is_plain(void);
int vm_set_filter(const void *entry);
int vm_enable_cap(uint32_t cap, uint64_t argument);
int vcpu_get_reg(uint64_t id, uint64_t *value);
int vcpu_set_reg(uint64_t id, uint64_t value);
int vcpu_set_stolen_time_page(void);
void vcpu_must_set(uint64_t id, uint64_t value);
uint64_t vcpu_must_get(uint64_t id);

/* calls.c */
void calls_prepare(void);
void calls_add(enum conduit conduit, enum way way, const uint64_t x[4]);
void calls_make(FILE *answers);

/* vmm.c */
void vmm_choose(const char *dispatcher, const char *mistake);
int vmm_is_chosen(void);
int vmm_has_ended(void);
uint64_t vmm_answer(struct kvm_run *run);

#endif
