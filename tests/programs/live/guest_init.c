/*
 * The /init of a Linux guest: says what its boot log says of firmware, and whether it found a TRNG, and powers off.
 *
 * Few lines, because each character of the console is an exit to a VMM that is itself emulated.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

enum { SYSLOG_ACTION_READ_ALL = 3 };

static const char *const prefixes[] = { "psci: ", "smccc: ", "arm-pv: " };

static void print_firmware_messages(void)
{
	static char log[1 << 20];
	char *rest = log, *line;
	int length = klogctl(SYSLOG_ACTION_READ_ALL, log, sizeof(log) - 1);
	unsigned int i;

	log[length < 0 ? 0 : length] = '\0';
	while ((line = strsep(&rest, "\n")))
		for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
			if (strstr(line, prefixes[i])) {
				printf("LOG %s\n", strstr(line, prefixes[i]));
				break;
			}
}

int main(void)
{
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	if (!freopen("/dev/console", "w", stdout))
		return 1;
	print_firmware_messages();
	printf("TRNG %s\n", access("/sys/devices/platform/smccc_trng", F_OK) ? "absent" : "present");
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	reboot(RB_POWER_OFF);
	return 1;
}
