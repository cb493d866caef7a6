/*
 * What runs in a guest. x6 points to where nothing is, so that a store there leaves KVM_RUN with KVM_EXIT_MMIO.
 *
 * A plain guest makes many calls in one run: x4 points to a struct slot of calls.c, x5 to the first. It reads x0-x3 and
 * the conduit, makes the call, writes x0-x3 back and goes on to the next slot, until one says that it is the end.
 * x4 to x7 are no arguments, and KVM preserves them.
 *
 * Any other guest makes one call in a run, since its host may not see its memory, or because it is in A32 or T32 code or
 * at EL2: its registers are set and read from outside. Each such call is followed by the store.
 */
	.section .rodata
	.balign 2048
	.global guest_begin, guest_hvc, guest_smc, guest_end
	.global guest_a64_hvc, guest_a64_smc, guest_a32_hvc, guest_a32_smc, guest_t32_hvc, guest_t32_smc, guest_vectors
guest_begin:
	ldp	x0, x1, [x4]
	ldp	x2, x3, [x4, #16]
	ldr	x7, [x4, #32]
	cmp	x7, #1
	b.lo	guest_hvc
	b.eq	guest_smc
	str	xzr, [x6]
	mov	x4, x5
	b	guest_begin
guest_hvc:
	hvc	#0
	b	guest_next
guest_smc:
	smc	#0
guest_next:
	stp	x0, x1, [x4]
	stp	x2, x3, [x4, #16]
	add	x4, x4, #40
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
