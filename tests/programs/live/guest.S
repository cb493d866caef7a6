/*
 * What runs in a guest. A store to where nothing is leaves KVM_RUN with KVM_EXIT_MMIO.
 *
 * A plain guest makes many calls in one run: x19 points to a struct slot of calls.c, x20 to the first, x21 to where
 * nothing is. It reads x0-x3 and the conduit, makes the call, writes x0-x3 back and goes on to the next slot, until one
 * says that it is the end. Beside them it writes a sum of x4 to x17, which are KVM's and the VMM's to preserve, and of
 * the instruction behind the call, which is left out where PC is advanced twice.
 *
 * Any other guest makes one call in a run, since its host may not see its memory, or because it is in A32 or T32 code or
 * at EL2: its registers are set and read from outside. Each such call is followed by the store, through x6.
 */
#include "guest.h"

	.section .rodata
	.balign 2048
	.global guest_begin, guest_hvc, guest_smc, guest_end
	.global guest_a64_hvc, guest_a64_smc, guest_a32_hvc, guest_a32_smc, guest_t32_hvc, guest_t32_smc, guest_vectors
guest_begin:
	ldp	x0, x1, [x19]
	ldp	x2, x3, [x19, #16]
	ldr	x22, [x19, #32]
	cmp	x22, #1
	b.lo	guest_hvc
	b.eq	guest_smc
	str	xzr, [x21]
	mov	x19, x20
	b	guest_begin
guest_hvc:
	hvc	#0
	mov	x22, #ADVANCED_ONCE
	b	guest_next
guest_smc:
	smc	#0
	mov	x22, #ADVANCED_ONCE
guest_next:
	stp	x0, x1, [x19]
	stp	x2, x3, [x19, #16]
	.irp	n, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
	eor	x22, x\n, x22, ror #SUM_ROTATION
	.endr
	str	x22, [x19, #40]
	add	x19, x19, #48
	b	guest_begin

guest_a64_hvc:
	hvc	#0
	str	xzr, [x6]
guest_a64_smc:
	smc	#0
	str	xzr, [x6]

/* A32 and T32 as numbers, for the assembler knows A64 alone: the call, and str r0, [r6]. */
guest_a32_hvc:
	.inst	0xe1400070
	.inst	0xe5860000
guest_a32_smc:
	.inst	0xe1600070
	.inst	0xe5860000
guest_t32_hvc:
	.hword	0xf7e0, 0x8000, 0x6030
	.balign 4
guest_t32_smc:
	.hword	0xf7f0, 0x8000, 0x6030

/* Where the guest's own EL2 gets what it traps: from EL2 itself at 0x200, from EL1 at 0x400. */
	.balign 2048
guest_vectors:
	.skip	0x200
	str	xzr, [x6]
	.balign	0x200
	str	xzr, [x6]
guest_end:

	.section .note.GNU-stack, "", %progbits
