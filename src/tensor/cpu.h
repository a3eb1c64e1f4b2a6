/* What the CPU can do, whatever the environment asks for. */
#ifndef TENSOR_CPU_H
#define TENSOR_CPU_H

#include "netrun/tensor.h"

/* The best instruction set that both this program and this CPU have. */
enum isa isa_of_cpu(void);

#endif
