/* The table of dispatchers, C's and Rust's. */
#include "dispatchers.h"

#include <stdlib.h>
#include <string.h>

/* Written by dispatchers.py: defines DISPATCHERS(X), X(name) for each, whose function is dispatch_name. */
#include "listed.h"

#define DECLARATION(name) dispatch_function dispatch_##name;
DISPATCHERS(DECLARATION)

#define ROW(name) { #name, dispatch_##name },
static const struct dispatcher dispatchers[] = { DISPATCHERS(ROW) { NULL, NULL } };

const struct dispatcher *dispatcher_called(const char *name)
{
	const struct dispatcher *one;

	for (one = dispatchers; one->name; one++)
		if (!strcmp(one->name, name))
			return one;
	return NULL;
}

/* Rust's core library asks for it by name, to unwind the stack; where a panic aborts, nobody calls it. */
void rust_eh_personality(void);
void rust_eh_personality(void)
{
	abort();
}
