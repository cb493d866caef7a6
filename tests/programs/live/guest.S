/*
 * The guest: reads x0-x3 and the conduit, makes the call, writes x0-x3 back and leaves by a store to where nothing is.
 *
 * x4 points to struct shared of vm.c, x6 to an unmapped address. Neither is an argument, and KVM preserves both.
 */
	.section .rodata
	.balign 8
	.global guest_begin, guest_hvc, guest_smc, guest_end
guest_begin:
	ldp	x0, x1, [x4]
	ldp	x2, x3, [x4, #16]
	ldr	x5, [x4, #32]
	cbnz	x5, guest_smc
guest_hvc:
	hvc	#0
	b	guest_store
guest_smc:
	smc	#0
guest_store:
	stp	x0, x1, [x4]
	stp	x2, x3, [x4, #16]
	str	xzr, [x6]
	b	guest_begin
guest_end:

	.section .note.GNU-stack, "", %progbits
