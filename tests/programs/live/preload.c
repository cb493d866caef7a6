/*
 * Preloaded into QEMU: gives every VM the filter and the registers of one generated header, as a VMM would, and answers
 * the forwarded calls.
 *
 * HEADER is the header's file and POLICY its C name. HANDLERS are the members of the header's struct of handlers with
 * their values; where it is not defined, nobody answers. What fails ends QEMU, so that no guest boots without its policy.
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

struct handled handled;

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
	for (n = 0; n < RESULTS; n++)
		set_x(vcpu, n, x[n]);
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

/* Only a vCPU with PSCI 0.2 takes the register of PSCI's version; those that QEMU looks at the host with have none. */
static void initialised(int fd, const struct kvm_vcpu_init *init)
{
	if (!(init->features[0] & 1U << KVM_ARM_VCPU_PSCI_0_2))
		return;
	must(OF(POLICY, set_registers)(fd, NULL), "registers");
	vcpu_initialised(vcpu_of(fd), init);
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
		return vcpu_run(vcpu);
	result = real_ioctl(fd, request, argument);
	if (result < 0)
		return result;
	switch (request) {
	case KVM_CREATE_VM:
		must(OF(POLICY, apply)(result, NULL), "filter");
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
