/*
 * The VM: created afresh for every policy, its vCPU at the first operation that needs one.
 */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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
	GIC_DISTRIBUTOR = 0x8000000,	/* guest addresses of the GICv3 that a guest with EL2 needs */
	GIC_REDISTRIBUTOR = 0x80a0000,
	TIMER_MICROSECONDS = 4000,	/* a call that blocks is interrupted this often */
};

static int kvm = -1, vm = -1, vcpu = -1;
static int run_size;
static uint32_t features;
static uint64_t vm_type;
static char *ram;
static struct kvm_run *run;

void die(const char *what)
{
	fflush(stdout);
	fprintf(stderr, "FAILED %s: %s\n", what, strerror(errno));
	tcdrain(STDERR_FILENO);
	reboot(RB_POWER_OFF);
	_exit(1);
}

void must(int result, const char *what)
{
	if (result < 0)
		die(what);
}

static int asked(int result)
{
	return result < 0 ? errno : 0;
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
	must(sigaction(SIGALRM, &action, NULL), "sigaction");
	must(setitimer(ITIMER_REAL, &timer, NULL), "setitimer");
}

/* A protected VM keeps its pages to itself, so that each gets new ones; others go on with those that were. */
static void fresh_ram(void)
{
	extern const char guest_begin[], guest_end[];

	if (ram)
		munmap(ram, RAM_SIZE);
	ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ram == MAP_FAILED)
		die("mmap of the guest's pages");
	memcpy(ram, guest_begin, guest_end - guest_begin);
}

void vm_fresh(uint32_t vcpu_features, uint64_t type)
{
	if (vcpu >= 0) {
		struct kvm_run *mapped = run;

		run = NULL;
		munmap(mapped, run_size);
		close(vcpu);
		vcpu = -1;
	}
	if (vm >= 0 && !(features & VCPU_HAS_EL2))
		close(vm);		/* One with EL2 costs billions of instructions to destroy: the machine's end does. */
	if (!ram || vm_type || type)
		fresh_ram();
	do
		vm = ioctl(kvm, KVM_CREATE_VM, type);
	while (vm < 0 && errno == EINTR);
	must(vm, "KVM_CREATE_VM");
	features = vcpu_features;
	vm_type = type;
}

static void need_vm(void)
{
	errno = EBADF;
	must(vm, "an operation before the first V");
}

static void set_gic(int gic, uint32_t group, uint64_t attr, const void *value)
{
	struct kvm_device_attr set = { .group = group, .attr = attr, .addr = (uintptr_t)value };

	must(ioctl(gic, KVM_SET_DEVICE_ATTR, &set), "KVM_SET_DEVICE_ATTR of the GIC");
}

static void create_gic(void)
{
	const uint64_t distributor = GIC_DISTRIBUTOR, redistributor = GIC_REDISTRIBUTOR;
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };

	must(ioctl(vm, KVM_CREATE_DEVICE, &gic), "KVM_CREATE_DEVICE of a GICv3");
	set_gic(gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &distributor);
	set_gic(gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redistributor);
	set_gic(gic.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	close(gic.fd);
}

static void need_vcpu(void)
{
	struct kvm_userspace_memory_region region = { 0, 0, RAM, RAM_SIZE, (uintptr_t)ram };
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
	if (features & VCPU_HAS_EL2)
		create_gic();
	mapped = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (mapped == MAP_FAILED)
		die("mmap of struct kvm_run");
	run = mapped;
	calls_prepare();
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

struct kvm_run *vcpu_run(void)
{
	need_vcpu();
	return run;
}

void *vm_page(uint64_t guest_address)
{
	return ram + (guest_address - RAM);
}

uint32_t vm_features(void)
{
	return features;
}

int vm_is_plain(void)
{
	return vm_type == 0 && !(features & (VCPU_EL1_32BIT | VCPU_HAS_EL2));
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
	uint64_t address = STOLEN_TIME;
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PVTIME_CTRL,
		.attr = KVM_ARM_VCPU_PVTIME_IPA,
		.addr = (uintptr_t)&address,
	};

	need_vcpu();
	return asked(ioctl(vcpu, KVM_SET_DEVICE_ATTR, &attr));
}

void vcpu_must_set(uint64_t id, uint64_t value)
{
	errno = vcpu_set_reg(id, value);
	must(-errno, "KVM_SET_ONE_REG");
}

uint64_t vcpu_must_get(uint64_t id)
{
	uint64_t value;

	errno = vcpu_get_reg(id, &value);
	must(-errno, "KVM_GET_ONE_REG");
	return value;
}
