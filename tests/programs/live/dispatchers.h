/*
 * Generated dispatchers by name, each with handlers whose results tell which of them was called with what.
 *
 * A dispatcher gets X0 to X17 and leaves X0 to X3. It returns a number made of the handler that it called and of what it
 * told that, 0 where it called none.
 */
#ifndef DISPATCHERS_H
#define DISPATCHERS_H

#include <stdint.h>

typedef uint64_t dispatch_function(const uint64_t *x, uint64_t *results);

struct dispatcher {
	const char *name;
	dispatch_function *dispatch;
};

/* Returns NULL where there is none. */
const struct dispatcher *dispatcher_called(const char *name);

#endif
