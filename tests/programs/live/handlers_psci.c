/*
 * PSCI in a VMM, as small as a Linux guest lets it be. Each handler runs in the thread of the vCPU that calls.
 *
 * Left out: CPUs that are not little-endian, and levels of affinity above that of a CPU.
 * Under QEMU no guest calls CPU_SUSPEND, because its device tree has no idle states.
 */
#include "handlers.h"
#include "vcpus.h"

enum { SUCCESS = 0, INVALID_PARAMETERS = -2, ALREADY_ON = -4, ON_PENDING = -5 };
enum { AFFINITY_ON, AFFINITY_OFF, AFFINITY_ON_PENDING };
enum { MIGRATION_NOT_REQUIRED = 2 };

int64_t psci_cpu_on(void *vcpu, uint64_t target_cpu, uint64_t entry_point_address, uint64_t context_id)
{
	struct vcpu *target = vcpu_at(target_cpu);
	enum power before = OFF;

	(void)vcpu;
	if (!target)
		return INVALID_PARAMETERS;
	if (!atomic_compare_exchange_strong(&target->power, &before, BUSY))
		return before == ON ? ALREADY_ON : ON_PENDING;
	target->entry = entry_point_address;
	target->context = context_id;
	atomic_store(&target->power, PENDING);
	kick(target);
	handled.cpu_on++;
	return SUCCESS;
}

/* Off in the book only when KVM has it stopped, or a CPU_ON in between would be undone. */
int64_t psci_cpu_off(void *vcpu)
{
	struct vcpu *caller = vcpu;

	set_mp_state(caller, KVM_MP_STATE_STOPPED);
	atomic_store(&caller->power, OFF);
	handled.cpu_off++;
	return SUCCESS;
}

int64_t psci_affinity_info(void *vcpu, uint64_t target_affinity, uint32_t lowest_affinity_level)
{
	const struct vcpu *target = vcpu_at(target_affinity);

	(void)vcpu;
	if (!target || lowest_affinity_level)
		return INVALID_PARAMETERS;
	switch (atomic_load(&target->power)) {
	case OFF:
		return AFFINITY_OFF;
	case ON:
		return AFFINITY_ON;
	default:
		return AFFINITY_ON_PENDING;
	}
}

/* Standby, which keeps all state: KVM_RUN ends with KVM_SYSTEM_EVENT_WAKEUP when there is an interrupt. */
int64_t psci_cpu_suspend(void *vcpu, uint32_t power_state, uint64_t entry_point_address, uint64_t context_id)
{
	(void)power_state;
	(void)entry_point_address;
	(void)context_id;
	set_mp_state(vcpu, KVM_MP_STATE_SUSPENDED);
	return SUCCESS;
}

int64_t psci_migrate_info_type(void *vcpu)
{
	(void)vcpu;
	return MIGRATION_NOT_REQUIRED;
}

/* The caller must not run on. QEMU, told so as KVM would tell it, stops the others. */
static void end(struct vcpu *caller, uint32_t event)
{
	set_mp_state(caller, KVM_MP_STATE_STOPPED);
	caller->event = event;
}

void psci_system_off(void *vcpu)
{
	end(vcpu, KVM_SYSTEM_EVENT_SHUTDOWN);
	handled.system_off++;
}

void psci_system_reset(void *vcpu)
{
	end(vcpu, KVM_SYSTEM_EVENT_RESET);
	handled.system_reset++;
}
