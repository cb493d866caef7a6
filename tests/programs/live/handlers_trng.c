/*
 * A generator whose bytes are recognised: 64-bit words that count up, each used once, with TAG in their upper halves.
 */
#include "handlers.h"

#include <string.h>

#define TAG 0x534d434343000000ULL
enum { WORD_BITS = 64, BYTE_BITS = 8 };

int64_t trng_get_uuid(void *vcpu, uint64_t *out_uuid_4_7, uint64_t *out_uuid_8_11, uint64_t *out_uuid_12_15)
{
	(void)vcpu;
	*out_uuid_4_7 = 0x41114222;
	*out_uuid_8_11 = 0x83338444;
	*out_uuid_12_15 = 0x85558666;
	return 0x87778888;
}

int64_t trng_rnd(void *vcpu, uint64_t n, uint8_t *entropy)
{
	uint64_t bit, word, bits;

	(void)vcpu;
	for (bit = 0; bit < n; bit += WORD_BITS) {
		word = TAG + handled.words++;
		bits = n - bit < WORD_BITS ? n - bit : WORD_BITS;
		memcpy(entropy + bit / BYTE_BITS, &word, (bits + BYTE_BITS - 1) / BYTE_BITS);
	}
	return 0;
}
