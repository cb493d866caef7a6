/*
 * A VMM for one image: memory, a serial port where the arguments have it, a GIC, and CPUs. What a policy needs of it
 * comes from preload.c, as with QEMU.
 *
 * Arguments: the image, the device tree, the first address of memory, its bytes, the addresses of the image, the device
 * tree and the port, "gicv2", "gicv3" or "nogic", "stolen" or "none" for the CPUs' time, and their number. Like crosvm and
 * Firecracker it transmits what is one byte wide only; any other access ends it.
 */
#include "core.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { IMAGE = 1, TREE, MEMORY, BYTES, IMAGE_AT, TREE_AT, PORT, GIC, STOLEN_TIME, CPUS, ARGUMENTS };
enum { MAX_CPUS = 2, PAGE = 4096, STOLEN_TIME_BYTES = 64, NONE = -1 };

#define GICD 0x3fff0000ULL
#define GICR 0x3ff00000ULL
#define GICC 0x3ffd0000ULL

static int vm, run_bytes;
static uint64_t port;

static int must(int result, const char *what)
{
	if (result < 0) {
		printf("%s: %s\n", what, strerror(errno));
		exit(1);
	}
	return result;
}

static void load(const char *path, char *memory, uint64_t at)
{
	ssize_t count;
	int fd = must(open(path, O_RDONLY), path);

	while ((count = must(read(fd, memory + at, 1 << 16), path)) > 0)
		at += count;
	close(fd);
}

static void set_gic(int gic, uint32_t group, uint64_t attr, uint64_t value, const char *what)
{
	struct kvm_device_attr attribute = { .group = group, .attr = attr, .addr = (uint64_t)&value };

	must(ioctl(gic, KVM_SET_DEVICE_ATTR, &attribute), what);
}

/* A host whose GIC has no part for guests of version 2 refuses that: ENODEV. */
static void make_gic(int version)
{
	struct kvm_create_device device = { .type = version == 2 ? KVM_DEV_TYPE_ARM_VGIC_V2 : KVM_DEV_TYPE_ARM_VGIC_V3 };

	must(ioctl(vm, KVM_CREATE_DEVICE, &device), "KVM_CREATE_DEVICE");
	if (version == 2) {
		set_gic(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST, GICD, "distributor");
		set_gic(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU, GICC, "CPU interfaces");
	} else {
		set_gic(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, GICD, "distributor");
		set_gic(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, GICR, "redistributors");
	}
	set_gic(device.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, 0, "KVM_DEV_ARM_VGIC_CTRL_INIT");
}

static int make_cpu(unsigned long number)
{
	struct kvm_vcpu_init init;
	int cpu = must(ioctl(vm, KVM_CREATE_VCPU, (void *)number), "KVM_CREATE_VCPU");

	must(ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init), "KVM_ARM_PREFERRED_TARGET");
	init.features[0] |= 1U << KVM_ARM_VCPU_PSCI_0_2;
	if (number)
		init.features[0] |= 1U << KVM_ARM_VCPU_POWER_OFF;
	must(ioctl(cpu, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT");
	return cpu;
}

/* Each CPU has its stolen time in a line of the memory's last page. */
static void give_stolen_time(int cpu, unsigned long number, uint64_t page)
{
	uint64_t address = page + number * STOLEN_TIME_BYTES;
	struct kvm_device_attr attribute = { .group = KVM_ARM_VCPU_PVTIME_CTRL, .attr = KVM_ARM_VCPU_PVTIME_IPA };

	attribute.addr = (uint64_t)&address;
	must(ioctl(cpu, KVM_SET_DEVICE_ATTR, &attribute), "KVM_ARM_VCPU_PVTIME_IPA");
}

static void set(int cpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uint64_t)&value };

	must(ioctl(cpu, KVM_SET_ONE_REG, &reg), "KVM_SET_ONE_REG");
}

static void access_port(const struct kvm_run *run)
{
	if (!run->mmio.is_write || run->mmio.len != 1 || run->mmio.phys_addr != port) {
		printf("\naccess of %u bytes to 0x%llx\n", run->mmio.len, (unsigned long long)run->mmio.phys_addr);
		exit(1);
	}
	putchar(run->mmio.data[0]);
}

static void *run_cpu(void *argument)
{
	int cpu = *(int *)argument;
	struct kvm_run *run = mmap(NULL, run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);

	for (;;) {
		if (ioctl(cpu, KVM_RUN, NULL) < 0 && errno != EINTR)
			must(NONE, "KVM_RUN");
		if (run->exit_reason == KVM_EXIT_MMIO)
			access_port(run);
		else if (run->exit_reason == KVM_EXIT_SYSTEM_EVENT)
			exit(0);
	}
}

int main(int count, char **argument)
{
	struct kvm_userspace_memory_region region = { 0 };
	uint64_t number[ARGUMENTS] = { 0 };
	pthread_t thread;
	int cpus[MAX_CPUS], kvm, n;
	char *memory;

	if (count != ARGUMENTS)
		return 2;
	for (n = MEMORY; n < ARGUMENTS; n++)
		number[n] = strtoull(argument[n], NULL, 0);
	port = number[PORT];
	setvbuf(stdout, NULL, _IOLBF, PAGE);
	kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm");
	run_bytes = must(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL), "KVM_GET_VCPU_MMAP_SIZE");
	vm = must(ioctl(kvm, KVM_CREATE_VM, NULL), "KVM_CREATE_VM");
	memory = mmap(NULL, number[BYTES], PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	region.guest_phys_addr = number[MEMORY];
	region.memory_size = number[BYTES];
	region.userspace_addr = (uint64_t)memory;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
	load(argument[IMAGE], memory, number[IMAGE_AT] - number[MEMORY]);
	load(argument[TREE], memory, number[TREE_AT] - number[MEMORY]);
	for (n = 0; n < (int)number[CPUS] && n < MAX_CPUS; n++) {
		cpus[n] = make_cpu(n);
		if (!strcmp(argument[STOLEN_TIME], "stolen"))
			give_stolen_time(cpus[n], n, number[MEMORY] + number[BYTES] - PAGE);
	}
	if (strcmp(argument[GIC], "nogic"))
		make_gic(argument[GIC][strlen("gicv")] - '0');
	if (number[CPUS] > 1 && pthread_create(&thread, NULL, run_cpu, &cpus[1]))
		must(NONE, "pthread_create");
	set(cpus[0], core_pc(), number[IMAGE_AT]);
	set(cpus[0], core_x(0), number[TREE_AT]);
	run_cpu(&cpus[0]);
}
