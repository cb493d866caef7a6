/* What guest.S, which is run by the guest, and calls.c agree upon. */
#ifndef GUEST_H
#define GUEST_H

/* Registers of a call that are neither results nor the guest's own: x4 to x17. */
#define FIRST_KEPT 4
#define LAST_KEPT 17

/* What the sum of those begins with, and how far it is rotated to the right before each is added. */
#define ADVANCED_ONCE 0x5a5a
#define SUM_ROTATION 7

#endif
