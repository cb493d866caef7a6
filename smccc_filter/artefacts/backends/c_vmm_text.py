"""The text of the C header around the tables of the VMM's half: how it answers and dispatches forwarded calls.

``@answers@`` and ``@handled@`` count the rows of ``@answered@`` and ``@handles@``, whose IDs
``@ids@`` defines. ``@members@`` are the handlers of
``struct NAME_handlers``, ``@present@`` says which of them there are, ``@ready@`` tells by function ID whether there is
one, and ``@cases@`` call them. Each array has one element more than rows, because ISO C has no empty array.
"""

from smccc_filter.artefacts.backends.vmm_rows import VmmHalf

ANSWER = """
/*
 * The VMM's half: what the guest gets for the calls that the filter forwards.
 *
 * When KVM_RUN ends with KVM_EXIT_HYPERCALL, read X0 to X17 of the vCPU into an
 * array, call
 *     @name@_dispatch()
 * and write its four results to X0 to X3, all four of them: KVM writes none.
 *   - The function ID is the low half of X0; what else is in X0 counts for
 *     nothing. An ID with the SVE hint (bit 16) is another ID, as it is to the
 *     filter, and is not supported unless the policy says so of itself.
 *   - A call that is not implemented gets -1 (NOT_SUPPORTED) in the whole of X0
 *     and 0 in X1 to X3. So does every ID that is not forwarded, although the
 *     VMM never sees one, and each of a rule that says nothing of the VMM:
 *     answer those before you ask here.
 *   - A vCPU in AArch32 makes no SMC64 call: give it NOT_SUPPORTED for a fast
 *     call (bit 31) whose ID has bit 30, and do not ask here.
 *   - PC is past the call already: do not advance it.
 * Nothing here allocates, keeps state or calls KVM.
 */

/* Registers that a call gives, X0 to X17, and gets, X0 to X3 */
#define @NAME@_ARGUMENT_COUNT 18U
#define @NAME@_RESULT_COUNT 4U
/* A function ID, and an argument of an SMC32 call */
#define @NAME@_LOW_HALF 0xFFFFFFFFULL
/* X0 of a call that is not implemented: -1, in full width */
#define @NAME@_NOT_SUPPORTED 0xFFFFFFFFFFFFFFFFULL

/* What a call gets whose X0 is func_id and whose X1, under mask, is asked */
struct @name@_answered {
    uint32_t func_id;
    uint32_t mask;
    uint32_t asked;
    uint64_t results[@NAME@_RESULT_COUNT];
};

/*
 * What needs no handler, ascending by func_id, then by asked. A call with a
 * mask is asked about other calls: about all but these a handler answers, if
 * the call has one, or it is NOT_SUPPORTED. The last element is no row.
 */
#define @NAME@_ANSWER_COUNT @answers@U
static const struct @name@_answered
    @name@_answers[@NAME@_ANSWER_COUNT + 1U] = {
@answered@    { 0U, 0U, 0U, { 0x0ULL, 0x0ULL, 0x0ULL, 0x0ULL } },
};

/* What a call gets that is in neither table */
static const struct @name@_answered @name@_unanswered = {
    0U, 0U, 0U, { @NAME@_NOT_SUPPORTED, 0x0ULL, 0x0ULL, 0x0ULL }
};

/* The calls that have a handler, ascending; the last element is no row */
@ids@#define @NAME@_HANDLED_COUNT @handled@U
static const uint32_t
    @name@_handled[@NAME@_HANDLED_COUNT + 1U] = {
@handles@    0U,
};

/* The row that answers a call, or NULL */
static inline const struct @name@_answered *
@name@_find(const uint64_t regs[@NAME@_ARGUMENT_COUNT])
{
    const uint64_t func_id = regs[0] & @NAME@_LOW_HALF;
    const uint64_t asked = regs[1] & @NAME@_LOW_HALF;
    const struct @name@_answered *row;
    unsigned int low = 0;
    unsigned int high = @NAME@_ANSWER_COUNT;

    /* The rows before low are not above the call, those from high on are */
    while (low < high) {
        unsigned int middle = low + (high - low) / 2;

        row = &@name@_answers[middle];
        if (row->func_id < func_id ||
            (row->func_id == func_id && row->asked <= asked)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return @NAME@_NULL;
    }
    row = &@name@_answers[low - 1];
    return row->func_id == func_id && (asked & row->mask) == row->asked
               ? row
               : @NAME@_NULL;
}

/* Whether a handler answers what no row does */
static inline bool @name@_owed(uint64_t func_id)
{
    unsigned int low = 0;
    unsigned int high = @NAME@_HANDLED_COUNT;

    while (low < high) {
        unsigned int middle = low + (high - low) / 2;

        if (@name@_handled[middle] < func_id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low != @NAME@_HANDLED_COUNT &&
           @name@_handled[low] == func_id;
}

/*
 * Answer a forwarded call that needs no handler: discovery, versions, UIDs,
 * counts, and NOT_SUPPORTED for what is not implemented. regs are the caller's
 * X0 to X17; results, what goes to X0 to X3, may be the same array. Returns
 * false, and leaves results alone, where a handler has to answer, or where regs
 * or results is NULL.
 */
static inline bool @name@_answer(
    const uint64_t regs[@NAME@_ARGUMENT_COUNT],
    uint64_t results[@NAME@_RESULT_COUNT])
{
    const struct @name@_answered *row;
    unsigned int index;

    if (regs == @NAME@_NULL || results == @NAME@_NULL) {
        return false;
    }
    row = @name@_find(regs);
    if (row == @NAME@_NULL) {
        if (@name@_owed(regs[0] & @NAME@_LOW_HALF)) {
            return false;
        }
        row = &@name@_unanswered;
    }
    for (index = 0; index < @NAME@_RESULT_COUNT; index++) {
        results[index] = row->results[index];
    }
    return true;
}
"""

NO_HANDLERS = """
/* There is none to write: answer() answers every call */
struct @name@_handlers;

/* What @name@_answer() does; handlers and vcpu count for nothing */
static inline bool @name@_dispatch(
    const struct @name@_handlers *handlers, void *vcpu,
    const uint64_t regs[@NAME@_ARGUMENT_COUNT],
    uint64_t results[@NAME@_RESULT_COUNT])
{
    (void)handlers;
    (void)vcpu;
    return @name@_answer(regs, results);
}

static inline const char *@name@_missing_handler(
    const struct @name@_handlers *handlers)
{
    (void)handlers;
    return @NAME@_NULL;
}
"""

HANDLERS = """
/* Bit 30 of a function ID: its arguments are whole registers */
#define @NAME@_SMC64 0x40000000ULL
/* What a call gets that must not come back, and whose handler does */
#define @NAME@_INTERNAL_FAILURE (-6)

/*
 * The VMM's own code, one handler for all forms of a call. vcpu is what
 * @name@_dispatch() was given. Arguments of an
 * SMC32 call have 32 bits, whatever the upper halves of its registers hold. A
 * handler returns what goes to X0, 0 or more, or an error of the call, below
 * 0; out_ arguments go to X1 and up, and are 0 until it sets them. Where only
 * registers are given, it sets the four results itself, which are those of a
 * call that is not implemented until then.
 */
struct @name@_handlers {
@members@};

/*
 * The name of the first handler that is NULL, or NULL if none is: ask once, at
 * the start. Calls without a handler get NOT_SUPPORTED, although the guest was
 * told that they are there. "handlers" where it is NULL itself.
 */
static inline const char *@name@_missing_handler(
    const struct @name@_handlers *handlers)
{
    if (handlers == @NAME@_NULL) {
        return "handlers";
    }

    const struct {
        bool present;
        const char *name;
    } members[] = {
@present@    };
    size_t index;

    for (index = 0; index < sizeof(members) / sizeof(members[0]); index++) {
        if (!members[index].present) {
            return members[index].name;
        }
    }
    return @NAME@_NULL;
}

/* Whether it is a handler that answers, and it is there */
static inline bool @name@_ready(
    const struct @name@_handlers *handlers,
    const uint64_t regs[@NAME@_ARGUMENT_COUNT])
{
    switch (regs[0] & @NAME@_LOW_HALF) {
@ready@    default:
        return false;
    }
}

/* An argument of 32 bits, whatever the upper half of its register holds */
static inline uint32_t @name@_low(uint64_t value)
{
#ifdef __cplusplus
    return static_cast<uint32_t>(value & @NAME@_LOW_HALF);
#else
    return (uint32_t)(value & @NAME@_LOW_HALF);
#endif
}

/* The bits of a register that the calling convention of a call uses */
static inline uint64_t @name@_used(
    const uint64_t regs[@NAME@_ARGUMENT_COUNT])
{
    return (regs[0] & @NAME@_SMC64) != 0 ? UINT64_MAX
                                         : @NAME@_LOW_HALF;
}

/* An error in full width, or a result in the width of the call */
static inline uint64_t @name@_status(
    const uint64_t regs[@NAME@_ARGUMENT_COUNT], int64_t status)
{
#ifdef __cplusplus
    const uint64_t bits = static_cast<uint64_t>(status);
#else
    const uint64_t bits = (uint64_t)status;
#endif

    return status < 0 ? bits : bits & @name@_used(regs);
}
"""

ENTROPY = """
/* What TRNG_RND answers for more bits than it has registers, or for none */
#define @NAME@_INVALID_PARAMETERS (-2)
/* Bits of a byte and of a register; the registers of the entropy, its bytes */
#define @NAME@_BYTE 8U
#define @NAME@_WORD 64U
#define @NAME@_WORD_COUNT 3U
#define @NAME@_ENTROPY_BYTES 24U

/*
 * TRNG_RND: the entropy is one number of n bits, its lowest byte first. Its
 * lowest word goes to X3, the next to X2, the highest to X1, and its bits from
 * n upward are 0. Nothing goes there where the handler returns an error.
 */
static inline int64_t @name@_entropy(
    const struct @name@_handlers *handlers, void *vcpu,
    const uint64_t regs[@NAME@_ARGUMENT_COUNT],
    uint64_t out[@NAME@_RESULT_COUNT])
{
    const uint64_t wanted = regs[1] & @name@_used(regs);
    const uint64_t width =
        (regs[0] & @NAME@_SMC64) != 0
            ? @NAME@_WORD
            : @NAME@_WORD / 2U;
    uint8_t entropy[@NAME@_ENTROPY_BYTES] = { 0 };
    int64_t status;
    uint64_t index;

    if (wanted == 0 || wanted > @NAME@_WORD_COUNT * width) {
        return @NAME@_INVALID_PARAMETERS;
    }
    status = handlers->trng_rnd(vcpu, wanted, entropy);
    for (index = 0; status == 0 && index < wanted; index++) {
        const uint64_t byte = entropy[index / @NAME@_BYTE];
        const uint64_t bit = (byte >> (index % @NAME@_BYTE)) & 1U;
        const uint64_t place = @NAME@_WORD_COUNT - index / width;

        out[place] |= bit << (index % width);
    }
    return status;
}
"""

DISPATCH = """
/*
 * Answer a forwarded call: as @name@_answer()
 * does, else by the call's handler, and with NOT_SUPPORTED where that is NULL.
 * regs are the caller's X0 to X17; results, what goes to X0 to X3, may be the
 * same array, and all four are set. Returns false, and calls and sets nothing,
 * where handlers, regs or results is NULL.
 */
static inline bool @name@_dispatch(
    const struct @name@_handlers *handlers, void *vcpu,
    const uint64_t regs[@NAME@_ARGUMENT_COUNT],
    uint64_t results[@NAME@_RESULT_COUNT])
{
    uint64_t out[@NAME@_RESULT_COUNT] = {
        @NAME@_NOT_SUPPORTED, 0, 0, 0
    };
    int64_t status = 0;
    bool raw = false;
    unsigned int index;

    if (handlers == @NAME@_NULL || regs == @NAME@_NULL ||
        results == @NAME@_NULL) {
        return false;
    }
    if (!@name@_ready(handlers, regs)) {
        if (!@name@_answer(regs, results)) {
            for (index = 0; index < @NAME@_RESULT_COUNT; index++) {
                results[index] = out[index];
            }
        }
        return true;
    }
    switch (regs[0] & @NAME@_LOW_HALF) {
@cases@    default:
        break;
    }
    if (!raw) {
        for (index = 1; index < @NAME@_RESULT_COUNT; index++) {
            out[index] &= @name@_used(regs);
        }
        out[0] = @name@_status(regs, status);
    }
    for (index = 0; index < @NAME@_RESULT_COUNT; index++) {
        results[index] = out[index];
    }
    return true;
}
"""


def text_of(half: VmmHalf) -> str:
    """Return the text of the VMM's half."""
    if not half.handlers:
        return ANSWER + NO_HANDLERS
    return ANSWER + HANDLERS + (ENTROPY if half.entropy else "") + DISPATCH
