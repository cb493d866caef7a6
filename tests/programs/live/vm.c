/*
 * The VM: created afresh for every policy, its vCPU at the first operation that needs one.
 *
 * The guest reads x0-x3 and the conduit from a page that it shares with this program, makes the call, writes x0-x3 back
 * and stores to an address where nothing is, so that KVM_RUN returns with KVM_EXIT_MMIO. Its loads and stores go past
 * the caches, which is sound where this runs and nowhere else: QEMU emulates none.
 */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

/* Linux 7.3 uapi; the headers of a distribution's cross compiler may be older than 6.4. */
#ifndef KVM_ARM_VM_SMCCC_CTRL
#define KVM_ARM_VM_SMCCC_CTRL 0
#define KVM_ARM_VM_SMCCC_FILTER 0
#endif

enum {
	PAGE = 4096,
	RAM = 0x10000,			/* guest address of the only page */
	SHARED = 2048,			/* offset of struct shared in it */
	STOLEN_TIME = 3072,		/* offset of the stolen-time structure in it */
	UNMAPPED = 0x20000,		/* guest address where nothing is */
	TIMER_MICROSECONDS = 4000,	/* a call that blocks is interrupted this often */
	MAX_INTERRUPTIONS = 2500,	/* and given up after 10 s */
};

struct shared {
	uint64_t x[4];
	uint64_t conduit;
};

/* guest.S */
extern const char guest_begin[], guest_hvc[], guest_smc[], guest_end[];

static int kvm = -1, vm = -1, vcpu = -1;
static int run_size;
static uint32_t features;
static char *page;
static struct kvm_run *run;

void die(const char *what)
{
	fflush(stdout);
	fprintf(stderr, "FAILED %s: %s\n", what, strerror(errno));
	tcdrain(STDERR_FILENO);
	reboot(RB_POWER_OFF);
	_exit(1);
}

static int asked(int result)
{
	return result < 0 ? errno : 0;
}

static void must(int result, const char *what)
{
	if (result < 0)
		die(what);
}

static uint64_t core_reg(unsigned int word)
{
	return KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | word;
}

static uint64_t core_x(unsigned int n)
{
	return core_reg(2 * n);
}

static uint64_t core_pc(void)
{
	return core_reg(2 * 32);
}

/* A signal just before KVM_RUN would be lost without immediate_exit. */
static void interrupt(int signal)
{
	(void)signal;
	if (run)
		run->immediate_exit = 1;
}

void kvm_open(void)
{
	const struct sigaction action = { .sa_handler = interrupt, .sa_flags = SA_RESTART };
	const struct itimerval timer = { { 0, TIMER_MICROSECONDS }, { 0, TIMER_MICROSECONDS } };

	must(kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), "open /dev/kvm");
	must(run_size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		die("mmap of the guest's page");
	memcpy(page, guest_begin, guest_end - guest_begin);
	must(sigaction(SIGALRM, &action, NULL), "sigaction");
	must(setitimer(ITIMER_REAL, &timer, NULL), "setitimer");
}

void vm_fresh(uint32_t vcpu_features)
{
	if (vcpu >= 0) {
		struct kvm_run *mapped = run;

		run = NULL;
		munmap(mapped, run_size);
		close(vcpu);
		vcpu = -1;
	}
	if (vm >= 0)
		close(vm);
	do
		vm = ioctl(kvm, KVM_CREATE_VM, 0);
	while (vm < 0 && errno == EINTR);
	must(vm, "KVM_CREATE_VM");
	features = vcpu_features;
}

static void need_vm(void)
{
	errno = EBADF;
	must(vm, "an operation before the first V");
}

static void need_vcpu(void)
{
	struct kvm_userspace_memory_region region = { 0, 0, RAM, PAGE, (uintptr_t)page };
	struct kvm_vcpu_init init;
	void *mapped;

	need_vm();
	if (vcpu >= 0)
		return;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
	must(vcpu = ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	must(ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init), "KVM_ARM_PREFERRED_TARGET");
	init.features[0] = features;
	must(ioctl(vcpu, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT");
	mapped = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (mapped == MAP_FAILED)
		die("mmap of struct kvm_run");
	run = mapped;
	must(-vcpu_set_reg(core_pc(), RAM), "KVM_SET_ONE_REG pc");
	must(-vcpu_set_reg(core_x(4), RAM + SHARED), "KVM_SET_ONE_REG x4");
	must(-vcpu_set_reg(core_x(6), UNMAPPED), "KVM_SET_ONE_REG x6");
}

int vm_fd(void)
{
	need_vm();
	return vm;
}

int vcpu_fd(void)
{
	need_vcpu();
	return vcpu;
}

int vm_set_filter(const void *entry)
{
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VM_SMCCC_CTRL,
		.attr = KVM_ARM_VM_SMCCC_FILTER,
		.addr = (uintptr_t)entry,
	};

	need_vm();
	return asked(ioctl(vm, KVM_SET_DEVICE_ATTR, &attr));
}

int vm_enable_cap(uint32_t number, uint64_t argument)
{
	struct kvm_enable_cap cap = { .cap = number, .args = { argument } };

	need_vm();
	return asked(ioctl(vm, KVM_ENABLE_CAP, &cap));
}

int vcpu_get_reg(uint64_t id, uint64_t *value)
{
	struct kvm_one_reg reg = { id, (uintptr_t)value };

	need_vcpu();
	*value = 0;
	return asked(ioctl(vcpu, KVM_GET_ONE_REG, &reg));
}

int vcpu_set_reg(uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { id, (uintptr_t)&value };

	need_vcpu();
	return asked(ioctl(vcpu, KVM_SET_ONE_REG, &reg));
}

int vcpu_set_stolen_time_page(void)
{
	uint64_t address = RAM + STOLEN_TIME;
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PVTIME_CTRL,
		.attr = KVM_ARM_VCPU_PVTIME_IPA,
		.addr = (uintptr_t)&address,
	};

	need_vcpu();
	return asked(ioctl(vcpu, KVM_SET_DEVICE_ATTR, &attr));
}

static void make_runnable(void)
{
	struct kvm_mp_state state = { KVM_MP_STATE_RUNNABLE };

	must(ioctl(vcpu, KVM_SET_MP_STATE, &state), "KVM_SET_MP_STATE");
}

static int is_stopped(void)
{
	struct kvm_mp_state state;

	must(ioctl(vcpu, KVM_GET_MP_STATE, &state), "KVM_GET_MP_STATE");
	return state.mp_state == KVM_MP_STATE_STOPPED;
}

static void say_hypercall(enum conduit conduit, FILE *answer)
{
	uint64_t call = RAM + ((conduit == CONDUIT_SMC ? guest_smc : guest_hvc) - guest_begin), pc, flags;

	/* Headers older than 6.4 call the 64 bits after ret longmode and pad. */
	memcpy(&flags, (const char *)run + offsetof(struct kvm_run, hypercall.ret) + sizeof(uint64_t), sizeof(flags));
	must(-vcpu_get_reg(core_pc(), &pc), "KVM_GET_ONE_REG pc");
	fprintf(answer, "user nr=%llx flags=%lx pc+%ld", run->hypercall.nr, flags, pc - call);
}

/* Follow the call to the guest's store, so that the next call finds the guest at the top of its loop. */
static void run_to_store(enum conduit conduit, FILE *answer)
{
	const volatile struct shared *shared = (void *)(page + SHARED);
	const char *verb = "ret";
	int interruptions = 0;

	for (;;) {
		if (ioctl(vcpu, KVM_RUN, 0) < 0) {
			if (errno != EINTR || ++interruptions > MAX_INTERRUPTIONS)
				die("KVM_RUN");
			run->immediate_exit = 0;
			if (is_stopped()) {
				fputs("off", answer);
				verb = NULL;
				make_runnable();
			}
			continue;
		}
		switch (run->exit_reason) {
		case KVM_EXIT_MMIO:
			if (verb)
				fprintf(answer, "%s %lx %lx %lx %lx", verb, shared->x[0], shared->x[1], shared->x[2],
					shared->x[3]);
			return;
		case KVM_EXIT_HYPERCALL:
			say_hypercall(conduit, answer);
			verb = NULL;
			break;
		case KVM_EXIT_SYSTEM_EVENT:
			fprintf(answer, "event %u %llx", run->system_event.type, run->system_event.flags);
			verb = "";
			make_runnable();
			break;
		default:
			fprintf(stderr, "exit reason %u\n", run->exit_reason);
			die("an exit that nothing here causes");
		}
	}
}

void vcpu_call(enum conduit conduit, uint64_t x0, uint64_t x1, FILE *answer)
{
	volatile struct shared *shared = (void *)(page + SHARED);

	need_vcpu();
	shared->x[0] = x0;
	shared->x[1] = x1;
	shared->x[2] = 0;
	shared->x[3] = 0xdead0003;
	shared->conduit = conduit;
	run_to_store(conduit, answer);
}
