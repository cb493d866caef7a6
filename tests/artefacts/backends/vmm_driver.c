/*
 * Makes the exits that standard input describes to generated dispatchers, and prints what they answer and which handler
 * they call with what. Compiled as C and as C++.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

HEADERS

enum { REGISTERS = 18, RESULTS = 4, ENTROPY_BYTES = 24 };

/* What the next handler leaves, and what the last one was told */
static int64_t given_status;
static uint64_t given_out[RESULTS];
static uint8_t given_entropy[ENTROPY_BYTES];
static char called[1024];
static int vcpu_object;

static void tell(void *vcpu, const char *name, size_t count, ...)
{
    va_list values;
    size_t length;

    length = (size_t)snprintf(called, sizeof(called), "%s%s", vcpu == &vcpu_object ? "" : "!", name);
    va_start(values, count);
    while (count--)
        length += (size_t)snprintf(called + length, sizeof(called) - length, " %" PRIx64, va_arg(values, uint64_t));
    va_end(values);
}

static void tell_all(void *vcpu, const char *name, const uint64_t *x)
{
    tell(vcpu, name, REGISTERS, x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12], x[13],
         x[14], x[15], x[16], x[17]);
}

static void print_results(const char *word, bool is_answered, const uint64_t *results)
{
    printf(" | %s %d %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64, word, is_answered, results[0], results[1],
           results[2], results[3]);
}

typedef bool answer_function(const uint64_t *x, uint64_t *results);
typedef bool dispatch_function(bool with_handlers, const uint64_t *x, uint64_t *results);

static void make_exit(answer_function *answer, dispatch_function *dispatch, bool with_handlers, const uint64_t *x)
{
    uint64_t results[RESULTS] = {1, 2, 3, 4};
    uint64_t shared[REGISTERS];

    print_results("answer", answer(x, results), results);
    memset(results, 0xA5, sizeof(results));
    called[0] = 0;
    print_results("dispatch", dispatch(with_handlers, x, results), results);
    printf(" | %s", called);
    memcpy(shared, x, sizeof(shared));
    dispatch(with_handlers, shared, shared);
    printf(" |%s\n", memcmp(shared, results, sizeof(results)) ? " shared" : "");
}

DISPATCHERS

int main(void)
{
    uint64_t x[REGISTERS];
    unsigned int policy, with_handlers, byte;
    size_t i;

    NULLS
    while (scanf("%u %u", &policy, &with_handlers) == 2) {
        for (i = 0; i < REGISTERS; i++)
            if (scanf("%" SCNx64, &x[i]) != 1)
                return 1;
        if (scanf("%" SCNd64, &given_status) != 1)
            return 1;
        for (i = 1; i < RESULTS; i++)
            if (scanf("%" SCNx64, &given_out[i]) != 1)
                return 1;
        for (i = 0; i < ENTROPY_BYTES; i++) {
            if (scanf("%2x", &byte) != 1)
                return 1;
            given_entropy[i] = (uint8_t)byte;
        }
        switch (policy) {
        CASES
        default:
            return 1;
        }
    }
    return 0;
}
