/*
 * The only program of the emulated machine, its /init: asks KVM what /operations says and writes an answer a line.
 *
 * Before the answers come KVM's own messages and BEGIN with the kernel's release, after them END with their number. A
 * failure is told on the console, and without END.
 */
#include "artefacts.h"
#include "vm.h"

#include <errno.h>
#include <inttypes.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The first port of QEMU's first virtio-serial device: faster than a UART, and free of kernel messages. */
#define ANSWERS "/dev/vport0p1"

enum {
	ENTRY = 24,				/* sizeof(struct kvm_smccc_filter) */
	SYSLOG_ACTION_READ_ALL = 3,
};

struct entry {
	uint32_t base, nr_functions;
	uint8_t action, pad[15];
} __attribute__((packed));
_Static_assert(sizeof(struct entry) == ENTRY, "struct kvm_smccc_filter has 24 bytes");

static void malformed(const char *line)
{
	errno = EINVAL;
	die(line);
}

/* KVM's own words about how it came up, so that the answers can be told from those of a kernel without EL2. */
static void print_kvm_messages(void)
{
	static char log[1 << 20];
	char *rest = log, *line;
	int length = klogctl(SYSLOG_ACTION_READ_ALL, log, sizeof(log) - 1);

	log[length < 0 ? 0 : length] = '\0';
	while ((line = strsep(&rest, "\n")))
		if (strstr(line, "kvm [1]: "))
			printf("KVM %s\n", strstr(line, "kvm [1]: "));
}

/* PID 1 starts without open files. */
static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		die("open /dev/console");
}

static void open_answers(void)
{
	static char buffer[1 << 16];

	if (!freopen(ANSWERS, "w", stdout))
		die("open " ANSWERS);
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

/* The last pad byte is enough to see that KVM looks at the pad. */
static int insert(uint32_t base, uint32_t nr_functions, uint8_t action, uint8_t pad)
{
	struct entry entry = { base, nr_functions, action, { [14] = pad } };

	return vm_set_filter(&entry);
}

/* Insert each entry of a blob, given in hexadecimal, whatever the one before met; print an errno each. */
static void insert_blob(const char *hex)
{
	uint8_t entry[ENTRY];
	int n = 0;

	for (; *hex; hex += 2) {
		unsigned int byte;

		if (sscanf(hex, "%2x", &byte) != 1 || !hex[1])
			malformed("B");
		entry[n++ % ENTRY] = byte;
		if (n % ENTRY == 0)
			printf("%s%d", n > ENTRY ? " " : "", vm_set_filter(entry));
	}
	if (n == 0 || n % ENTRY)
		malformed("B");
}

static void get_reg(uint64_t id)
{
	uint64_t value;
	int error = vcpu_get_reg(id, &value);

	printf(error ? "%d" : "%d %" PRIx64, error, value);
}

/* Call a function of a generated header; print its errno, and what KVM refused. */
static void use_artefact(const char *name, int registers)
{
	const struct artefact *artefact = artefact_called(name);
	uint64_t refused = 0;
	int error;

	if (!artefact)
		malformed(name);
	error = registers ? artefact->set_registers(vcpu_fd(), &refused) : artefact->apply(vm_fd(), &refused);
	printf(error ? "%d %" PRIx64 : "%d", -error, refused);
}

/* Have the forwarded calls of this VM answered by a dispatcher, in a VMM that makes a mistake if one is named. */
static void choose_vmm(const char *arguments)
{
	char dispatcher[64], mistake[32] = "";

	if (sscanf(arguments, "%63s %31s", dispatcher, mistake) < 1)
		malformed("D");
	vmm_choose(dispatcher, mistake);
	printf("ok");
}

static int is_call(const char *line)
{
	return *line && strchr("PSps", *line);
}

static void add_call(const char *line)
{
	enum conduit conduit = line[0] == 'S' || line[0] == 's' ? CONDUIT_SMC : CONDUIT_HVC;
	enum way way = line[0] == 'p' || line[0] == 's' ? WAY_OTHER : WAY_USUAL;
	uint64_t x[4] = { 0, 0, 0, 0xdead0003 };

	if (sscanf(line + 1, "%" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64, &x[0], &x[1], &x[2], &x[3]) < 2)
		malformed(line);
	calls_add(conduit, way, x);
}

static void answer(const char *line)
{
	const char *arguments = line + 1;
	uint64_t a = 0, b = 0;
	unsigned int action, pad, cap;
	int n = sscanf(arguments, "%" SCNx64 " %" SCNx64, &a, &b);

	switch (line[0]) {
	case 'V':
		vm_fresh(n >= 1 ? a : VCPU_PSCI_0_2, b);
		vmm_choose(NULL, "");
		printf("ok");
		break;
	case 'F':
		if (sscanf(arguments, "%*x %*x %u %u", &action, &pad) != 2)
			malformed(line);
		printf("%d", insert(a, b, action, pad));
		break;
	case 'B':
		insert_blob(arguments + 1);
		break;
	case 'A':
	case 'W':
		use_artefact(arguments + 1, line[0] == 'W');
		break;
	case 'D':
		choose_vmm(arguments);
		break;
	case 'C':
		if (sscanf(arguments, "%u", &cap) != 1)
			malformed(line);
		printf("%d", vm_enable_cap(cap, n == 2 ? b : 0));
		break;
	case 'R':
		printf("%d", vcpu_set_reg(a, b));
		break;
	case 'G':
		get_reg(a);
		break;
	case 'T':
		printf("%d", vcpu_set_stolen_time_page());
		break;
	default:
		malformed(line);
	}
	putchar('\n');
}

int main(void)
{
	struct utsname kernel;
	FILE *operations;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	unsigned long answers = 0;

	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	open_console();
	open_answers();
	uname(&kernel);
	print_kvm_messages();
	operations = fopen("/operations", "r");
	if (!operations)
		die("open /operations");
	kvm_open();
	printf("BEGIN %s\n", kernel.release);
	for (; (length = getline(&line, &size, operations)) > 0; answers++) {
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		if (is_call(line)) {
			add_call(line);
			continue;
		}
		calls_make(stdout);
		answer(line);
	}
	calls_make(stdout);
	printf("END %lu\n", answers);
	if (fflush(stdout))
		die("write of the answers");
	reboot(RB_POWER_OFF);
	return 1;
}
