/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What each fuzz-NAME.c gives: one call an input, which aborts when a promise is broken. libFuzzer
 * calls it with inputs that it finds; mutate.c, in the ordinary tests, with seeds that it damages
 * in the same ways every time. */

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
