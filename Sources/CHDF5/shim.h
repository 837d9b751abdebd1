// What Swift cannot see of libhdf5: macros that expand to run-time values.
#ifndef UNIVERSALITY_CHDF5_SHIM_H
#define UNIVERSALITY_CHDF5_SHIM_H

#include <hdf5.h>
#include <hdf5_hl.h>

#endif
