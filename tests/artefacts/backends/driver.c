/*
 * Prints what one generated header says and does: its tables, forwards() on the IDs that standard input names, and how
 * it takes each errno at each ioctl. Compiled as C and as C++, with a kernel of its own in place of ioctl().
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

static int fake_ioctl(int fd, unsigned long request, ...);

#define ioctl fake_ioctl
#include POLICY_HEADER

#define PASTE(left, right) left##right
#define JOIN(left, right) PASTE(left, right)
#define POLICY(suffix) JOIN(POLICY_NAME, suffix)
#define COUNT(suffix) JOIN(POLICY_MACRO, suffix)

enum { VM_FD = 40, VCPU_FD = 41, KVM_FD = 42, OTHER_FD = 43, INTERRUPTIONS = 3, REGISTERS = 8 };

static unsigned int calls, fail_at, times;
static int fail_with;
static struct { uint64_t id, value; } stored[REGISTERS];

/* Where the kernel keeps a register */
static uint64_t *stored_value(uint64_t id)
{
    size_t i;

    for (i = 0; stored[i].id && stored[i].id != id; i++)
        ;
    stored[i].id = id;
    return &stored[i].value;
}

/* The kernel: refuses call number fail_at, so many times, and prints every other. */
static int fake_ioctl(int fd, unsigned long request, ...)
{
    struct kvm_device_attr attr;
    struct kvm_one_reg one_reg;
    struct POLICY(_entry) entry;
    uint64_t value;
    const void *argument;
    va_list arguments;
    size_t i;

    va_start(arguments, request);
    argument = va_arg(arguments, const void *);
    va_end(arguments);
    if (calls == fail_at && times > 0) {
        times--;
        errno = fail_with;
        return -1;
    }
    calls++;
    if (request == KVM_CHECK_EXTENSION || request == KVM_GET_API_VERSION) {
        bool is_known = request == KVM_CHECK_EXTENSION ? fd == VM_FD || fd == KVM_FD : fd == KVM_FD;

        printf(" %s", request == KVM_CHECK_EXTENSION ? "extension" : "version");
        errno = fd == OTHER_FD ? ENOTTY : EINVAL;
        return is_known ? KVM_API_VERSION : -1;
    }
    if (request == KVM_SET_ONE_REG && fd == VCPU_FD) {
        memcpy(&one_reg, argument, sizeof(one_reg));
        memcpy(&value, (const void *)(uintptr_t)one_reg.addr, sizeof(value));
        *stored_value(one_reg.id) = value;
        printf(" register:%" PRIx64 ":%" PRIx64, (uint64_t)one_reg.id, value);
        return 0;
    }
    if (request == KVM_GET_ONE_REG && fd == VCPU_FD) {
        memcpy(&one_reg, argument, sizeof(one_reg));
        memcpy((void *)(uintptr_t)one_reg.addr, stored_value(one_reg.id), sizeof(value));
        printf(" read:%" PRIx64, (uint64_t)one_reg.id);
        return 0;
    }
    memcpy(&attr, argument, sizeof(attr));
    if (fd != VM_FD || attr.flags || attr.group || attr.attr) {
        printf(" wrong");
        return 0;
    }
    if (request == KVM_HAS_DEVICE_ATTR) {
        printf(" has");
        return 0;
    }
    memcpy(&entry, (const void *)(uintptr_t)attr.addr, sizeof(entry));
    printf(" %s:%" PRIx32 ":%" PRIx32 ":%u", request == KVM_SET_DEVICE_ATTR ? "set" : "wrong", entry.base,
           entry.nr_functions, (unsigned int)entry.action);
    for (i = 0; i < sizeof(entry.pad); i++)
        if (entry.pad[i])
            printf(" padding");
    return 0;
}

static void apply(int fd)
{
    const struct POLICY(_entry) *failed = NULL;
    long at = -1;
    int result;

    calls = 0;
    result = POLICY(_apply)(fd, &failed);
#ifdef HAS_FILTER
    if (failed)
        at = (long)(failed - POLICY(_filter));
#endif
    printf(" = %d %ld\n", -result, at);
}

typedef int registers_function(int vcpu_fd, const struct POLICY(_register) **failed);

static void registers(registers_function *function)
{
    const struct POLICY(_register) *failed = NULL;
    long at = -1;
    int result;

    calls = 0;
    result = function(VCPU_FD, &failed);
#ifdef HAS_REGISTERS
    if (failed)
        at = (long)(failed - POLICY(_registers));
#endif
    printf(" = %d %ld\n", -result, at);
}

/* How a function takes each errno at each ioctl, and interruptions */
static void all_refusals(const char *name, registers_function *function)
{
    static const int errnos[] = {EEXIST, EINVAL, EBUSY, EFAULT, ENXIO, ENOMEM, ENOENT, ENOTTY, EBADF, ENOEXEC};
    size_t i;

    for (fail_at = 0; fail_at < COUNT(_REGISTER_COUNT) + 1; fail_at++) {
        for (i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++) {
            fail_with = errnos[i];
            times = 1;
            printf("%s %u %d", name, fail_at, fail_with);
            registers(function);
        }
        fail_with = EINTR;
        times = INTERRUPTIONS;
        printf("%s %u %d", name, fail_at, fail_with);
        registers(function);
    }
    times = 0;
}

int main(void)
{
    static const int errnos[] = {EEXIST, EINVAL, EBUSY, EFAULT, ENXIO, ENOMEM, ENOENT, ENOTTY, EBADF, ENOEXEC};
    uint32_t fid;
    size_t i;

    (void)fake_ioctl; /* a policy without entries and registers calls none */
#ifdef HAS_FILTER
    for (i = 0; i < COUNT(_FILTER_COUNT); i++)
        printf("entry %" PRIx32 " %" PRIx32 " %u\n", POLICY(_filter)[i].base, POLICY(_filter)[i].nr_functions,
               (unsigned int)POLICY(_filter)[i].action);
#endif
#ifdef HAS_REGISTERS
    for (i = 0; i < COUNT(_REGISTER_COUNT); i++)
        printf("register %" PRIx64 " %" PRIx64 "\n", POLICY(_registers)[i].id, POLICY(_registers)[i].value);
#endif
    while (scanf("%" SCNx32, &fid) == 1)
        printf("forwards %" PRIx32 " %d\n", fid, POLICY(_forwards)(fid));

    times = 0;
    printf("apply - 0");
    apply(VM_FD);
    printf("vcpu - 0");
    apply(VCPU_FD);
    printf("kvm - 0");
    apply(KVM_FD);
    printf("other - 0");
    apply(OTHER_FD);
    printf("set_registers - 0");
    registers(POLICY(_set_registers));
    printf("check_registers - 0");
    registers(POLICY(_check_registers));
    for (i = 0; stored[i].id; i++) {
        stored[i].value ^= 1;
        printf("drifted %u 0", (unsigned int)i);
        registers(POLICY(_check_registers));
        stored[i].value ^= 1;
    }
    for (fail_at = 0; fail_at < COUNT(_FILTER_COUNT) + 3; fail_at++) {
        for (i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++) {
            fail_with = errnos[i];
            times = 1;
            printf("apply %u %d", fail_at, fail_with);
            apply(VM_FD);
        }
        fail_with = EINTR;
        times = INTERRUPTIONS;
        printf("apply %u %d", fail_at, fail_with);
        apply(VM_FD);
    }
    all_refusals("set_registers", POLICY(_set_registers));
    all_refusals("check_registers", POLICY(_check_registers));
    fail_at = 0;
    fail_with = EBUSY;
    times = 1;
    printf("null");
    calls = 0;
    printf(" %d", -POLICY(_apply)(VM_FD, NULL));
    times = 1;
    calls = 0;
    printf(" %d", -POLICY(_set_registers)(VCPU_FD, NULL));
    times = 1;
    calls = 0;
    printf(" %d", -POLICY(_check_registers)(VCPU_FD, NULL));
    stored[0].value ^= 1;
    printf(" %d\n", -POLICY(_check_registers)(VCPU_FD, NULL));
    return 0;
}
