/*
 * Calls of the guest, made when no more come in a row: a plain guest's in one run, another guest's in a run each.
 *
 * Where a run is interrupted (a VMM has to act, or the vCPU is off), the call that did so is the one whose slot the guest
 * is at. The guest's loads and stores go past the caches, which is sound where this runs and nowhere else: QEMU emulates
 * none.
 */
#include "guest.h"
#include "vm.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
	MAX_CALLS = 64,			/* with the end, as many slots as lie before STOLEN_TIME */
	SLOT_IS_THE_END = 2,		/* beside the values of enum conduit */
	MAX_INTERRUPTIONS = 2500,	/* a call that blocks is given up after 10 s */
	VECTOR = 0x80,
};

/* Registers of system registers by KVM_SET_ONE_REG: arch/arm64/include/uapi/asm/kvm.h. */
#define HCR_EL2 ARM64_SYS_REG(3, 4, 1, 1, 0)
#define ESR_EL2 ARM64_SYS_REG(3, 4, 5, 2, 0)
#define VBAR_EL2 ARM64_SYS_REG(3, 4, 12, 0, 0)
#define HCR_E2H (1ull << 34)
#define HCR_RW (1ull << 31)

/* PSTATE of each mode, with every interrupt masked. */
#define EL1H 0x3c5
#define EL2H 0x3c9
#define SVC_A32 0x1d3
#define SVC_T32 0x1f3

/* What a plain guest reads and writes: guest.S knows the offsets. */
struct slot {
	uint64_t x[4];
	uint64_t conduit;
	uint64_t sum;
};

struct call {
	enum conduit conduit;
	enum way way;
	uint64_t x[4];
	char said[96];			/* the answer's words before its registers */
	int has_registers;
	int is_changed;			/* x4 to x17 or the guest's way were not kept */
};
_Static_assert(MAX_CALLS * sizeof(struct slot) <= STOLEN_TIME - SHARED, "slots end where stolen time begins");

/* guest.S */
extern const char guest_begin[], guest_hvc[], guest_smc[], guest_vectors[];
extern const char guest_a64_hvc[], guest_a64_smc[], guest_a32_hvc[], guest_a32_smc[], guest_t32_hvc[], guest_t32_smc[];

static struct call calls[MAX_CALLS];
static int n_calls;

static uint64_t guest_address(const char *code)
{
	return RAM + (code - guest_begin);
}

static int is_at_el2(const struct call *call)
{
	return call->way == WAY_OTHER && vm_features() & VCPU_HAS_EL2;
}

static uint64_t address_of(const struct call *call)
{
	int smc = call->conduit == CONDUIT_SMC;

	if (vm_is_plain())
		return guest_address(smc ? guest_smc : guest_hvc);
	if (!(vm_features() & VCPU_EL1_32BIT))
		return guest_address(smc ? guest_a64_smc : guest_a64_hvc);
	if (call->way == WAY_USUAL)
		return guest_address(smc ? guest_a32_smc : guest_a32_hvc);
	return guest_address(smc ? guest_t32_smc : guest_t32_hvc);
}

static uint64_t pstate_of(const struct call *call)
{
	if (vm_features() & VCPU_EL1_32BIT)
		return call->way == WAY_USUAL ? SVC_A32 : SVC_T32;
	return is_at_el2(call) ? EL2H : EL1H;
}

/* A register that is kept has no value that another has, and bits in both halves. */
static uint64_t kept_x(unsigned int n)
{
	return n * 0x9e3779b97f4a7c15ull;
}

static uint64_t kept_sum(void)
{
	uint64_t sum = ADVANCED_ONCE;
	unsigned int n;

	for (n = FIRST_KEPT; n <= LAST_KEPT; n++)
		sum = kept_x(n) ^ (sum >> SUM_ROTATION | sum << (64 - SUM_ROTATION));
	return sum;
}

/* Set what no call changes, in a new vCPU. */
void calls_prepare(void)
{
	unsigned int n;

	if (vm_is_plain()) {
		vcpu_must_set(core_pc(), guest_address(guest_begin));
		for (n = FIRST_KEPT; n <= LAST_KEPT; n++)
			vcpu_must_set(core_x(n), kept_x(n));
		vcpu_must_set(core_x(19), SHARED);
		vcpu_must_set(core_x(20), SHARED);
		vcpu_must_set(core_x(21), UNMAPPED);
	} else {
		vcpu_must_set(core_x(6), UNMAPPED);
	}
	if (vm_features() & VCPU_HAS_EL2) {
		vcpu_must_set(HCR_EL2, HCR_E2H | HCR_RW);
		vcpu_must_set(VBAR_EL2, guest_address(guest_vectors));
	}
}

static void make_runnable(void)
{
	struct kvm_mp_state state = { KVM_MP_STATE_RUNNABLE };

	must(ioctl(vcpu_fd(), KVM_SET_MP_STATE, &state), "KVM_SET_MP_STATE");
}

static int is_stopped(void)
{
	struct kvm_mp_state state;

	must(ioctl(vcpu_fd(), KVM_GET_MP_STATE, &state), "KVM_GET_MP_STATE");
	return state.mp_state == KVM_MP_STATE_STOPPED;
}

/* The call that a run was interrupted in, out of those that it makes from ``first`` on. */
static struct call *interrupted(struct call *first)
{
	return vm_is_plain() ? first + (vcpu_must_get(core_x(19)) - SHARED) / sizeof(struct slot) : first;
}

static void say(struct call *call, int has_registers, const char *words)
{
	snprintf(call->said, sizeof(call->said), "%s", words);
	call->has_registers = has_registers;
}

/* A VMM answers, if one is chosen. */
static void say_hypercall(struct call *call, struct kvm_run *run)
{
	char words[sizeof(call->said)];
	uint64_t flags;
	int length;

	/* Headers older than 6.4 call the 64 bits after ret longmode and pad. */
	memcpy(&flags, (const char *)run + offsetof(struct kvm_run, hypercall.ret) + sizeof(uint64_t), sizeof(flags));
	length = snprintf(words, sizeof(words), "%s nr=%llx flags=%lx pc+%ld", vmm_is_chosen() ? "vmm" : "user",
			  run->hypercall.nr, flags, (long)(vcpu_must_get(core_pc()) - address_of(call)));
	if (vmm_is_chosen())
		snprintf(words + length, sizeof(words) - length, " told=%lx", vmm_answer(run));
	say(call, vmm_is_chosen(), words);
}

static void say_event(struct call *call, const struct kvm_run *run)
{
	char words[sizeof(call->said)];

	snprintf(words, sizeof(words), "event %u %llx", run->system_event.type, run->system_event.flags);
	say(call, 1, words);
}

/* Follow the calls to the guest's store, or to where the VMM ends the VM. */
static void run_to_store(struct call *first)
{
	struct kvm_run *run = vcpu_run();
	int interruptions = 0;

	for (;;) {
		if (ioctl(vcpu_fd(), KVM_RUN, 0) < 0) {
			if (errno != EINTR || ++interruptions > MAX_INTERRUPTIONS)
				die("KVM_RUN");
			run->immediate_exit = 0;
			if (is_stopped()) {
				say(interrupted(first), 0, "off");
				make_runnable();
			}
			continue;
		}
		switch (run->exit_reason) {
		case KVM_EXIT_MMIO:
			return;
		case KVM_EXIT_HYPERCALL:
			say_hypercall(interrupted(first), run);
			if (vmm_has_ended())
				return;
			break;
		case KVM_EXIT_SYSTEM_EVENT:
			say_event(interrupted(first), run);
			make_runnable();
			break;
		default:
			fprintf(stderr, "exit reason %u at %lx\n", run->exit_reason, vcpu_must_get(core_pc()));
			die("an exit that nothing here causes");
		}
	}
}

static void make_in_one_run(void)
{
	volatile struct slot *slots = vm_page(SHARED);
	int i, n;

	for (i = 0; i < n_calls; i++) {
		for (n = 0; n < 4; n++)
			slots[i].x[n] = calls[i].x[n];
		slots[i].conduit = calls[i].conduit;
	}
	slots[i].conduit = SLOT_IS_THE_END;
	run_to_store(calls);
	for (i = 0; i < n_calls; i++) {
		for (n = 0; n < 4; n++)
			calls[i].x[n] = slots[i].x[n];
		calls[i].is_changed = slots[i].sum != kept_sum();
	}
}

/* KVM moves PC past the guest's store when it is run again. */
static void finish_store(void)
{
	vcpu_run()->immediate_exit = 1;
	if (ioctl(vcpu_fd(), KVM_RUN, 0) == 0 || errno != EINTR)
		die("KVM_RUN with immediate_exit");
	vcpu_run()->immediate_exit = 0;
}

/* Only a guest with EL2 has vectors to get to. */
static void say_vector(struct call *call, uint64_t pc)
{
	char words[sizeof(call->said)];
	uint64_t offset = pc - guest_address(guest_vectors);

	if (!(vm_features() & VCPU_HAS_EL2) || offset >= 0x800)
		return;
	snprintf(words, sizeof(words), "el2 %lu %lx", offset / VECTOR, vcpu_must_get(ESR_EL2));
	say(call, 1, words);
}

static void make_alone(struct call *call)
{
	unsigned int n;

	for (n = 0; n < 4; n++)
		vcpu_must_set(core_x(n), call->x[n]);
	vcpu_must_set(core_pstate(), pstate_of(call));
	vcpu_must_set(core_pc(), address_of(call));
	run_to_store(call);
	for (n = 0; n < 4; n++)
		call->x[n] = vcpu_must_get(core_x(n));
	say_vector(call, vcpu_must_get(core_pc()));
	finish_store();
}

void calls_add(enum conduit conduit, enum way way, const uint64_t x[4])
{
	if (n_calls == MAX_CALLS - 1)
		calls_make(stdout);
	calls[n_calls++] = (struct call){ conduit, way, { x[0], x[1], x[2], x[3] }, "ret", 1, 0 };
}

void calls_make(FILE *answers)
{
	const struct call *call;
	int i;

	if (n_calls == 0)
		return;
	vcpu_fd();
	if (vm_is_plain() && !vmm_has_ended())
		make_in_one_run();
	for (i = 0; i < n_calls && !vm_is_plain(); i++)
		make_alone(&calls[i]);
	for (call = calls; call < calls + n_calls; call++) {
		fputs(call->said, answers);
		if (call->has_registers)
			fprintf(answers, " %lx %lx %lx %lx", call->x[0], call->x[1], call->x[2], call->x[3]);
		fputs(call->is_changed ? " changed\n" : "\n", answers);
	}
	n_calls = 0;
}
