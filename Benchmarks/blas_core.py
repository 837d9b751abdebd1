"""Which kernels the BLAS of this process chose."""

import ctypes
import re

# NumPy's wheels rename the functions of their copy of OpenBLAS.
NAMES = ("openblas_get_corename", "openblas_get_corename64_", "scipy_openblas_get_corename",
         "scipy_openblas_get_corename64_")


def blas_core():
    """Such as `SkylakeX`, or `unknown` for a BLAS other than OpenBLAS."""
    with open("/proc/self/maps") as file:
        paths = sorted(set(re.findall(r"/\S*(?:blas|lapack)\S*\.so\S*", file.read())))
    for path in paths:
        library = ctypes.CDLL(path)
        for name in NAMES:
            function = getattr(library, name, None)
            if function is not None:
                function.restype = ctypes.c_char_p
                return function().decode()
    return "unknown"
