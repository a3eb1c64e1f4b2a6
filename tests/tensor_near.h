/* Comparison of floating-point numbers in tests (cmocka 1.1.5 has it for float alone). Include after
 * cmocka.h. */
#ifndef TENSOR_NEAR_H
#define TENSOR_NEAR_H

#include <math.h>

/* |value - wanted| <= error; a NaN is near nothing. */
#define assert_near(value, wanted, error) assert_true(fabs((value) - (wanted)) <= (error))

#endif
