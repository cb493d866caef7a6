/*
 * The /init of the emulated machine that runs guests of its own: one VMM after the other, each with one guest.
 *
 * /guests has a line a guest: its name, the library to preload into QEMU or "-", how many CPUs, whether it "reboots" or
 * only "ends", and what its kernel is given beside ARGUMENTS. It boots /NAME.img where that is, and /image elsewhere;
 * where /NAME.dtb is, /vmm boots it instead of QEMU, with the arguments of the line behind the image and that tree.
 * What the VMM and the guest's console say goes to the answers, between "GUEST name" and "STATUS n", the exit status.
 * The HVCs of one that is "recorded" are traced by ftrace, trace-cmd and perf at once; what each shows of them follows
 * behind "TRACE tool", trace-cmd's own file behind "TRACE trace.dat" in lines of Base64, up to "TRACE end".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* The first port of QEMU's first virtio-serial device. */
#define ANSWERS "/dev/vport0p1"

#define TRACING "/sys/kernel/tracing"
#define EVENT "kvm:kvm_hvc_arm64"
#define TRACE_DAT "/tmp/trace.dat"

/* Words of a command before QEMU's that record it. */
enum { RECORDERS = 17 };

struct guest {
	char name[64], library[64], cpus[8], end[16], arguments[256];
};

static void die(const char *what)
{
	fprintf(stderr, "FAILED %s: %s\n", what, strerror(errno));
	tcdrain(STDERR_FILENO);
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void open_as(const char *path, int flags, int target)
{
	int fd = open(path, flags | O_NOCTTY);

	if (fd < 0 || dup2(fd, target) < 0)
		die(path);
	if (fd != target)
		close(fd);
}

static int is(const struct guest *guest, const char *end)
{
	return strcmp(guest->end, end) == 0;
}

/* As image_vmm.c takes them. */
enum { MAX_WORDS = 16 };

static void run_vmm(struct guest *guest, char *image, char *tree)
{
	char *command[MAX_WORDS] = { "/vmm", image, tree };
	int count = 3;

	for (char *word = strtok(guest->arguments, " "); word && count < MAX_WORDS - 1; word = strtok(NULL, " "))
		command[count++] = word;
	execv(command[0], command);
}

static void run_qemu(struct guest *guest)
{
	/* A guest that is not meant to reboot does so when it panics. */
	char *no_reboot = is(guest, "reboots") ? NULL : "-no-reboot";
	char arguments[sizeof(ARGUMENTS) + sizeof(guest->arguments)], own[sizeof(guest->name) + sizeof("/.img")];
	char tree[sizeof(own)];

	snprintf(own, sizeof(own), "/%s.img", guest->name);
	snprintf(tree, sizeof(tree), "/%s.dtb", guest->name);

	char *const command[] = {
		"/usr/bin/trace-cmd", "record", "-q", "-B", "recorded", "-e", EVENT, "-o", TRACE_DAT,
		"/usr/bin/perf", "record", "-q", "-a", "-e", EVENT, "-o", "/tmp/perf.data",
		"/usr/bin/qemu-system-aarch64", "-M", "virt,gic-version=3", "-accel", "kvm", "-cpu", "host", "-m", "512",
		"-smp", guest->cpus, "-nodefaults", "-display", "none", "-serial", "stdio", "-monitor", "none",
		"-kernel", access(own, R_OK) ? "/image" : own, "-initrd", "/guest-initrd", "-append", arguments, no_reboot, NULL,
	};

	char *const *first = command + (is(guest, "recorded") ? 0 : RECORDERS);

	snprintf(arguments, sizeof(arguments), "%s%s", ARGUMENTS, guest->arguments);
	if (strcmp(guest->library, "-"))
		setenv("LD_PRELOAD", guest->library, 1);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	open_as("/dev/null", O_RDONLY, STDIN_FILENO);
	if (!access(tree, R_OK))
		run_vmm(guest, own, tree);
	else
		execv(first[0], first);
	printf("%s: %s\n", guest->name, strerror(errno));
	_exit(127);
}

static void trace(const char *what)
{
	int fd = open(what, O_WRONLY);

	if (fd < 0 || write(fd, "1", 1) != 1)
		die(what);
	close(fd);
}

static void show(const char *tool, char *const command[])
{
	pid_t child;

	printf("TRACE %s\n", tool);
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		open_as("/dev/null", O_RDONLY, STDIN_FILENO);
		execv(command[0], command);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

/* Its own, as this machine has no cat. */
static void show_ftrace(void)
{
	char line[512];
	FILE *file = fopen(TRACING "/trace", "r");

	if (!file)
		die(TRACING "/trace");
	printf("TRACE ftrace\n");
	while (fgets(line, sizeof(line), file))
		fputs(line, stdout);
	fclose(file);
}

/* What a VMM says, which may be a character at a time: each piece that goes to the answers leaves this machine. */
static void copy_to_answers(int from)
{
	const struct timespec while_more_comes = { .tv_nsec = 10000000 };
	char piece[4096];
	ssize_t count;

	while ((count = read(from, piece, sizeof(piece))) > 0) {
		if (write(STDOUT_FILENO, piece, count) != count)
			die(ANSWERS);
		nanosleep(&while_more_comes, NULL);
	}
}

/* RFC 4648, section 4. */
static void show_trace_dat(void)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static char line[4 * 4096 + 1];
	unsigned char data[3 * 4096];
	size_t size;
	FILE *file = fopen(TRACE_DAT, "r");

	if (!file)
		die(TRACE_DAT);
	printf("TRACE trace.dat\n");
	while ((size = fread(data, 1, sizeof(data), file)) > 0) {
		char *end = line;

		for (size_t at = 0; at < size; at += 3) {
			unsigned int bits = data[at] << 16;

			if (at + 1 < size)
				bits |= data[at + 1] << 8;
			if (at + 2 < size)
				bits |= data[at + 2];
			*end++ = digits[bits >> 18];
			*end++ = digits[bits >> 12 & 63];
			*end++ = at + 1 < size ? digits[bits >> 6 & 63] : '=';
			*end++ = at + 2 < size ? digits[bits & 63] : '=';
		}
		*end = '\0';
		printf("%s\n", line);
	}
	fclose(file);
}

static void run_guest(struct guest *guest)
{
	int status, said[2];
	pid_t child;

	printf("GUEST %s\n", guest->name);
	if (is(guest, "recorded")) {
		mount("tracefs", TRACING, "tracefs", 0, NULL);
		trace(TRACING "/events/kvm/kvm_hvc_arm64/enable");
	}
	if (pipe(said))
		die("pipe");
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		dup2(said[1], STDOUT_FILENO);
		close(said[0]);
		close(said[1]);
		run_qemu(guest);
	}
	close(said[1]);
	copy_to_answers(said[0]);
	close(said[0]);
	if (waitpid(child, &status, 0) < 0)
		die("waitpid");
	if (is(guest, "recorded")) {
		show_ftrace();
		show("trace-cmd", (char *[]){ "/usr/bin/trace-cmd", "report", "-i", TRACE_DAT, NULL });
		show("perf", (char *[]){ "/usr/bin/perf", "script", "-i", "/tmp/perf.data", NULL });
		show_trace_dat();
		printf("TRACE end\n");
	}
	printf("STATUS %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int main(void)
{
	struct guest guest;
	FILE *guests;

	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	open_as("/dev/console", O_RDWR, STDERR_FILENO);
	open_as(ANSWERS, O_WRONLY, STDOUT_FILENO);
	setvbuf(stdout, NULL, _IONBF, 0);
	guests = fopen("/guests", "r");
	if (!guests)
		die("/guests");
	while (fscanf(guests, "%63s %63s %7s %15s%255[^\n]", guest.name, guest.library, guest.cpus, guest.end,
		      guest.arguments) == 5)
		run_guest(&guest);
	printf("END\n");
	reboot(RB_POWER_OFF);
	return 1;
}
