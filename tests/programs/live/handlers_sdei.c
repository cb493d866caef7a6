/*
 * SDEI in a VMM that has no event to deliver: event 0, which every SDEI has, is there and takes no handler.
 *
 * So nothing is ever registered, enabled or running, and all state is whether the one vCPU is masked.
 *
 * Source: Arm DEN0054, as smccc_filter/smccc/signatures/sdei.py has it.
 */
#include "handlers.h"

enum { INVALID_PARAMETERS = -2, DENIED = -3, OUT_OF_RESOURCE = -10 };
enum { EVENT_TYPE, EVENT_SIGNALED, EVENT_PRIORITY };
enum { PRIVATE = 0, CAN_BE_SIGNALED = 1, NORMAL = 0 };
enum { FIRST_PPI = 16, FIRST_RESERVED = 1020, LAST_KEPT_REGISTER = 17 };

static int is_unmasked;

static int64_t of_known(uint64_t event, int64_t status)
{
	return event ? INVALID_PARAMETERS : status;
}

int64_t sdei_event_register(void *vcpu, uint64_t event, uint64_t entry_point_address, uint64_t ep_argument,
			    uint64_t flags, uint64_t affinity)
{
	(void)vcpu;
	(void)ep_argument;
	(void)affinity;
	return entry_point_address && !(flags >> 1) ? of_known(event, DENIED) : INVALID_PARAMETERS;
}

int64_t sdei_event_enable(void *vcpu, uint64_t event)
{
	(void)vcpu;
	return of_known(event, DENIED);
}

int64_t sdei_event_disable(void *vcpu, uint64_t event)
{
	(void)vcpu;
	return of_known(event, DENIED);
}

int64_t sdei_event_context(void *vcpu, uint64_t param_id)
{
	(void)vcpu;
	return param_id > LAST_KEPT_REGISTER ? INVALID_PARAMETERS : DENIED;
}

int64_t sdei_event_complete(void *vcpu, uint64_t status)
{
	(void)vcpu;
	(void)status;
	return DENIED;
}

int64_t sdei_event_complete_and_resume(void *vcpu, uint64_t resume_addr)
{
	(void)vcpu;
	(void)resume_addr;
	return DENIED;
}

int64_t sdei_event_unregister(void *vcpu, uint64_t event)
{
	(void)vcpu;
	return of_known(event, DENIED);
}

int64_t sdei_event_status(void *vcpu, uint64_t event)
{
	(void)vcpu;
	return of_known(event, 0);
}

/* A private event has no routing to ask about. */
int64_t sdei_event_get_info(void *vcpu, uint64_t event, uint64_t info)
{
	(void)vcpu;
	switch (info) {
	case EVENT_TYPE:
		return of_known(event, PRIVATE);
	case EVENT_SIGNALED:
		return of_known(event, CAN_BE_SIGNALED);
	case EVENT_PRIORITY:
		return of_known(event, NORMAL);
	default:
		return INVALID_PARAMETERS;
	}
}

int64_t sdei_event_routing_set(void *vcpu, uint64_t event, uint64_t routing_mode, uint64_t affinity)
{
	(void)vcpu;
	(void)event;
	(void)routing_mode;
	(void)affinity;
	return INVALID_PARAMETERS;
}

/* 1 where it was this call that masked. */
int64_t sdei_pe_mask(void *vcpu)
{
	int changed = is_unmasked;

	(void)vcpu;
	is_unmasked = 0;
	return changed;
}

int64_t sdei_pe_unmask(void *vcpu)
{
	(void)vcpu;
	is_unmasked = 1;
	return 0;
}

int64_t sdei_interrupt_bind(void *vcpu, uint64_t interrupt)
{
	(void)vcpu;
	return interrupt >= FIRST_PPI && interrupt < FIRST_RESERVED ? OUT_OF_RESOURCE : INVALID_PARAMETERS;
}

int64_t sdei_interrupt_release(void *vcpu, uint64_t event)
{
	(void)vcpu;
	(void)event;
	return INVALID_PARAMETERS;
}

int64_t sdei_event_signal(void *vcpu, uint64_t event, uint64_t target_pe)
{
	(void)vcpu;
	(void)event;
	(void)target_pe;
	return INVALID_PARAMETERS;
}

int64_t sdei_private_reset(void *vcpu)
{
	(void)vcpu;
	return 0;
}

int64_t sdei_shared_reset(void *vcpu)
{
	(void)vcpu;
	return 0;
}
