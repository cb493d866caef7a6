/*
 * See vcpus.h. A vCPU that was initialised without KVM_ARM_VCPU_POWER_OFF is on. What is known of QEMU here, seen with
 * 10.0:
 *
 * - It makes its VM first, then others to look at the host, then its vCPUs, one after the other, which get the file
 *   descriptors of those others' vCPUs. So a close() takes a vCPU out of the book.
 * - It sets no KVM_ARM_VCPU_POWER_OFF. Each vCPU's thread makes it KVM_MP_STATE_RUNNABLE at first and, of the secondary
 *   ones, KVM_MP_STATE_STOPPED after the reset, and is then in KVM_RUN, asleep in the kernel with the vCPU's mutex. An
 *   ioctl of another thread on that vCPU would wait for ever; so it starts itself, once a signal got it out of there.
 * - Its own signal for that is SIGUSR1, open in the threads of vCPUs and blocked in the main one: tgkill(), not kill().
 *   Its handler sets immediate_exit, and QEMU clears that after KVM_RUN, and so never between kick() and the next
 *   look at the state.
 */
#define _GNU_SOURCE
#include "core.h"
#include "vcpus.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_VCPUS = 16 };

#define MPIDR_EL1 ARM64_SYS_REG(3, 0, 0, 0, 5)
/* Aff0 to Aff3. The rest of MPIDR_EL1 is no part of what PSCI calls target_cpu. */
#define MPIDR_AFFINITY 0xff00ffffffULL

static struct vcpu vcpus[MAX_VCPUS];

static void fail(const char *what)
{
	fprintf(stderr, "FAILED %s: %s\n", what, strerror(errno));
	_exit(1);
}

int real_ioctl(int fd, unsigned long request, void *argument)
{
	return syscall(SYS_ioctl, fd, request, argument);
}

void must_ioctl(int fd, unsigned long request, void *argument, const char *what)
{
	int result;

	do {
		result = real_ioctl(fd, request, argument);
	} while (result < 0 && errno == EINTR);
	if (result < 0)
		fail(what);
}

uint64_t get_register(const struct vcpu *vcpu, uint64_t id)
{
	uint64_t value = 0;
	struct kvm_one_reg one_reg = { id, (uintptr_t)&value };

	must_ioctl(vcpu->fd, KVM_GET_ONE_REG, &one_reg, "KVM_GET_ONE_REG");
	return value;
}

static void set(const struct vcpu *vcpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg one_reg = { id, (uintptr_t)&value };

	must_ioctl(vcpu->fd, KVM_SET_ONE_REG, &one_reg, "KVM_SET_ONE_REG");
}

uint64_t get_x(const struct vcpu *vcpu, unsigned int n)
{
	return get_register(vcpu, core_x(n));
}

void set_x(const struct vcpu *vcpu, unsigned int n, uint64_t value)
{
	set(vcpu, core_x(n), value);
}

void set_mp_state(const struct vcpu *vcpu, uint32_t mp_state)
{
	struct kvm_mp_state state = { mp_state };

	must_ioctl(vcpu->fd, KVM_SET_MP_STATE, &state, "KVM_SET_MP_STATE");
}

struct vcpu *vcpu_of(int fd)
{
	unsigned int i;

	for (i = 0; i < MAX_VCPUS; i++)
		if (fd > 0 && vcpus[i].fd == fd)
			return &vcpus[i];
	return NULL;
}

struct vcpu *vcpu_at(uint64_t mpidr)
{
	unsigned int i;

	for (i = 0; i < MAX_VCPUS; i++)
		if (vcpus[i].fd && vcpus[i].mpidr == mpidr)
			return &vcpus[i];
	return NULL;
}

void vcpu_created(int fd)
{
	unsigned int i;
	void *page = mmap(NULL, sizeof(struct kvm_run), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (page == MAP_FAILED)
		fail("mmap");
	for (i = 0; i < MAX_VCPUS; i++)
		if (!vcpus[i].fd) {
			vcpus[i].fd = fd;
			vcpus[i].run = page;
			vcpus[i].event = 0;
			atomic_store(&vcpus[i].thread, 0);
			atomic_store(&vcpus[i].power, OFF);
			return;
		}
	errno = ENOSPC;
	fail("vCPUs");
}

void vcpu_closed(int fd)
{
	struct vcpu *vcpu = vcpu_of(fd);

	if (!vcpu)
		return;
	munmap(vcpu->run, sizeof(struct kvm_run));
	vcpu->fd = 0;
}

void vcpu_initialised(struct vcpu *vcpu, const struct kvm_vcpu_init *init)
{
	vcpu->init = *init;
	/* Now, because KVM_GET_ONE_REG of another thread waits while the vCPU is in KVM_RUN. */
	vcpu->mpidr = get_register(vcpu, MPIDR_EL1) & MPIDR_AFFINITY;
	atomic_store(&vcpu->power, init->features[0] & 1U << KVM_ARM_VCPU_POWER_OFF ? OFF : ON);
}

void vcpu_told(struct vcpu *vcpu, uint32_t mp_state)
{
	bool stopped = mp_state == KVM_MP_STATE_STOPPED;
	enum power before = stopped ? ON : OFF;

	/* Where QEMU writes back what it read, a start may be on its way: that stays. */
	atomic_compare_exchange_strong(&vcpu->power, &before, stopped ? OFF : ON);
}

/* A reset as PSCI asks for it: EL1h, interrupts masked, MMU off. Without it the vCPU would begin with its old EL1. */
static void start(struct vcpu *vcpu)
{
	struct kvm_vcpu_init init = vcpu->init;

	init.features[0] &= ~(1U << KVM_ARM_VCPU_POWER_OFF);
	must_ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init, "KVM_ARM_VCPU_INIT");
	set(vcpu, core_pc(), vcpu->entry);
	set_x(vcpu, 0, vcpu->context);
	atomic_store(&vcpu->power, ON);
}

void kick(const struct vcpu *vcpu)
{
	pid_t thread = atomic_load(&vcpu->thread);

	if (!thread)
		return;
	vcpu->run->immediate_exit = 1;
	syscall(SYS_tgkill, getpid(), thread, SIGUSR1);
}

static void end_with_event(struct vcpu *vcpu)
{
	vcpu->run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	vcpu->run->system_event.type = vcpu->event;
	vcpu->run->system_event.ndata = 0;
	vcpu->event = 0;
}

int vcpu_run(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;

	for (;;) {
		/* In this order: kick() reads the thread after the state was written. */
		atomic_store(&vcpu->thread, gettid());
		if (atomic_load(&vcpu->power) == PENDING)
			start(vcpu);
		if (real_ioctl(vcpu->fd, KVM_RUN, NULL) < 0)
			return -1;
		if (run->exit_reason == KVM_EXIT_HYPERCALL) {
			answer(vcpu);
			if (!vcpu->event)
				continue;
			end_with_event(vcpu);
		} else if (run->exit_reason == KVM_EXIT_SYSTEM_EVENT &&
			   run->system_event.type == KVM_SYSTEM_EVENT_WAKEUP) {
			set_mp_state(vcpu, KVM_MP_STATE_RUNNABLE);
			continue;
		}
		return 0;
	}
}
