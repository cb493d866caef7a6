/*
 * The vCPUs of a VM, which a preloaded library powers on and off in KVM's place.
 */
#ifndef VCPUS_H
#define VCPUS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/kvm.h>

/*
 * Whether a vCPU is on. A call of CPU_ON takes it from OFF to BUSY, writes where it begins, and leaves it PENDING;
 * its own thread, and no other, takes it from there to ON.
 */
enum power { OFF, BUSY, PENDING, ON };

struct vcpu {
	int fd; /* 0 where there is none */
	struct kvm_vcpu_init init;
	struct kvm_run *run;
	uint64_t mpidr;
	_Atomic enum power power;
	uint64_t entry, context; /* of a vCPU that is PENDING */
	_Atomic pid_t thread; /* the one in KVM_RUN, 0 before the first */
	uint32_t event; /* KVM_SYSTEM_EVENT_*, by which KVM_RUN is to end; 0 for none */
};

/* Without the wrapper around it. */
int real_ioctl(int fd, unsigned long request, void *argument);
/* Ends the VMM with a message unless an ioctl of the library's own was successful. */
void must_ioctl(int fd, unsigned long request, void *argument, const char *what);

void vcpu_created(int fd);
void vcpu_closed(int fd);
/* NULL where fd is something else. */
struct vcpu *vcpu_of(int fd);
/* NULL where no vCPU has that MPIDR. */
struct vcpu *vcpu_at(uint64_t mpidr);
/* The VMM gave it KVM_ARM_VCPU_INIT, which QEMU also does to reset it. */
void vcpu_initialised(struct vcpu *vcpu, const struct kvm_vcpu_init *init);
/* The VMM gave it KVM_SET_MP_STATE. */
void vcpu_told(struct vcpu *vcpu, uint32_t mp_state);
/* Stands for KVM_RUN: answers forwarded calls, and returns for all else. */
int vcpu_run(struct vcpu *vcpu);

uint64_t get_register(const struct vcpu *vcpu, uint64_t id);
uint64_t get_x(const struct vcpu *vcpu, unsigned int n);
void set_x(const struct vcpu *vcpu, unsigned int n, uint64_t value);
void set_mp_state(const struct vcpu *vcpu, uint32_t mp_state);
/* Gets the thread of a vCPU, which may be anywhere, to look at its state before it enters the guest (again). */
void kick(const struct vcpu *vcpu);

/* Answers the call with which KVM_RUN ended; each library has its own. */
void answer(struct vcpu *vcpu);

#endif
