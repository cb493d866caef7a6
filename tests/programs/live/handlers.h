/*
 * The handlers of a VMM, called as the generated header's are, and what they did.
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
int64_t psci_system_suspend(void *vcpu, uint64_t entry_point_address, uint64_t context_id);
int64_t psci_system_reset2(void *vcpu, uint32_t reset_type, uint64_t cookie);
int64_t psci_system_off2(void *vcpu, uint32_t off_type, uint64_t cookie);

int64_t trng_get_uuid(void *vcpu, uint64_t *out_uuid_4_7, uint64_t *out_uuid_8_11, uint64_t *out_uuid_12_15);
int64_t trng_rnd(void *vcpu, uint64_t n, uint8_t *entropy);

int64_t vendor_hyp_kvm_discover_impl_ver(void *vcpu, uint64_t *out_version, uint64_t *out_count);
int64_t vendor_hyp_kvm_discover_impl_cpus(void *vcpu, uint64_t index, uint64_t *out_midr_el1,
					  uint64_t *out_revidr_el1, uint64_t *out_aidr_el1);
int64_t vendor_hyp_call_uid(void *vcpu, uint64_t *out_uid_4_7, uint64_t *out_uid_8_11, uint64_t *out_uid_12_15);
void hyperv_hvcall(void *vcpu, const uint64_t *regs, uint64_t *results);

int64_t sdei_event_register(void *vcpu, uint64_t event, uint64_t entry_point_address, uint64_t ep_argument,
			    uint64_t flags, uint64_t affinity);
int64_t sdei_event_enable(void *vcpu, uint64_t event);
int64_t sdei_event_disable(void *vcpu, uint64_t event);
int64_t sdei_event_context(void *vcpu, uint64_t param_id);
int64_t sdei_event_complete(void *vcpu, uint64_t status);
int64_t sdei_event_complete_and_resume(void *vcpu, uint64_t resume_addr);
int64_t sdei_event_unregister(void *vcpu, uint64_t event);
int64_t sdei_event_status(void *vcpu, uint64_t event);
int64_t sdei_event_get_info(void *vcpu, uint64_t event, uint64_t info);
int64_t sdei_event_routing_set(void *vcpu, uint64_t event, uint64_t routing_mode, uint64_t affinity);
int64_t sdei_pe_mask(void *vcpu);
int64_t sdei_pe_unmask(void *vcpu);
int64_t sdei_interrupt_bind(void *vcpu, uint64_t interrupt);
int64_t sdei_interrupt_release(void *vcpu, uint64_t event);
int64_t sdei_event_signal(void *vcpu, uint64_t event, uint64_t target_pe);
int64_t sdei_private_reset(void *vcpu);
int64_t sdei_shared_reset(void *vcpu);

int64_t ffa_version(void *vcpu, uint32_t input_version);
int64_t ffa_features(void *vcpu, uint32_t id, uint32_t input_properties, uint64_t *out_interface_properties,
		     uint64_t *out_more_properties);
int64_t ffa_id_get(void *vcpu, uint64_t *out_id);
void ffa_spm_id_get(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_rxtx_map(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_rxtx_unmap(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_rx_release(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_partition_info_get(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_run(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_msg_send_direct_req(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_mem_donate(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_mem_lend(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_mem_share(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_mem_reclaim(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_mem_frag_rx(void *vcpu, const uint64_t *regs, uint64_t *results);
void ffa_mem_frag_tx(void *vcpu, const uint64_t *regs, uint64_t *results);

void optee_calls_count(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_calls_uid(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_get_os_uuid(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_calls_revision(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_get_os_revision(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_exchange_capabilities(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_get_shm_config(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_disable_shm_cache(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_enable_shm_cache(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_get_thread_count(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_enable_async_notif(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_get_async_notif_value(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_call_with_arg(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_call_with_rpc_arg(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_call_with_regd_arg(void *vcpu, const uint64_t *regs, uint64_t *results);
void optee_return_from_rpc(void *vcpu, const uint64_t *regs, uint64_t *results);

/* Successes alone. */
struct handled {
	_Atomic unsigned int cpu_on, cpu_off, system_off, system_reset, words;
};

extern struct handled handled;

#endif
