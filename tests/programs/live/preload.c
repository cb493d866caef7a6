/*
 * Preloaded into QEMU: gives every VM the filter and the registers of one generated header, as a VMM would.
 *
 * HEADER is the header's file and POLICY its C name. What fails ends QEMU, so that no guest boots without its policy.
 */
#define _GNU_SOURCE
#include HEADER

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define JOIN(name, function) name##_##function
#define OF(name, function) JOIN(name, function)

static void must(int error, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-error));
	if (error)
		_exit(1);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, request);
	result = syscall(SYS_ioctl, fd, request, va_arg(arguments, void *));
	va_end(arguments);
	if (result >= 0 && request == KVM_CREATE_VM)
		must(OF(POLICY, apply)(result, NULL), "filter");
	if (result >= 0 && request == KVM_ARM_VCPU_INIT)
		must(OF(POLICY, set_registers)(fd, NULL), "registers");
	return result;
}
