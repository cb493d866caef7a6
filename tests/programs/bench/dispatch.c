/*
 * Answers many forwarded calls: by the generated dispatcher, or by a bare switch over the same IDs as people write it,
 * without any of its checks. The handlers are the same. The calls come in a random order, or one follows the other.
 */
#include "policy.h"

#define NOINLINE __attribute__((noinline))

enum { CALLS = 20000000, REGISTERS = 18, RESULTS = 4, EXITS = 256 };

static uint64_t told;

NOINLINE static int64_t cpu_suspend(void *vcpu, uint32_t power_state, uint64_t entry, uint64_t context)
{
    told += power_state ^ entry ^ context;
    return vcpu ? 0 : -2;
}

NOINLINE static int64_t cpu_off(void *vcpu)
{
    told++;
    return vcpu ? -3 : 0;
}

NOINLINE static int64_t cpu_on(void *vcpu, uint64_t target, uint64_t entry, uint64_t context)
{
    told += target ^ entry ^ context;
    return vcpu ? 0 : -4;
}

NOINLINE static int64_t affinity_info(void *vcpu, uint64_t target, uint32_t level)
{
    told += target ^ level;
    return vcpu ? 1 : 0;
}

NOINLINE static void system_off(void *vcpu)
{
    told += vcpu ? 1 : 2;
}

NOINLINE static void system_reset(void *vcpu)
{
    told += vcpu ? 3 : 4;
}

#ifdef BARE
NOINLINE static bool answer(void *vcpu, const uint64_t *x, uint64_t *results)
{
    int64_t status = -1;

    switch ((uint32_t)x[0]) {
    case 0x84000001:
    case 0xC4000001:
        status = cpu_suspend(vcpu, (uint32_t)x[1], x[2], x[3]);
        break;
    case 0x84000002:
        status = cpu_off(vcpu);
        break;
    case 0x84000003:
    case 0xC4000003:
        status = cpu_on(vcpu, x[1], x[2], x[3]);
        break;
    case 0x84000004:
    case 0xC4000004:
        status = affinity_info(vcpu, x[1], (uint32_t)x[2]);
        break;
    case 0x84000008:
        system_off(vcpu);
        break;
    case 0x84000009:
        system_reset(vcpu);
        break;
    }
    results[0] = (uint64_t)status;
    results[1] = results[2] = results[3] = 0;
    return true;
}
#else
NOINLINE static bool answer(void *vcpu, const uint64_t *x, uint64_t *results)
{
    static const struct policy_handlers handlers = {
        .psci_cpu_suspend = cpu_suspend,
        .psci_cpu_off = cpu_off,
        .psci_cpu_on = cpu_on,
        .psci_affinity_info = affinity_info,
        .psci_system_off = system_off,
        .psci_system_reset = system_reset,
    };

    return policy_dispatch(&handlers, vcpu, x, results);
}
#endif

int main(void)
{
    static const uint32_t ids[] = {0x84000001, 0xC4000001, 0x84000002, 0x84000003, 0xC4000003,
                                   0x84000004, 0xC4000004, 0x84000008, 0x84000009};
    static uint64_t exits[EXITS][REGISTERS];
    uint64_t results[RESULTS], sum = 0, random = 1;
    int vcpu = 0;
    size_t i;

    for (i = 0; i < EXITS; i++) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        exits[i][0] = ids[(random >> 33) % (sizeof(ids) / sizeof(ids[0]))];
        exits[i][1] = i;
        exits[i][2] = random;
    }
    for (i = 0; i < CALLS; i++) {
        answer(&vcpu, exits[i * 7 % EXITS], results);
        sum += results[0];
    }
    return sum + told == 0;
}
