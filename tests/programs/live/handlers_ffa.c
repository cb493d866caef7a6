/*
 * FF-A 1.1 in a VMM whose partition manager has no partition: buffers can be mapped, and nobody is there to talk to.
 *
 * Source: Arm DEN0077; TF-A services/std_svc/spm/el3_spmc.
 */
#include "handlers.h"

#define SMC64 0x40000000U
enum { NOT_SUPPORTED = -1, INVALID_PARAMETERS = -2, DENIED = -6 };
enum { VERSION = 1 << 16 | 1, MAJOR_BIT = 16, GUEST = 1, MANAGER = 0x8000 };
enum { PAGE = 4096, PAGE_COUNT_MASK = 0x3f, COUNT_ALONE = 1 };
enum { FFA_ERROR = 0x84000060, FFA_SUCCESS, FFA_RX_RELEASE = 0x84000065, FFA_RXTX_MAP, FFA_RXTX_UNMAP };
enum { FFA_PARTITION_INFO_GET = 0x84000068, FFA_ID_GET, FFA_RUN = 0x8400006d, FFA_MSG_SEND_DIRECT_REQ = 0x8400006f };
enum { FFA_VERSION = 0x84000063, FFA_FEATURES, FFA_MEM_DONATE = 0x84000071, FFA_MEM_LEND, FFA_MEM_SHARE };
enum { FFA_MEM_RECLAIM = 0x84000077, FFA_MEM_FRAG_RX = 0x8400007a, FFA_MEM_FRAG_TX, FFA_SPM_ID_GET = 0x84000085 };

static int is_mapped;

static void succeed(uint64_t *results, uint64_t x2)
{
	results[0] = FFA_SUCCESS;
	results[1] = results[3] = 0;
	results[2] = x2;
}

static void fail(uint64_t *results, int32_t error)
{
	results[0] = FFA_ERROR;
	results[1] = results[3] = 0;
	results[2] = (uint32_t)error;
}

/* The version that is spoken, unless the caller speaks one of another number before the point. */
int64_t ffa_version(void *vcpu, uint32_t input_version)
{
	(void)vcpu;
	return input_version >> MAJOR_BIT == VERSION >> MAJOR_BIT ? VERSION : NOT_SUPPORTED;
}

int64_t ffa_features(void *vcpu, uint32_t id, uint32_t input_properties, uint64_t *out_interface_properties,
		     uint64_t *out_more_properties)
{
	(void)vcpu;
	(void)input_properties;
	(void)out_more_properties;
	switch (id) {
	case FFA_ERROR:
	case FFA_SUCCESS:
	case FFA_VERSION:
	case FFA_FEATURES:
	case FFA_RX_RELEASE:
	case FFA_RXTX_MAP: /* buffers of 4 KiB at least: 0 */
	case FFA_RXTX_MAP | SMC64:
	case FFA_RXTX_UNMAP:
	case FFA_PARTITION_INFO_GET:
	case FFA_ID_GET:
	case FFA_RUN:
	case FFA_MSG_SEND_DIRECT_REQ:
	case FFA_MSG_SEND_DIRECT_REQ | SMC64:
	case FFA_MEM_DONATE:
	case FFA_MEM_DONATE | SMC64:
	case FFA_MEM_LEND:
	case FFA_MEM_LEND | SMC64:
	case FFA_MEM_SHARE:
	case FFA_MEM_SHARE | SMC64:
	case FFA_MEM_RECLAIM:
	case FFA_MEM_FRAG_RX:
	case FFA_MEM_FRAG_TX:
	case FFA_SPM_ID_GET:
		return FFA_SUCCESS;
	default:
		*out_interface_properties = (uint32_t)NOT_SUPPORTED;
		return FFA_ERROR;
	}
}

int64_t ffa_id_get(void *vcpu, uint64_t *out_id)
{
	(void)vcpu;
	*out_id = GUEST;
	return FFA_SUCCESS;
}

void ffa_spm_id_get(void *vcpu, const uint64_t *regs, uint64_t *results)
{
	(void)vcpu;
	(void)regs;
	succeed(results, MANAGER);
}

/* Nothing is ever put into the buffers, so that where they are is of no interest here. */
void ffa_rxtx_map(void *vcpu, const uint64_t *regs, uint64_t *results)
{
	uint64_t mask = regs[0] & SMC64 ? UINT64_MAX : UINT32_MAX, tx = regs[1] & mask, rx = regs[2] & mask;

	(void)vcpu;
	if (is_mapped)
		fail(results, DENIED);
	else if (!tx || !rx || tx == rx || (tx | rx) % PAGE || !(regs[3] & PAGE_COUNT_MASK))
		fail(results, INVALID_PARAMETERS);
	else {
		is_mapped = 1;
		succeed(results, 0);
	}
}

void ffa_rxtx_unmap(void *vcpu, const uint64_t *regs, uint64_t *results)
{
	(void)vcpu;
	(void)regs;
	if (!is_mapped)
		fail(results, INVALID_PARAMETERS);
	else {
		is_mapped = 0;
		succeed(results, 0);
	}
}

/* The guest never owns its RX buffer. */
void ffa_rx_release(void *vcpu, const uint64_t *regs, uint64_t *results)
{
	(void)vcpu;
	(void)regs;
	fail(results, DENIED);
}

/* Of all partitions there is none; whoever asks for one by its UUID, or for descriptors without a buffer, is wrong. */
void ffa_partition_info_get(void *vcpu, const uint64_t *regs, uint64_t *results)
{
	(void)vcpu;
	if ((uint32_t)(regs[1] | regs[2] | regs[3] | regs[4]) || (!is_mapped && !(regs[5] & COUNT_ALONE)))
		fail(results, INVALID_PARAMETERS);
	else
		succeed(results, 0);
}

/* What names a partition, or memory that one was given. */
#define OF_A_PARTITION(call) \
	void ffa_##call(void *vcpu, const uint64_t *regs, uint64_t *results) \
	{ \
		(void)vcpu; \
		(void)regs; \
		fail(results, INVALID_PARAMETERS); \
	}

OF_A_PARTITION(run)
OF_A_PARTITION(msg_send_direct_req)
OF_A_PARTITION(mem_donate)
OF_A_PARTITION(mem_lend)
OF_A_PARTITION(mem_share)
OF_A_PARTITION(mem_reclaim)
OF_A_PARTITION(mem_frag_rx)
OF_A_PARTITION(mem_frag_tx)
