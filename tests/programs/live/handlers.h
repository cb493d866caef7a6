/*
 * The handlers of the VMM under a Linux guest, called as the generated header's are, and what they did.
 */
#ifndef HANDLERS_H
#define HANDLERS_H

#include <stdatomic.h>
#include <stdint.h>

int64_t psci_cpu_suspend(void *vcpu, uint32_t power_state, uint64_t entry_point_address, uint64_t context_id);
int64_t psci_cpu_off(void *vcpu);
int64_t psci_cpu_on(void *vcpu, uint64_t target_cpu, uint64_t entry_point_address, uint64_t context_id);
int64_t psci_affinity_info(void *vcpu, uint64_t target_affinity, uint32_t lowest_affinity_level);
int64_t psci_migrate_info_type(void *vcpu);
void psci_system_off(void *vcpu);
void psci_system_reset(void *vcpu);

int64_t trng_get_uuid(void *vcpu, uint64_t *out_uuid_4_7, uint64_t *out_uuid_8_11, uint64_t *out_uuid_12_15);
int64_t trng_rnd(void *vcpu, uint64_t n, uint8_t *entropy);

/* Successes alone. */
struct handled {
	_Atomic unsigned int cpu_on, cpu_off, system_off, system_reset, words;
};

extern struct handled handled;

#endif
