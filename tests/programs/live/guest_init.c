/*
 * The /init of a Linux guest: says what its boot log says of firmware, and whether it found a TRNG, and powers off.
 *
 * The kernel's command line asks for more, because what the kernel does not know there becomes init's environment:
 *
 *   toggles=N    takes CPU 1 down and up again N times
 *   entropy=N    loads the driver of SMCCC's TRNG and reads N bytes of it
 *   end=reboot   reboots, and powers off the second time
 *
 * Few lines, because each character of the console is an exit to a VMM that is itself emulated.
 */
#include <fcntl.h>
#include <linux/rtc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

enum { SYSLOG_ACTION_READ_ALL = 3 };

/* What a boot leaves to the next: the real-time clock runs on, set back to this year, counted from 1900. */
enum { YEAR_OF_REBOOT = 100 };

#define DRIVER "/arm_smccc_trng.ko"

static const char *const prefixes[] = { "psci: ", "smccc: ", "arm-pv: ", "smp: Brought up " };

/* Prints the lines of the kernel's log from the nth on, with `said` before each, and returns how many there were. */
static unsigned int print_firmware_messages(const char *said, unsigned int first)
{
	static char log[1 << 20];
	char *rest = log, *line;
	int length = klogctl(SYSLOG_ACTION_READ_ALL, log, sizeof(log) - 1);
	unsigned int i, n;

	log[length < 0 ? 0 : length] = '\0';
	for (n = 0; (line = strsep(&rest, "\n")); n++)
		for (i = 0; n >= first && i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
			if (strstr(line, prefixes[i])) {
				printf("%s %s\n", said, strstr(line, prefixes[i]));
				break;
			}
	return n;
}

static int number(const char *name)
{
	const char *value = getenv(name);

	return value ? atoi(value) : 0;
}

static void toggle(int times)
{
	int fd = open("/sys/devices/system/cpu/cpu1/online", O_WRONLY), down = 0, up = 0;

	for (; times > 0; times--) {
		down += pwrite(fd, "0", 1, 0) == 1;
		up += pwrite(fd, "1", 1, 0) == 1;
	}
	printf("CPU1 %d times down and %d up\n", down, up);
}

/* In one read, because the kernel serves what is less than its buffer from the buffer's end. */
static void print_entropy(unsigned int bytes)
{
	static unsigned char entropy[4096];
	int fd = open(DRIVER, O_RDONLY), i, got;

	if (syscall(SYS_finit_module, fd, "", 0))
		perror(DRIVER);
	fd = open("/dev/hwrng", O_RDONLY);
	got = read(fd, entropy, bytes < sizeof(entropy) ? bytes : sizeof(entropy));
	printf("ENTROPY ");
	for (i = 0; i < got; i++)
		printf("%02x", entropy[i]);
	printf("\n");
}

static int reboots(void)
{
	struct rtc_time time;
	const char *end = getenv("end");
	int fd = open("/dev/rtc0", O_RDONLY);

	if (!end || strcmp(end, "reboot") || ioctl(fd, RTC_RD_TIME, &time) || time.tm_year == YEAR_OF_REBOOT)
		return 0;
	time.tm_year = YEAR_OF_REBOOT;
	return ioctl(fd, RTC_SET_TIME, &time) == 0;
}

int main(void)
{
	unsigned int lines;

	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	if (!freopen("/dev/console", "w", stdout))
		return 1;
	printf("BOOT\n");
	lines = print_firmware_messages("LOG", 0);
	printf("TRNG %s\n", access("/sys/devices/platform/smccc_trng", F_OK) ? "absent" : "present");
	if (number("toggles")) {
		toggle(number("toggles"));
		print_firmware_messages("LATER", lines - 1);
	}
	if (number("entropy"))
		print_entropy(number("entropy"));
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	reboot(reboots() ? RB_AUTOBOOT : RB_POWER_OFF);
	return 1;
}
