/*
 * One VM with one vCPU, and a guest of a few instructions that makes one SMCCC call at a time.
 *
 * Every function that asks KVM something returns 0 or KVM's errno. What must never fail ends the program through die(),
 * because an answer given after such a failure would be no answer of KVM's.
 */
#ifndef VM_H
#define VM_H

#include <stdint.h>
#include <stdio.h>

/* features[0] of struct kvm_vcpu_init: KVM_ARM_VCPU_PSCI_0_2 and nothing else. */
#define VCPU_PSCI_0_2 (1u << 2)

enum conduit { CONDUIT_HVC, CONDUIT_SMC };

void die(const char *what);
void kvm_open(void);
void vm_fresh(uint32_t vcpu_features);
int vm_fd(void);
int vcpu_fd(void);
int vm_set_filter(const void *entry);
int vm_enable_cap(uint32_t cap, uint64_t argument);
int vcpu_get_reg(uint64_t id, uint64_t *value);
int vcpu_set_reg(uint64_t id, uint64_t value);
int vcpu_set_stolen_time_page(void);
void vcpu_call(enum conduit conduit, uint64_t x0, uint64_t x1, FILE *answer);

#endif
