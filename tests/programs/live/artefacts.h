/*
 * The generated headers of the shipped policies, by name.
 *
 * Both functions are those of the header: they return 0 or a negative errno, and say in *refused the base of the entry
 * or the register ID that KVM refused, if it refused one.
 */
#ifndef ARTEFACTS_H
#define ARTEFACTS_H

#include <stdint.h>

struct artefact {
	const char *name;
	int (*apply)(int vm_fd, uint64_t *refused);
	int (*set_registers)(int vcpu_fd, uint64_t *refused);
};

const struct artefact *artefact_called(const char *name);

#endif
