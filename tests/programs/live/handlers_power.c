/*
 * What ends, resets or suspends the system in PSCI beside SYSTEM_OFF and SYSTEM_RESET, in a VMM that never suspends.
 */
#include "handlers.h"

enum { INVALID_PARAMETERS = -2, DENIED = -3 };
enum { WARM_RESET = 0, HIBERNATE_OFF = 1 };

int64_t psci_system_suspend(void *vcpu, uint64_t entry_point_address, uint64_t context_id)
{
	(void)vcpu;
	(void)entry_point_address;
	(void)context_id;
	return DENIED;
}

/* The vendor has no kind of reset. */
int64_t psci_system_reset2(void *vcpu, uint32_t reset_type, uint64_t cookie)
{
	(void)cookie;
	if (reset_type != WARM_RESET)
		return INVALID_PARAMETERS;
	psci_system_reset(vcpu);
	return 0;
}

/* Type 0 stands for HIBERNATE_OFF, too. */
int64_t psci_system_off2(void *vcpu, uint32_t off_type, uint64_t cookie)
{
	if (off_type > HIBERNATE_OFF || cookie)
		return INVALID_PARAMETERS;
	psci_system_off(vcpu);
	return 0;
}
