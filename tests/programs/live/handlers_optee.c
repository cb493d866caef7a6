/*
 * OP-TEE in a VMM that shares no memory with its guest: the driver finds it, and can't open a session.
 *
 * Source: Linux, drivers/tee/optee/optee_smc.h.
 */
#include "handlers.h"

#include <string.h>

enum { RESULTS = 4, CALLS = 16 };
enum { OK = 0, ERESUME = 3, EBADADDR = 4, ENOTAVAIL = 7 };

static void answer_with(uint64_t *results, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
	const uint64_t values[RESULTS] = { x0, x1, x2, x3 };

	memcpy(results, values, sizeof(values));
}

#define HANDLER(call, x0, x1, x2, x3) \
	void optee_##call(void *vcpu, const uint64_t *regs, uint64_t *results) \
	{ \
		(void)vcpu; \
		(void)regs; \
		answer_with(results, x0, x1, x2, x3); \
	}

HANDLER(calls_count, CALLS, 0, 0, 0)
/* 384fb3e0-e7f8-11e3-af63-0002a5d5c51b, the calls'; 486178e0-e7f8-11e3-bc5e-0002a5d5c51b, OP-TEE's own. */
HANDLER(calls_uid, 0x384fb3e0, 0xe7f811e3, 0xaf630002, 0xa5d5c51b)
HANDLER(get_os_uuid, 0x486178e0, 0xe7f811e3, 0xbc5e0002, 0xa5d5c51b)
HANDLER(calls_revision, 2, 0, 0, 0)
HANDLER(get_os_revision, 4, 0, 0, 0)
/* Neither reserved nor any other memory is shared, so that there is none to describe or to cache. */
HANDLER(exchange_capabilities, OK, 0, 0, 0)
HANDLER(get_shm_config, ENOTAVAIL, 0, 0, 0)
HANDLER(disable_shm_cache, ENOTAVAIL, 0, 0, 0)
HANDLER(enable_shm_cache, OK, 0, 0, 0)
HANDLER(get_thread_count, OK, 1, 0, 0)
/* Nor does it notify. */
HANDLER(enable_async_notif, ENOTAVAIL, 0, 0, 0)
HANDLER(get_async_notif_value, ENOTAVAIL, 0, 0, 0)
HANDLER(call_with_arg, EBADADDR, 0, 0, 0)
HANDLER(call_with_rpc_arg, EBADADDR, 0, 0, 0)
HANDLER(call_with_regd_arg, EBADADDR, 0, 0, 0)
/* No thread waits for the guest. */
HANDLER(return_from_rpc, ERESUME, 0, 0, 0)
