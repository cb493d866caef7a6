/*
 * Preloaded into a VMM: gives every VM the filter and the registers of one generated header, as a VMM would, and answers
 * the forwarded calls.
 *
 * HEADER is the header's file and POLICY its C name. HANDLERS are the members of the header's struct of handlers with
 * their values; where it is not defined, nobody answers. CAPABILITIES are those that it enables, each behind a comma.
 * What fails ends the VMM, so that no guest boots without its policy, unless MISTAKES says what it does wrong.
 */
#define _GNU_SOURCE
#include HEADER

#include "handlers.h"
#include "vcpus.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define JOIN(name, function) name##_##function
#define OF(name, function) JOIN(name, function)

/* What a VMM does wrong around generated code. */
enum mistakes {
	FILTER_LATE = 1, /* when a vCPU has run */
	REGISTERS_LATE = 2,
	REGISTERS_WRITTEN_BACK = 4, /* over those of the policy, as they were before */
	X0_ALONE = 8, /* X1 to X3 keep what the guest passed */
	EXIT_FIELD = 16, /* results go where KVM does not look */
	UNKNOWN_ENDS_VM = 32,
};

#ifndef MISTAKES
#define MISTAKES 0
#endif

#ifndef CAPABILITIES
#define CAPABILITIES
#endif

struct handled handled;

static const uint32_t capabilities[] = { 0 CAPABILITIES };
static int vm;

static void must(int error, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-error));
	if (error)
		_exit(1);
}

#ifdef HANDLERS

enum { ARGUMENTS = 18, RESULTS = 4 };

static const struct OF(POLICY, handlers) handlers = { HANDLERS };

void answer(struct vcpu *vcpu)
{
	uint64_t x[ARGUMENTS];
	unsigned int n;

	for (n = 0; n < ARGUMENTS; n++)
		x[n] = get_x(vcpu, n);
	if (!OF(POLICY, dispatch)(&handlers, vcpu, x, x))
		must(-EINVAL, "dispatch");
	if (MISTAKES & EXIT_FIELD)
		vcpu->run->hypercall.ret = x[0];
	else
		for (n = 0; n < (MISTAKES & X0_ALONE ? 1 : RESULTS); n++)
			set_x(vcpu, n, x[n]);
	if (MISTAKES & UNKNOWN_ENDS_VM && x[0] == UINT64_MAX)
		exit(0);
}

__attribute__((constructor)) static void look_at_handlers(void)
{
	const char *missing = OF(POLICY, missing_handler)(&handlers);

	if (missing)
		must(-ENOSYS, missing);
}

__attribute__((destructor)) static void say_what_was_handled(void)
{
	fprintf(stderr, "HANDLED %u cpu_on, %u cpu_off, %u system_off, %u system_reset, %u words\n", handled.cpu_on,
		handled.cpu_off, handled.system_off, handled.system_reset, handled.words);
}

#else

enum { PSCI_SYSTEM_OFF = 0x84000008 };

/* As a VMM that knows nothing of the exit. The guest would hang where it tries to end: here it ends. */
void answer(struct vcpu *vcpu)
{
	if (vcpu->run->hypercall.nr == PSCI_SYSTEM_OFF)
		_exit(0);
}

#endif

/* The first of the list stands for none. */
static void vm_created(int fd)
{
	unsigned int n;

	vm = fd;
	if (!(MISTAKES & FILTER_LATE))
		must(OF(POLICY, apply)(fd, NULL), "filter");
	for (n = 1; n < sizeof(capabilities) / sizeof(capabilities[0]); n++) {
		struct kvm_enable_cap capability = { .cap = capabilities[n] };

		must_ioctl(fd, KVM_ENABLE_CAP, &capability, "KVM_ENABLE_CAP");
	}
}

/* Of the list of a vCPU's registers that a VMM keeps and writes back: those of the firmware. */
static const uint64_t kept_list[] = {
	KVM_REG_ARM_PSCI_VERSION,
	KVM_REG_ARM_STD_BMAP,
	KVM_REG_ARM_STD_HYP_BMAP,
	KVM_REG_ARM_VENDOR_HYP_BMAP,
};

enum { KEPT = sizeof(kept_list) / sizeof(kept_list[0]) };

static void access_list(int fd, unsigned long request, uint64_t *values)
{
	unsigned int n;

	for (n = 0; n < KEPT; n++) {
		struct kvm_one_reg one_reg = { kept_list[n], (uintptr_t)&values[n] };

		must_ioctl(fd, request, &one_reg, "the list of registers");
	}
}

static void set_registers(int fd)
{
	uint64_t kept[KEPT];

	access_list(fd, KVM_GET_ONE_REG, kept);
	must(OF(POLICY, set_registers)(fd, NULL), "registers");
	if (MISTAKES & REGISTERS_WRITTEN_BACK)
		access_list(fd, KVM_SET_ONE_REG, kept);
}

/* Only a vCPU with PSCI 0.2 takes the register of PSCI's version; those that QEMU looks at the host with have none. */
static void initialised(int fd, const struct kvm_vcpu_init *init)
{
	if (!(init->features[0] & 1U << KVM_ARM_VCPU_PSCI_0_2))
		return;
	if (!(MISTAKES & REGISTERS_LATE))
		set_registers(fd);
	vcpu_initialised(vcpu_of(fd), init);
}

/* A VMM that is late is told so by KVM, once, and goes on. */
static int run(struct vcpu *vcpu)
{
	static int has_run;
	int result = vcpu_run(vcpu);

	if (!has_run && MISTAKES & FILTER_LATE)
		fprintf(stderr, "late filter: %s\n", strerrorname_np(-OF(POLICY, apply)(vm, NULL)));
	if (!has_run && MISTAKES & REGISTERS_LATE)
		fprintf(stderr, "late registers: %s\n", strerrorname_np(-OF(POLICY, set_registers)(vcpu->fd, NULL)));
	has_run = 1;
	return result;
}

int close(int fd)
{
	vcpu_closed(fd);
	return syscall(SYS_close, fd);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;
	struct vcpu *vcpu;
	int result;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	vcpu = request == KVM_RUN ? vcpu_of(fd) : NULL;
	if (vcpu)
		return run(vcpu);
	result = real_ioctl(fd, request, argument);
	if (result < 0)
		return result;
	switch (request) {
	case KVM_CREATE_VM:
		vm_created(result);
		break;
	case KVM_CREATE_VCPU:
		vcpu_created(result);
		break;
	case KVM_ARM_VCPU_INIT:
		initialised(fd, argument);
		break;
	case KVM_SET_MP_STATE:
		vcpu_told(vcpu_of(fd), ((const struct kvm_mp_state *)argument)->mp_state);
		break;
	default:
		break;
	}
	return result;
}
