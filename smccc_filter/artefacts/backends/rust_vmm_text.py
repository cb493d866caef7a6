"""The text of the Rust module around the tables of the VMM's half: how it answers and dispatches forwarded calls.

``@answers@`` and ``@handled@`` count the rows of ``@answered@`` and ``@handles@``; ``@members@`` are the methods of the
trait, and ``@cases@`` the arms that call them. rustfmt leaves alone what has rows.
"""

from smccc_filter.artefacts.backends.vmm_rows import VmmHalf

ANSWER = """
/// What a call gets that is not implemented: -1 in the whole of `X0`, and 0 in `X1` to `X3`.
#[allow(dead_code)]
const NOT_SUPPORTED: [u64; 4] = [u64::MAX, 0, 0, 0];

/// What a call gets whose `X0` is `func_id` and whose `X1`, under `mask`, is `asked`.
#[allow(dead_code)]
struct Answer {
    func_id: u32,
    mask: u32,
    asked: u32,
    results: [u64; 4],
}

/// What needs no handler, ascending by `func_id`, then by `asked`. A call with a `mask` is asked
/// about other calls: about all but these a handler answers, if the call has one, or it is
/// `NOT_SUPPORTED`.
#[allow(dead_code)]
#[rustfmt::skip]
const ANSWERS: [Answer; @answers@] = [@answered@];

/// The calls that have a handler, ascending.
#[allow(dead_code)]
#[rustfmt::skip]
const HANDLED: [u32; @handled@] = [@handles@];

/// The low half of a register: a function ID, or an argument of 32 bits.
#[allow(dead_code)]
const fn low(register: u64) -> u32 {
    (register & 0xFFFF_FFFF) as u32
}

/// Answers a forwarded call that needs no handler: discovery, versions, UIDs, counts, and
/// `NOT_SUPPORTED` for what is not implemented.
///
/// `x` is the caller's `X0` to `X17`, and the answer goes to `X0` to `X3`, to all four, because KVM
/// writes none; PC is past the call already. It is `None` where a handler has to answer. The
/// function ID is the low half of `X0`; one with the SVE hint (bit 16) is another ID, as it is to
/// the filter. IDs that are not forwarded, which a VMM never sees, are not supported, nor are those
/// of a rule that says nothing of the VMM: answer them before you ask here. A vCPU in `AArch32`
/// makes no SMC64 call: give it `NOT_SUPPORTED` for a fast call (bit 31) whose ID has bit 30, and
/// do not ask here.
#[allow(dead_code)]
#[must_use]
pub const fn answer(x: &[u64; 18]) -> Option<[u64; 4]> {
    let func_id = low(x[0]);
    let asked = low(x[1]);
    let answers: &[Answer] = &ANSWERS;
    let mut start = 0;
    let mut end = answers.len();
    // The rows before `start` are not above the call, those from `end` on are
    while start < end {
        let middle = start + (end - start) / 2;
        let row = &answers[middle];
        if row.func_id < func_id || (row.func_id == func_id && row.asked <= asked) {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    if start > 0 {
        let row = &answers[start - 1];
        if row.func_id == func_id && asked & row.mask == row.asked {
            return Some(row.results);
        }
    }
    let handled: &[u32] = &HANDLED;
    start = 0;
    end = handled.len();
    while start < end {
        let middle = start + (end - start) / 2;
        if handled[middle] < func_id {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    if start < handled.len() && handled[start] == func_id {
        return None;
    }
    Some(NOT_SUPPORTED)
}
"""

NO_HANDLERS = """
/// The VMM's own code, of which there is none: `answer` answers every call.
#[allow(dead_code)]
pub trait Handlers {}

/// Does what `answer` does.
#[allow(dead_code)]
#[must_use]
pub fn dispatch(_handlers: &mut (impl Handlers + ?Sized), x: &[u64; 18]) -> [u64; 4] {
    answer(x).unwrap_or(NOT_SUPPORTED)
}
"""

HANDLERS = """
/// Bit 30 of a function ID: the call's arguments are whole registers.
#[allow(dead_code)]
const SMC64: u64 = 0x4000_0000;

/// What a call gets that must not come back, and whose handler does.
#[allow(dead_code)]
const INTERNAL_FAILURE: i64 = -6;

/// The VMM's own code, one handler for all forms of a call.
///
/// Arguments of an SMC32 call have 32 bits, whatever the upper halves of its registers hold. A
/// handler returns what goes to `X0`, 0 or more, or an error of the call, below 0; arguments that
/// begin with `out_` go to `X1` and up, and are 0 until it sets them. Where only registers are
/// given, it sets the four results itself, which are `NOT_SUPPORTED` until then.
#[allow(dead_code, clippy::too_many_arguments)]
#[rustfmt::skip]
pub trait Handlers {
@members@}

/// The bits of a register that the calling convention of a call uses.
#[allow(dead_code)]
const fn used(x: &[u64; 18]) -> u64 {
    if x[0] & SMC64 == 0 {
        0xFFFF_FFFF
    } else {
        u64::MAX
    }
}

/// An error goes to `X0` in full width, all else in the width of the call.
#[allow(dead_code)]
fn place(x: &[u64; 18], status: i64, mut out: [u64; 4]) -> [u64; 4] {
    for word in &mut out {
        *word &= used(x);
    }
    let bits = u64::from_le_bytes(status.to_le_bytes());
    out[0] = if status < 0 { bits } else { bits & used(x) };
    out
}
"""

ENTROPY = """
/// What `TRNG_RND` answers for more bits than it has registers, or for none.
#[allow(dead_code)]
const INVALID_PARAMETERS: i64 = -2;

/// `TRNG_RND`: the entropy is one number of `n` bits, its lowest byte first. Its lowest word goes
/// to `X3`, the next to `X2`, the highest to `X1`, and its bits from `n` upward are 0. Nothing goes
/// there where the handler returns an error.
#[allow(dead_code)]
fn entropy(handlers: &mut (impl Handlers + ?Sized), x: &[u64; 18]) -> [u64; 4] {
    let wanted = x[1] & used(x);
    let width = if x[0] & SMC64 == 0 { 32 } else { 64 };
    if wanted == 0 || wanted > 3 * width {
        return place(x, INVALID_PARAMETERS, NOT_SUPPORTED);
    }
    let mut out = NOT_SUPPORTED;
    let mut bytes = [0; 24];
    let status = handlers.trng_rnd(wanted, &mut bytes);
    if status == 0 {
        for index in 0..low(wanted) as usize {
            let bit = u64::from(bytes[index / 8] >> (index % 8) & 1);
            let word = index / low(width) as usize;
            out[3 - word] |= bit << (index % low(width) as usize);
        }
    }
    place(x, status, out)
}
"""

DISPATCH = """
/// Answers a forwarded call: as `answer` does, else by the call's handler.
///
/// `x` is the caller's `X0` to `X17`, and the results go to `X0` to `X3`, all four of them.
#[allow(dead_code, unused_mut, clippy::too_many_lines)]
#[must_use]
#[rustfmt::skip]
pub fn dispatch(handlers: &mut (impl Handlers + ?Sized), x: &[u64; 18]) -> [u64; 4] {
    if let Some(results) = answer(x) {
        return results;
    }
    let mut out = NOT_SUPPORTED;
    match low(x[0]) {
@cases@        _ => out,
    }
}
"""


def text_of(half: VmmHalf) -> str:
    """Return the text of the VMM's half."""
    if not half.handlers:
        return ANSWER + NO_HANDLERS
    return ANSWER + HANDLERS + (ENTROPY if half.entropy else "") + DISPATCH
