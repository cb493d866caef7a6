/*
 * A VMM's part in a forwarded call: X0 to X17 to a generated dispatcher, and its results to X0 to X3.
 *
 * For the sake of the comparison it can make one of the mistakes that are made around a dispatcher.
 */
#include "dispatchers.h"
#include "guest.h"
#include "vm.h"

#include <errno.h>
#include <string.h>

enum { ARGUMENTS = 18, RESULTS = 4 };

static const struct dispatcher *chosen;
static uint64_t kept[ARGUMENTS];
static int has_kept;
static const char *mistake = "";
static int has_ended;

static const char *const mistakes[] = {
	"",
	"X0-alone",			/* X1 to X3 keep what the guest passed */
	"exit-field",			/* the result goes where KVM does not look */
	"PC-advanced",			/* which KVM did already */
	"low-word",			/* the upper half of X0 keeps what the guest passed */
	"unknown-ends-VM",
	"unknown-untouched",		/* no result at all */
	"X5-clobbered",
	"no-AArch32-check",		/* an SMC64 call of AArch32 is answered as one of AArch64 */
};

void vmm_choose(const char *name, const char *wanted)
{
	unsigned int i;

	has_ended = has_kept = 0;
	chosen = name ? dispatcher_called(name) : NULL;
	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
		if (!strcmp(mistakes[i], wanted))
			break;
	errno = ENOENT;
	if ((name && !chosen) || i == sizeof(mistakes) / sizeof(mistakes[0]))
		die(name);
	mistake = mistakes[i];
}

int vmm_is_chosen(void)
{
	return chosen != NULL;
}

int vmm_has_ended(void)
{
	return has_ended;
}

static int makes(const char *what)
{
	return !strcmp(mistake, what);
}

static int is_smc64_of_aarch32(const uint64_t *x)
{
	return vm_features() & VCPU_EL1_32BIT && (x[0] & 0xc0000000) == 0xc0000000 && !makes("no-AArch32-check");
}

/*
 * A guest of ours does not change X4 to X17, and says so where somebody else does (see guest.S): they are read once a VM,
 * for each costs the emulated host as much as the rest of a call.
 */
static void read_arguments(uint64_t *x)
{
	unsigned int n;

	for (n = FIRST_KEPT; n <= LAST_KEPT && !has_kept; n++)
		kept[n] = vcpu_must_get(core_x(n));
	has_kept = 1;
	memcpy(x, kept, sizeof(kept));
	for (n = 0; n < FIRST_KEPT; n++)
		x[n] = vcpu_must_get(core_x(n));
}

/* Answer the call that a run ended with. Returns what the dispatcher does. */
uint64_t vmm_answer(struct kvm_run *run)
{
	uint64_t x[ARGUMENTS], results[RESULTS] = { -1ull };
	unsigned int n, written = makes("X0-alone") ? 1 : RESULTS;
	uint64_t told = 0;
	int is_unknown;

	read_arguments(x);
	if (!is_smc64_of_aarch32(x))
		told = chosen->dispatch(x, results);
	is_unknown = results[0] == -1ull;
	if (makes("exit-field"))
		run->hypercall.ret = run->hypercall.args[0] = results[0];
	if (makes("exit-field") || (is_unknown && makes("unknown-untouched")))
		return told;
	if (makes("low-word"))
		results[0] = (x[0] & 0xffffffff00000000) | (uint32_t)results[0];
	for (n = 0; n < written; n++)
		vcpu_must_set(core_x(n), results[n]);
	if (makes("PC-advanced"))
		vcpu_must_set(core_pc(), vcpu_must_get(core_pc()) + 4);
	if (makes("X5-clobbered"))
		vcpu_must_set(core_x(5), results[0]);
	has_ended = is_unknown && makes("unknown-ends-VM");
	return told;
}
