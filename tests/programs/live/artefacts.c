/*
 * One function of one signature for each of the generated headers', whose structures are each header's own.
 */
#include "artefacts.h"

#include <string.h>

/* Written by artefacts.py: includes every generated header and defines ARTEFACTS(X), X(name) for each. */
#include "generated.h"

#define FUNCTIONS(name)								\
	static int apply_##name(int vm_fd, uint64_t *refused)			\
	{									\
		const struct name##_entry *failed;				\
		int error = name##_apply(vm_fd, &failed);			\
										\
		if (failed)							\
			*refused = failed->base;				\
		return error;							\
	}									\
										\
	static int set_registers_##name(int vcpu_fd, uint64_t *refused)	\
	{									\
		const struct name##_register *failed;				\
		int error = name##_set_registers(vcpu_fd, &failed);		\
										\
		if (failed)							\
			*refused = failed->id;					\
		return error;							\
	}
ARTEFACTS(FUNCTIONS)

#define ROW(name) { #name, apply_##name, set_registers_##name },
static const struct artefact artefacts[] = { ARTEFACTS(ROW) };

const struct artefact *artefact_called(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(artefacts) / sizeof(artefacts[0]); i++)
		if (!strcmp(artefacts[i].name, name))
			return &artefacts[i];
	return 0;
}
